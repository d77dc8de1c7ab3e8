"""Release a limit (额度释放): a debt, or part of it, is gone; its place is free again.

What a certificate or a financing occupies, only that contract releases. A frozen or cleared limit
takes back what comes back; whether it is lent again is another question.

LIM-RELEASE-1  bounded  what is released is positive and no more than is open
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.limit.model import Limit, Occupation, moved, occupation_key
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import InvariantError, found, invariant, require
from tallyport.kernel.ids import LimitId, OccupationId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a release is refused, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    NO_OCCUPATION = "occupation_not_found"
    WRONG_CURRENCY = "currency_must_be_that_of_the_limit"
    EMPTY_AMOUNT = "released_amount_must_be_positive"
    TOO_MUCH = "released_amount_must_not_exceed_what_is_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Command: `amount` of the credit used outside this ledger is no longer used."""

    limit_id: LimitId
    occupation_id: OccupationId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReleased:
    """Event: `amount` is free again, on the limit and on every limit above it.

    Contracts return it when a debt that they made ends.
    """

    limit_id: LimitId
    purpose: Purpose
    occupation_id: OccupationId
    amount: Money


def decide(book: Book, command: Release, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    place = occupation_key(limit.id, Purpose.OUTSIDE, command.occupation_id)
    occupation = found(book.get(Occupation, place), Refusal.NO_OCCUPATION)
    require(command.amount.currency == occupation.amount.currency, Refusal.WRONG_CURRENCY)
    require(command.amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(command.amount.minor <= occupation.open_minor, Refusal.TOO_MUCH)

    # From here on it succeeds.
    released = LimitReleased(
        limit_id=limit.id,
        purpose=Purpose.OUTSIDE,
        occupation_id=occupation.id,
        amount=command.amount,
    )
    return (released,)


def evolve(book: Book, event: LimitReleased) -> Changes:
    """Return the occupation, and the limit and all above it with that much less used."""
    place = occupation_key(event.limit_id, event.purpose, event.occupation_id)
    occupation = book.get(Occupation, place)
    if occupation is None or event.amount.currency != occupation.amount.currency:
        raise InvariantError("LIM-RELEASE-1")
    invariant(0 < event.amount.minor <= occupation.open_minor, "LIM-RELEASE-1")
    rest = changed(occupation, open_minor=occupation.open_minor - event.amount.minor)
    return (rest, *moved(book, event.limit_id, -event.amount.minor))
