"""Clear a limit (额度清零): nothing more can be occupied, for good.

What is occupied stays so until the debts behind it end: clearing a limit pays nobody.
"""

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
    """Why a limit is not cleared, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    CLEARED_ALREADY = "limit_must_not_be_cleared_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Command: end the limit; `note` says why."""

    limit_id: LimitId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCleared:
    """Event: the limit has ended."""

    limit_id: LimitId
    note: str


def decide(book: Book, command: Clear, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    require(limit.stage is not Stage.CLEARED, Refusal.CLEARED_ALREADY)

    # From here on it succeeds.
    return (LimitCleared(limit_id=limit.id, note=command.note),)


def evolve(book: Book, event: LimitCleared) -> Changes:
    """Return the limit, cleared."""
    limit = stored(book, event.limit_id, Stage.GRANTED, Stage.EFFECTIVE)
    return (changed(limit, stage=Stage.CLEARED),)
