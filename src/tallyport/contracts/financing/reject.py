"""Reject an application (拒绝): the funder will not, and says why. Nothing was promised yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.financing.model import Financing, Stage, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import FinancingId


@unique
class Refusal(StrEnum):
    """Why a rejection is refused, in the order of the checks."""

    NOT_FOUND = "financing_not_found"
    NOT_FUNDER = "actor_must_be_the_funder"
    NOT_APPLIED = "financing_must_wait_for_approval"
    NO_REASON = "rejection_needs_a_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Command: the actor will not finance this."""

    financing_id: FinancingId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingRejected:
    """Event: the application has ended."""

    financing_id: FinancingId
    reason: str


def decide(book: Book, command: Reject, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    require(financing.funder == context.actor, Refusal.NOT_FUNDER)
    require(financing.stage is Stage.APPLIED, Refusal.NOT_APPLIED)
    require(bool(command.reason.strip()), Refusal.NO_REASON)

    # From here on it succeeds.
    return (FinancingRejected(financing_id=financing.id, reason=command.reason),)


def evolve(book: Book, event: FinancingRejected) -> Changes:
    """Return the financing, rejected."""
    financing = standing(book, event.financing_id, Stage.APPLIED)
    return (replace(financing, stage=Stage.REJECTED, reason=event.reason),)
