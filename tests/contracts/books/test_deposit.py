"""Money appears once, by the bank's word (BOOKS-DEPOSIT-1, BOOKS-DEPOSIT-2).

Goal: nobody but a settlement bank makes money appear, and no reference does it twice.
Method: a town; every refusal; a forged event.
"""

from __future__ import annotations

import pytest

from support.town import ALI, BANK, FUND, Town, cny
from tallyport.contracts.books.deposit import BankReferenceUsed, Deposit, Refusal, decide, evolve
from tallyport.contracts.books.model import Account
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import InvariantError, Refused
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money
from tallyport.ledger.state import Draft

REFERENCE = BankReferenceId("T1")
FINE = Deposit(owner=ALI, amount=cny(100), reference=REFERENCE)
ATTEMPTS = [  # In the order of the checks.
    (Refusal.NOT_A_BANK, FUND, FINE),
    (
        Refusal.NO_OWNER,
        BANK,
        Deposit(owner=MemberId("nobody"), amount=cny(100), reference=REFERENCE),
    ),
    (Refusal.EMPTY_AMOUNT, BANK, Deposit(owner=ALI, amount=cny(0), reference=REFERENCE)),
    (
        Refusal.REFERENCE_USED,
        BANK,
        Deposit(owner=ALI, amount=cny(100), reference=BankReferenceId("in-1")),
    ),
    (
        Refusal.TOO_MUCH,
        BANK,
        Deposit(owner=ALI, amount=Money(MINOR_MAX, "CNY"), reference=REFERENCE),
    ),
    (  # All the money of a currency together has a bound, not each member's alone.
        Refusal.TOO_MUCH,
        BANK,
        Deposit(owner=FUND, amount=Money(MINOR_MAX, "CNY"), reference=REFERENCE),
    ),
]


@pytest.fixture
def town() -> Town:
    """A town in which Ali has some money already."""
    town = Town()
    town.pay_in(ALI, cny(50))
    return town


def test_money_arrives_once(town: Town) -> None:
    """The same reference with the same words is refused too: the bank asks once."""
    assert town.do(BANK, FINE) is None
    assert town.cash(ALI) == 15_000
    assert town.do(BANK, FINE) == "books.bank_reference_must_be_new"
    assert town.cash(ALI) == 15_000
    assert town.is_balanced()


@pytest.mark.parametrize(("reason", "actor", "command"), ATTEMPTS)
def test_it_refuses(town: Town, reason: Refusal, actor: MemberId, command: Deposit) -> None:
    """One line of ATTEMPTS: this actor and command are refused for this reason."""
    context = Context(actor=actor, at=town.at, today=town.at.date(), sequence=9)

    with pytest.raises(Refused) as refused:
        decide(town.state, command, context)

    assert refused.value.reason is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_a_forged_second_booking_stops_the_replay(town: Town) -> None:
    """BOOKS-DEPOSIT-1 holds on replay, whatever the log says."""
    context = Context(actor=BANK, at=town.at, today=town.at.date(), sequence=9)
    used, _ = decide(town.state, FINE, context)
    assert isinstance(used, BankReferenceUsed)
    draft = Draft(town.state)
    draft.write(evolve(draft, used))

    with pytest.raises(InvariantError, match="BOOKS-DEPOSIT-1"):
        evolve(draft, used)


def test_forged_money_stops_the_replay(town: Town) -> None:
    """BOOKS-DEPOSIT-2: neither more than can be counted nor less than nothing."""
    for minor in (MINOR_MAX, -5_001):
        amount = Money(minor, "CNY")
        event = BankReferenceUsed(bank=BANK, reference=REFERENCE, owner=FUND, amount=amount)
        with pytest.raises(InvariantError, match="BOOKS-DEPOSIT-2"):
            evolve(town.state, event)


def test_accounts_are_rows(town: Town) -> None:
    """What came is cash on one side and the bank on the other."""
    kinds = {a.kind.value: a.balance_minor for a in town.state.scan(Account, f"{ALI}|")}
    assert kinds == {"cash": 5_000, "bank": -5_000}
