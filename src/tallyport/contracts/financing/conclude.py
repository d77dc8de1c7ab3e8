"""Conclude a discount (贴现结清): the certificate is paid to the funder, the discount earned.

Anybody may ask, because the certificate itself says so; if nobody does, it happens by itself on the
day after the due date (`overdue`). A certificate is also paid when a guarantor paid for it.

    funder    unearned_interest +846 725.00    interest_income -846 725.00    pledge released

FIN-CONCLUDE-1  paid   a discount is earned when its certificate has been paid to the funder
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.books.post import is_possible
from tallyport.contracts.financing import posting
from tallyport.contracts.financing.model import (
    RUNNING,
    Financing,
    Kind,
    Stage,
    certificate_of,
    standing,
)
from tallyport.contracts.financing.repay import released
from tallyport.contracts.receivable.model import Stage as CertificateStage
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import FinancingId


@unique
class Refusal(StrEnum):
    """Why a discount is not concluded, in the order of the checks."""

    NOT_FOUND = "financing_not_found"
    NOT_A_DISCOUNT = "financing_must_be_a_discount"
    NOT_RUNNING = "financing_must_be_paid_out_and_not_repaid"
    NOT_PAID = "certificate_must_be_paid_to_the_funder"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclude:
    """Command: the certificate of this discount is paid."""

    financing_id: FinancingId


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingConcluded:
    """Event: the funder has its money, and has earned the discount."""

    financing_id: FinancingId


def decide(book: Book, command: Conclude, _context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    require(financing.kind is Kind.DISCOUNT, Refusal.NOT_A_DISCOUNT)
    require(financing.stage in RUNNING, Refusal.NOT_RUNNING)
    require(is_paid(book, financing), Refusal.NOT_PAID)
    require(is_possible(book, posting.earned(financing)), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    return concluded(financing)


def is_paid(book: Book, financing: Financing) -> bool:
    """Return whether the debtor, or a guarantor in its place, has paid the funder."""
    certificate = certificate_of(book, financing)
    is_claimed = certificate.stage is CertificateStage.CLAIMED
    return certificate.stage is CertificateStage.SETTLED or (
        is_claimed and certificate.holder != financing.funder
    )


def concluded(financing: Financing) -> Events:
    """Return the end of a discount whose certificate is paid."""
    ended = FinancingConcluded(financing_id=financing.id)
    return (ended, *released(financing), posting.earned(financing))


def evolve(book: Book, event: FinancingConcluded) -> Changes:
    """Return the discount, repaid."""
    financing = standing(book, event.financing_id, *RUNNING)
    is_discount = financing.kind is Kind.DISCOUNT
    invariant(is_discount and is_paid(book, financing), "FIN-CONCLUDE-1")
    return (replace(financing, stage=Stage.REPAID, outstanding_minor=0),)
