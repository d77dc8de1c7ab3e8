"""Occupy a limit (额度占用): a debt takes its place on the limit and on every limit above it.

By command the grantor notes credit that is used outside this ledger. Certificates and financings
occupy through `occupied`, in the same entry as the debt itself.

LIM-OCCUPY-1  fresh   an occupation's id is used once for its limit and purpose, and it is positive
LIM-OCCUPY-2  usable  every limit of the chain is effective and not frozen when it is occupied
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.contracts.limit.model import (
    Limit,
    Occupation,
    Stage,
    chain,
    is_usable,
    moved,
    occupation_key,
    stored,
)
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import LimitId, OccupationId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why a limit is not occupied, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    ID_TAKEN = "occupation_id_must_be_new"
    EMPTY_AMOUNT = "occupied_amount_must_be_positive"
    WRONG_CURRENCY = "currency_must_be_that_of_the_limit"
    NOT_USABLE = "limit_must_be_effective_unfrozen_and_within_its_dates"
    NOT_USABLE_ABOVE = "limits_above_must_be_effective_unfrozen_and_within_their_dates"
    TOO_LITTLE_LEFT = "available_limit_must_cover_amount"
    TOO_LITTLE_LEFT_ABOVE = "available_limits_above_must_cover_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupy:
    """Command: `amount` of the limit is used outside this ledger."""

    limit_id: LimitId
    occupation_id: OccupationId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOccupied:
    """Event: `amount` is used, of the limit and of every limit above it."""

    limit_id: LimitId
    purpose: Purpose
    occupation_id: OccupationId
    amount: Money


def decide(book: Book, command: Occupy, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    wish = LimitOccupied(
        limit_id=command.limit_id,
        purpose=Purpose.OUTSIDE,
        occupation_id=command.occupation_id,
        amount=command.amount,
    )
    return (occupied(book, wish, context.today),)


def occupied(book: Book, wish: LimitOccupied, today: date) -> LimitOccupied:
    """Return `wish`, for a contract that makes a debt and has judged who may make it.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, wish.limit_id), Refusal.NOT_FOUND)
    _, *above = chain(book, limit)
    taken = book.get(Occupation, occupation_key(limit.id, wish.purpose, wish.occupation_id))
    require(taken is None, Refusal.ID_TAKEN)
    require(wish.amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(wish.amount.currency == limit.amount.currency, Refusal.WRONG_CURRENCY)
    require(is_usable(limit, today), Refusal.NOT_USABLE)
    require(all(is_usable(one, today) for one in above), Refusal.NOT_USABLE_ABOVE)
    require(_has_room(limit, wish.amount), Refusal.TOO_LITTLE_LEFT)
    require(all(_has_room(one, wish.amount) for one in above), Refusal.TOO_LITTLE_LEFT_ABOVE)

    # From here on it succeeds.
    return wish


def _has_room(limit: Limit, amount: Money) -> bool:
    # Plain integers, because a hostile sum may exceed what Money can hold.
    return limit.used_minor + amount.minor <= limit.amount.minor


def evolve(book: Book, event: LimitOccupied) -> Changes:
    """Return the occupation, and the limit and all above it with that much more used."""
    limit = stored(book, event.limit_id)
    occupation = Occupation(
        limit_id=limit.id,
        purpose=event.purpose,
        id=event.occupation_id,
        amount=event.amount,
        open_minor=event.amount.minor,
    )
    fresh = book.get(Occupation, occupation.key) is None
    invariant(fresh and event.amount.minor > 0, "LIM-OCCUPY-1")
    invariant(event.amount.currency == limit.amount.currency, "LIM-OCCUPY-1")
    for one in chain(book, limit):
        invariant(one.stage is Stage.EFFECTIVE and not one.is_frozen, "LIM-OCCUPY-2")
    return (occupation, *moved(book, limit.id, event.amount.minor))
