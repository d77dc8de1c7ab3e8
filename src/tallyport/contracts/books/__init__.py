"""The books (账簿): double entry for every member; every event that moves value posts here."""

from __future__ import annotations

from tallyport.contracts.books import commit, deposit, hold, post, void, withdraw
from tallyport.contracts.books.model import Account, BankReference, Circulation, Hold
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="books",
    commands={
        deposit.Deposit: deposit.decide,
        withdraw.Withdraw: withdraw.decide,
        hold.PlaceHold: hold.decide,
        commit.CommitHold: commit.decide,
        void.VoidHold: void.decide,
    },
    events={
        post.Posted: post.evolve,
        deposit.BankReferenceUsed: deposit.evolve,
        hold.CashHeld: hold.evolve,
        hold.HoldExpired: hold.evolve_expired,
        commit.HoldCommitted: commit.evolve,
        void.HoldVoided: void.evolve,
    },
    rows=(Account, BankReference, Circulation, Hold),
    timers={hold.EXPIRE: hold.expire},
)
