"""Commit a hold (确认支付): the second step. The payee gets all or part; the rest is free.

BOOKS-COMMIT-1  bound   what is paid is positive and not more than was held, in the hold's currency
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.hold import ended, is_payee
from tallyport.contracts.books.model import Hold, HoldStage
from tallyport.contracts.books.post import Posted, is_possible, payment
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import HoldId, MemberId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why a commitment is refused, in the order of the checks."""

    NOT_FOUND = "hold_not_found"
    NOT_OPEN = "hold_must_be_open"
    NOT_ENTITLED = "actor_must_be_owner_or_payee"
    WRONG_PAYEE = "payee_must_be_the_promised_one_and_active"
    TOO_LATE = "hold_must_not_be_past_its_time"
    EMPTY_AMOUNT = "amount_must_be_positive"
    TOO_MUCH = "amount_exceeds_hold"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitHold:
    """Command: pay `amount` of what is held to `payee`."""

    hold_id: HoldId
    payee: MemberId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCommitted:
    """Event: the hold has ended and `amount` of it goes to `payee`."""

    hold_id: HoldId
    payee: MemberId
    amount: Money


def decide(book: Book, command: CommitHold, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    hold = found(book.get(Hold, command.hold_id), Refusal.NOT_FOUND)
    payee, amount = command.payee, command.amount
    lines = payment(hold.owner, payee, amount)
    posted = Posted(purpose="hold", about=hold.id, currency=amount.currency, lines=lines)
    require(hold.stage is HoldStage.OPEN, Refusal.NOT_OPEN)
    require(context.actor in (hold.owner, hold.payee), Refusal.NOT_ENTITLED)
    promised = payee == (hold.payee or payee)
    require(promised and is_payee(book, payee, hold.owner), Refusal.WRONG_PAYEE)
    require(context.at < hold.expires, Refusal.TOO_LATE)
    require(amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(_is_within(amount, hold.amount), Refusal.TOO_MUCH)
    require(is_possible(book, posted), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    return (HoldCommitted(hold_id=hold.id, payee=payee, amount=amount), posted)


def _is_within(amount: Money, held: Money) -> bool:
    return amount.currency == held.currency and amount.minor <= held.minor


def evolve(book: Book, event: HoldCommitted) -> Changes:
    """Return the hold, ended, and its cash, free; the posting that follows moves it."""
    hold = book.get(Hold, event.hold_id)
    known = hold is not None and _is_within(event.amount, hold.amount)
    invariant(known and event.amount.minor > 0, "BOOKS-COMMIT-1")
    return ended(book, event.hold_id, HoldStage.COMMITTED)
