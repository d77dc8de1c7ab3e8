"""Bring a limit into effect (额度生效): the grantor's second word, after its own approval."""

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
    """Why a limit does not take effect, in the order of the checks."""

    NOT_FOUND = "limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor"
    NOT_GRANTED = "limit_must_be_granted_and_not_yet_effective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Command: the limit may be occupied, within its dates."""

    limit_id: LimitId


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitEffected:
    """Event: the limit took effect."""

    limit_id: LimitId


def decide(book: Book, command: Effect, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    limit = found(book.get(Limit, command.limit_id), Refusal.NOT_FOUND)
    require(limit.grantor == context.actor, Refusal.NOT_GRANTOR)
    require(limit.stage is Stage.GRANTED, Refusal.NOT_GRANTED)

    # From here on it succeeds.
    return (LimitEffected(limit_id=limit.id),)


def evolve(book: Book, event: LimitEffected) -> Changes:
    """Return the limit, effective."""
    return (changed(stored(book, event.limit_id, Stage.GRANTED), stage=Stage.EFFECTIVE),)
