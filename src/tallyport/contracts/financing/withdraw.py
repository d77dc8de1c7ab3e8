"""Withdraw an application (撤回): the applicant no longer wants it, as long as nothing is paid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.financing.model import Financing, Stage, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import FinancingId

_EARLY = (Stage.APPLIED, Stage.APPROVED)


@unique
class Refusal(StrEnum):
    """Why a withdrawal is refused, in the order of the checks."""

    NOT_FOUND = "financing_not_found"
    NOT_APPLICANT = "actor_must_be_the_applicant"
    TOO_LATE = "financing_must_not_be_paid_out_or_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    """Command: the actor takes its application back."""

    financing_id: FinancingId


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn:
    """Event: the application has ended."""

    financing_id: FinancingId


def decide(book: Book, command: WithdrawApplication, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    require(financing.applicant == context.actor, Refusal.NOT_APPLICANT)
    require(financing.stage in _EARLY, Refusal.TOO_LATE)

    # From here on it succeeds.
    return (ApplicationWithdrawn(financing_id=financing.id),)


def evolve(book: Book, event: ApplicationWithdrawn) -> Changes:
    """Return the financing, withdrawn."""
    financing = standing(book, event.financing_id, *_EARLY)
    return (replace(financing, stage=Stage.WITHDRAWN),)
