"""Money leaves once, by the bank's word, and never more than is free.

Goal: what the bank paid out is off the books, in the currency it was paid in.
Method: a town; a worked example; every refusal.
"""

from __future__ import annotations

import pytest

from support.judging import carry
from support.town import ALI, BANK, FUND, Town, cny
from tallyport.contracts.books.model import Circulation, Kind, balance
from tallyport.contracts.books.post import Posted, exchange
from tallyport.contracts.books.withdraw import Refusal, Withdraw, decide
from tallyport.kernel.contract import Context
from tallyport.kernel.guard import Refused
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money

REFERENCE = BankReferenceId("T9")
FINE = Withdraw(owner=ALI, amount=cny(30), reference=REFERENCE)
ATTEMPTS = [  # In the order of the checks.
    (Refusal.NOT_A_BANK, FUND, FINE),
    (Refusal.EMPTY_AMOUNT, BANK, Withdraw(owner=ALI, amount=cny(0), reference=REFERENCE)),
    (
        Refusal.REFERENCE_USED,
        BANK,
        Withdraw(owner=ALI, amount=cny(30), reference=BankReferenceId("in-1")),
    ),
    (Refusal.TOO_LITTLE_CASH, BANK, Withdraw(owner=ALI, amount=cny(51), reference=REFERENCE)),
    (
        Refusal.TOO_LITTLE_CASH,
        BANK,
        Withdraw(owner=ALI, amount=Money(1, "USD"), reference=REFERENCE),
    ),
]


@pytest.fixture
def town() -> Town:
    """A town in which Ali has 50.00."""
    town = Town()
    town.pay_in(ALI, cny(50))
    return town


def test_money_leaves_once(town: Town) -> None:
    """The reference is the bank's, for what comes and for what goes."""
    assert town.do(BANK, FINE) is None
    assert town.cash(ALI) == 2_000
    assert balance(town.state, ALI, Kind.BANK, "CNY") == -2_000
    assert town.row(Circulation, "CNY").minor == 2_000
    assert town.do(BANK, FINE) == "books.bank_reference_must_be_new"
    assert town.is_balanced()


@pytest.mark.parametrize(("reason", "actor", "command"), ATTEMPTS)
def test_it_refuses(town: Town, reason: Refusal, actor: MemberId, command: Withdraw) -> None:
    """One line of ATTEMPTS: this actor and command are refused for this reason."""
    context = Context(actor=actor, at=town.at, today=town.at.date(), sequence=9)

    with pytest.raises(Refused) as refused:
        decide(town.state, command, context)

    assert refused.value.reason is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    tried = [*dict.fromkeys(reason for reason, *_ in ATTEMPTS), Refusal.BOOKS_FULL]
    assert tried == list(Refusal)  # The last needs a town of its own, below.


def test_an_account_that_is_full_takes_no_more(town: Town) -> None:
    """Money can come in by a loan and go out by the bank again and again: refused, not broken."""
    for minor, other in ((MINOR_MAX, Kind.TRADE), (5_000, Kind.TRADE_RECEIVABLE)):
        lines = exchange(ALI, Kind.BANK, other, Money(minor, "CNY"))
        carry(town, Posted(purpose="test", about="test", currency="CNY", lines=lines))
    assert town.do(BANK, FINE) == "books.balance_exceeds_maximum"
