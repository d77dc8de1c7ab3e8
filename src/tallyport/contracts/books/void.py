"""Void a hold (撤销预留): whoever has the right to the money gives it up.

That is the payee when one is named: a promise that its giver can take back is none. Without a named
payee it is the owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.hold import ended
from tallyport.contracts.books.model import Hold, HoldStage
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import HoldId


@unique
class Refusal(StrEnum):
    """Why a hold is not voided, in the order of the checks."""

    NOT_FOUND = "hold_not_found"
    NOT_OPEN = "hold_must_be_open"
    NOT_ENTITLED = "actor_must_have_the_right_to_the_money"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidHold:
    """Command: nothing will be paid out of this hold."""

    hold_id: HoldId


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldVoided:
    """Event: the hold has ended; the cash is free again."""

    hold_id: HoldId


def decide(book: Book, command: VoidHold, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    hold = found(book.get(Hold, command.hold_id), Refusal.NOT_FOUND)
    require(hold.stage is HoldStage.OPEN, Refusal.NOT_OPEN)
    require(context.actor == (hold.payee or hold.owner), Refusal.NOT_ENTITLED)

    # From here on it succeeds.
    return (HoldVoided(hold_id=hold.id),)


def evolve(book: Book, event: HoldVoided) -> Changes:
    """Return the hold, voided, and its cash, free."""
    return ended(book, event.hold_id, HoldStage.VOIDED)
