"""The books (账簿): double entry for every member; every event that moves value posts here."""

from __future__ import annotations

from tallyport.contracts.books import deposit, post, withdraw
from tallyport.contracts.books.model import Account, BankReference
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="books",
    commands={
        deposit.Deposit: deposit.decide,
        withdraw.Withdraw: withdraw.decide,
    },
    events={
        post.Posted: post.evolve,
        deposit.BankReferenceUsed: deposit.evolve,
    },
    rows=(Account, BankReference),
)
