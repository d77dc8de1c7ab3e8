"""Restore a limit (额度恢复): what was frozen goes on as before."""

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
    """Why a limit is not restored, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    CLEARED = "limit_must_not_be_cleared"
    NOT_FROZEN = "limit_must_be_frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Command: the limit may be occupied again."""

    limit_id: LimitId


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRestored:
    """Event: the limit is no longer stopped."""

    limit_id: LimitId


def decide(book: Book, command: Restore, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    require(limit.stage is not Stage.CLEARED, Refusal.CLEARED)
    require(limit.is_frozen, Refusal.NOT_FROZEN)

    # From here on it succeeds.
    return (LimitRestored(limit_id=limit.id),)


def evolve(book: Book, event: LimitRestored) -> Changes:
    """Return the limit, not frozen."""
    limit = stored(book, event.limit_id, Stage.GRANTED, Stage.EFFECTIVE)
    return (changed(limit, is_frozen=False),)
