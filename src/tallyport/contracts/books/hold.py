"""Hold cash (预留): the first of two steps of a payment. What is held cannot be spent otherwise.

    cash 100.00, hold 60.00    free 40.00
    commit 50.00               cash 50.00, free 50.00: the 10.00 that were not needed are free again
    or void, or expiry         cash 100.00, free 100.00

A hold ends once, by `commit`, by `void` or by its timer, and what has ended never pays. It counts
in its own currency from the moment it exists, wherever free cash is asked for (`post.can_pay`).

BOOKS-HOLD-1  fresh     an id is used once, whatever the content
BOOKS-HOLD-2  covered   a hold is positive and the cash that is held is there
BOOKS-HOLD-3  once      an open hold ends, one that has ended does not; what it held becomes free
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from tallyport.contracts.books.model import Account, Hold, HoldStage, Kind, account
from tallyport.contracts.books.post import can_pay
from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import InvariantError, invariant, require
from tallyport.kernel.ids import HoldId, MemberId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed

HOLD_FOR_MAX = timedelta(days=366)  # A year, as a certificate: nobody locks cash away for ever.
EXPIRE = "books.expire"


@unique
class Refusal(StrEnum):
    """Why a hold is refused, in the order of the checks."""

    ID_TAKEN = "hold_id_must_be_new"
    EMPTY_AMOUNT = "amount_must_be_positive"
    NO_PAYEE = "payee_must_be_another_active_member"
    WRONG_EXPIRY = "expiry_must_be_in_the_future_and_within_a_year"
    TOO_LITTLE_CASH = "free_cash_must_cover_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """Command: hold `amount` of the actor's cash for `payee`, or for whom it will name later."""

    hold_id: HoldId
    amount: Money
    payee: MemberId | None
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CashHeld:
    """Event: `amount` of `owner`'s cash is promised."""

    hold_id: HoldId
    owner: MemberId
    amount: Money
    payee: MemberId | None
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpired:
    """Event: nobody asked in time; the cash is free again."""

    hold_id: HoldId


def decide(book: Book, command: PlaceHold, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    payee, lasts = command.payee, command.expires - context.at
    require(book.get(Hold, command.hold_id) is None, Refusal.ID_TAKEN)
    require(command.amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(payee is None or is_payee(book, payee, context.actor), Refusal.NO_PAYEE)
    require(timedelta(0) < lasts <= HOLD_FOR_MAX, Refusal.WRONG_EXPIRY)
    require(can_pay(book, context.actor, command.amount), Refusal.TOO_LITTLE_CASH)

    # From here on it succeeds.
    held = CashHeld(
        hold_id=command.hold_id,
        owner=context.actor,
        amount=command.amount,
        payee=payee,
        expires=command.expires,
    )
    return (held,)


def is_payee(book: Book, payee: MemberId, payer: MemberId) -> bool:
    """Return whether `payer` can promise money to `payee`: another one, who takes part."""
    return payee != payer and active(book, payee) is not None


def expire(book: Book, timer: Timer, _context: Context) -> Events:
    """Free what is held, unless the hold has ended before."""
    hold = book.get(Hold, timer.subject)
    if hold is None or hold.stage is not HoldStage.OPEN:
        return ()
    return (HoldExpired(hold_id=hold.id),)


def evolve(book: Book, event: CashHeld) -> Changes:
    """Return the hold, the account that knows of it, and the timer that ends it."""
    invariant(book.get(Hold, event.hold_id) is None, "BOOKS-HOLD-1")
    hold = Hold(
        id=event.hold_id,
        owner=event.owner,
        amount=event.amount,
        payee=event.payee,
        expires=event.expires,
        stage=HoldStage.OPEN,
    )
    cash = _holding(book, hold, hold.amount.minor)
    invariant(hold.amount.minor > 0 and cash.held_minor <= cash.balance_minor, "BOOKS-HOLD-2")
    return (hold, cash, Timer(due=event.expires, name=EXPIRE, subject=event.hold_id))


def evolve_expired(book: Book, event: HoldExpired) -> Changes:
    """Return the hold, expired, and its cash, free."""
    return ended(book, event.hold_id, HoldStage.EXPIRED)


def ended(book: Book, hold_id: HoldId, stage: HoldStage) -> Changes:
    """Return the hold as it has ended and the account with the whole amount free again."""
    hold = book.get(Hold, hold_id)
    if hold is None or hold.stage is not HoldStage.OPEN:
        raise InvariantError("BOOKS-HOLD-3")
    cash = _holding(book, hold, -hold.amount.minor)
    invariant(cash.held_minor >= 0, "BOOKS-HOLD-3")
    return (changed(hold, stage=stage), cash)


def _holding(book: Book, hold: Hold, minor: int) -> Account:
    cash = account(book, hold.owner, Kind.CASH, hold.amount.currency)
    return changed(cash, held_minor=cash.held_minor + minor)
