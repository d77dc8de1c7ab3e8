"""Withdraw (出金): the settlement bank confirms that it paid money out to a member."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.deposit import BankReferenceUsed
from tallyport.contracts.books.model import BankReference, Kind
from tallyport.contracts.books.post import Posted, can_pay, exchange, is_possible
from tallyport.contracts.members.model import Role, has_role
from tallyport.kernel.contract import Book, Context, Events
from tallyport.kernel.guard import require
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why a withdrawal is refused, in the order of the checks."""

    NOT_A_BANK = "actor_must_be_a_settlement_bank"
    EMPTY_AMOUNT = "amount_must_be_positive"
    REFERENCE_USED = "bank_reference_must_be_new"
    TOO_LITTLE_CASH = "cash_must_cover_amount"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Command: `amount` was paid out to `owner` under the bank's `reference`."""

    owner: MemberId
    amount: Money
    reference: BankReferenceId


def decide(book: Book, command: Withdraw, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    owner, amount = command.owner, command.amount
    require(has_role(book, context.actor, Role.BANK), Refusal.NOT_A_BANK)
    require(amount.minor > 0, Refusal.EMPTY_AMOUNT)
    used = book.get(BankReference, f"{context.actor}|{command.reference}")
    require(used is None, Refusal.REFERENCE_USED)
    require(can_pay(book, owner, amount), Refusal.TOO_LITTLE_CASH)
    lines = exchange(owner, Kind.BANK, Kind.CASH, amount)
    posted = Posted(
        purpose="withdrawal", about=command.reference, currency=amount.currency, lines=lines
    )
    require(is_possible(book, posted), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    return (
        BankReferenceUsed(
            bank=context.actor, reference=command.reference, owner=owner, amount=-amount
        ),
        posted,
    )
