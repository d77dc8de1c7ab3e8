"""Approve a financing (审批): the funder has reviewed the evidence and names its price.

The evidence of the trade is attested on the ledger, and not by the applicant itself (CN-SCF-8).
When a certificate runs longer than the law's usual term, the funder records why that is reasonable
(CN-SCF-1). A penalty rate is at most half as much again as the rate (银发〔2003〕251号).

FIN-APPROVE-1  reviewed   evidence exists, of another than the applicant
FIN-APPROVE-2  accepted   the rate is at most what the applicant accepts, the penalty bounded
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.attestation.model import Attestation
from tallyport.contracts.financing.model import Financing, Kind, Stage, standing
from tallyport.contracts.law import TERM, parameter
from tallyport.contracts.receivable.term import months_after
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import AttestationId, FinancingId


@unique
class Refusal(StrEnum):
    """Why an approval is refused, in the order of the checks."""

    NOT_FOUND = "financing_not_found"
    NOT_FUNDER = "actor_must_be_the_funder"
    NOT_APPLIED = "financing_must_wait_for_approval"
    NO_EVIDENCE = "evidence_must_be_attested_by_another_than_the_applicant"
    WRONG_RATE = "rate_must_not_exceed_what_the_applicant_accepts"
    WRONG_PENALTY = "penalty_rate_must_not_exceed_one_and_a_half_times_the_rate"
    NO_REASON = "long_term_needs_a_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Command: the actor will pay out at these rates, having reviewed `evidence`."""

    financing_id: FinancingId
    rate_bp: int
    penalty_bp: int
    evidence: AttestationId
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingApproved:
    """Event: the funder is ready to pay out."""

    financing_id: FinancingId
    rate_bp: int
    penalty_bp: int
    evidence: AttestationId
    reason: str | None
    rule_version: str  # Of the rule on terms.


def decide(book: Book, command: Approve, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    months, version = parameter(book, TERM, "months_without_reason_max", context.today)
    is_usual = financing.kind is Kind.LOAN or financing.due <= months_after(context.today, months)
    has_reason = bool((command.reason or "").strip())
    require(financing.funder == context.actor, Refusal.NOT_FUNDER)
    require(financing.stage is Stage.APPLIED, Refusal.NOT_APPLIED)
    require(_is_reviewed(book, financing, command.evidence), Refusal.NO_EVIDENCE)
    require(0 <= command.rate_bp <= financing.rate_bp, Refusal.WRONG_RATE)
    require(_is_bounded(command.penalty_bp, command.rate_bp), Refusal.WRONG_PENALTY)
    require(is_usual or has_reason, Refusal.NO_REASON)

    # From here on it succeeds.
    approved = FinancingApproved(
        financing_id=financing.id,
        rate_bp=command.rate_bp,
        penalty_bp=command.penalty_bp,
        evidence=command.evidence,
        reason=command.reason,
        rule_version=version,
    )
    return (approved,)


def _is_reviewed(book: Book, financing: Financing, evidence: AttestationId) -> bool:
    attestation = book.get(Attestation, evidence)
    return attestation is not None and attestation.attester != financing.applicant


def _is_bounded(penalty_bp: int, rate_bp: int) -> bool:
    return 0 <= 2 * penalty_bp <= 3 * rate_bp


def evolve(book: Book, event: FinancingApproved) -> Changes:
    """Return the financing, approved."""
    financing = standing(book, event.financing_id, Stage.APPLIED)
    is_accepted = 0 <= event.rate_bp <= financing.rate_bp
    invariant(_is_reviewed(book, financing, event.evidence), "FIN-APPROVE-1")
    invariant(is_accepted and _is_bounded(event.penalty_bp, event.rate_bp), "FIN-APPROVE-2")
    approved = replace(
        financing,
        stage=Stage.APPROVED,
        rate_bp=event.rate_bp,
        penalty_bp=event.penalty_bp,
        evidence=event.evidence,
        reason=event.reason,
    )
    return (approved,)
