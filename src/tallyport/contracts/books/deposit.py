"""Deposit (入金): the settlement bank confirms that money came into a member's account with it.

Nobody else can make money appear; the bank's own reference makes it appear once.

BOOKS-DEPOSIT-1  once      a bank's reference is booked once
BOOKS-DEPOSIT-2  bounded   all the money of a currency lies between 0 and MINOR_MAX; since cash only
                           moves on from here, no member's cash can ever be more than that
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.model import BankReference, Circulation, Kind, circulating
from tallyport.contracts.books.post import Posted, exchange, is_possible
from tallyport.contracts.members.model import Role, active, has_role
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import BankReferenceId, MemberId
from tallyport.kernel.money import MINOR_MAX, Money


@unique
class Refusal(StrEnum):
    """Why a deposit is refused, in the order of the checks."""

    NOT_A_BANK = "actor_must_be_a_settlement_bank"
    NO_OWNER = "owner_must_be_an_active_member"
    EMPTY_AMOUNT = "amount_must_be_positive"
    REFERENCE_USED = "bank_reference_must_be_new"
    TOO_MUCH = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Command: `amount` arrived for `owner` under the bank's `reference`."""

    owner: MemberId
    amount: Money
    reference: BankReferenceId


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReferenceUsed:
    """Event: this reference is booked; `owner`'s money came (or, negative, went)."""

    bank: MemberId
    reference: BankReferenceId
    owner: MemberId
    amount: Money


def decide(book: Book, command: Deposit, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    owner, amount = command.owner, command.amount
    require(has_role(book, context.actor, Role.BANK), Refusal.NOT_A_BANK)
    require(active(book, owner) is not None, Refusal.NO_OWNER)
    require(amount.minor > 0, Refusal.EMPTY_AMOUNT)
    used = book.get(BankReference, f"{context.actor}|{command.reference}")
    require(used is None, Refusal.REFERENCE_USED)
    lines = exchange(owner, Kind.CASH, Kind.BANK, amount)
    posted = Posted(
        purpose="deposit", about=command.reference, currency=amount.currency, lines=lines
    )
    bounded = circulating(book, amount.currency) + amount.minor <= MINOR_MAX
    require(bounded and is_possible(book, posted), Refusal.TOO_MUCH)

    # From here on it succeeds.
    return (
        BankReferenceUsed(
            bank=context.actor, reference=command.reference, owner=owner, amount=amount
        ),
        posted,
    )


def evolve(book: Book, event: BankReferenceUsed) -> Changes:
    """Return the reference's row and how much money there is now."""
    row = BankReference(bank=event.bank, reference=event.reference)
    invariant(book.get(BankReference, row.key) is None, "BOOKS-DEPOSIT-1")
    currency = event.amount.currency
    after = circulating(book, currency) + event.amount.minor
    invariant(0 <= after <= MINOR_MAX, "BOOKS-DEPOSIT-2")
    return (row, Circulation(currency=currency, minor=after))
