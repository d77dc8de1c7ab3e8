"""Freeze a limit (额度冻结): no new debt on it, nor below it, until it is restored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.limit.model import Limit, Stage, stored
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import LimitId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a freeze is refused, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    CLEARED = "limit_must_not_be_cleared"
    FROZEN_ALREADY = "limit_must_not_be_frozen_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Command: stop the limit for a while; `note` says why."""

    limit_id: LimitId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFrozen:
    """Event: the limit is stopped."""

    limit_id: LimitId
    note: str


def decide(book: Book, command: Freeze, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    require(limit.stage is not Stage.CLEARED, Refusal.CLEARED)
    require(not limit.is_frozen, Refusal.FROZEN_ALREADY)

    # From here on it succeeds.
    return (LimitFrozen(limit_id=limit.id, note=command.note),)


def evolve(book: Book, event: LimitFrozen) -> Changes:
    """Return the limit, frozen."""
    limit = stored(book, event.limit_id, Stage.GRANTED, Stage.EFFECTIVE)
    return (changed(limit, is_frozen=True),)
