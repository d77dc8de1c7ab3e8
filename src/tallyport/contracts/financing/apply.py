"""Apply for a financing (融资申请): to sell a certificate, or to borrow against assets.

The applicant says the highest rate that it accepts; nobody can force another on it (CN-SCF-9).

FIN-APPLY-1  fresh   an id is used once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

from tallyport.contracts.financing.model import Financing, Kind, Stage
from tallyport.contracts.limit.model import Limit
from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.pledge.model import AssetId, is_asset, is_of, likeness
from tallyport.contracts.pledge.model import Kind as Asset
from tallyport.contracts.receivable.model import Certificate
from tallyport.contracts.receivable.model import Stage as CertificateStage
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, FinancingId, LimitId, MemberId
from tallyport.kernel.money import Money

RATE_BP_MAX = 3_600  # 36 % a year: above it Chinese courts never enforced interest at all.
LOAN_FOR_MAX = timedelta(days=5 * 366)  # Trade finance is short; more is another product.
ASSETS_MAX = 100  # Each pledge is an event of the disbursement's entry.


@unique
class Refusal(StrEnum):
    """Why an application is refused, in the order of the checks."""

    ID_TAKEN = "financing_id_must_be_new"
    NO_FUNDER = "funder_must_be_another_active_funder"
    WRONG_RATE = "rate_must_be_between_zero_and_maximum"
    NO_CERTIFICATE = "certificate_not_found"
    NOT_HOLDER = "actor_must_hold_the_open_certificate"
    DUE_ALREADY = "due_must_lie_after_today"
    EMPTY_PRINCIPAL = "principal_must_be_positive"
    TOO_LONG = "term_exceeds_maximum"
    NO_ASSETS = "assets_must_be_between_one_and_maximum"
    WRONG_ASSETS = "assets_must_be_distinct_well_named_and_not_certificates"
    NO_LIMIT = "limit_not_found"
    WRONG_LIMIT = "limit_must_be_granted_by_the_funder_to_the_actor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForDiscount:
    """Command: the actor wants to sell its certificate to `funder`, whole (split it first)."""

    financing_id: FinancingId
    funder: MemberId
    certificate_id: CertificateId
    rate_bp_max: int
    day_count: DayCount


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForLoan:
    """Command: the actor wants to borrow `principal` of `funder` until `due`."""

    financing_id: FinancingId
    funder: MemberId
    assets: tuple[AssetId, ...]
    limit_id: LimitId
    principal: Money
    due: date
    rate_bp_max: int
    day_count: DayCount


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingApplied:
    """Event: the funder is asked."""

    financing: Financing


def decide_discount(book: Book, command: ApplyForDiscount, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    _ask(book, command, context)
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NO_CERTIFICATE)
    is_open = certificate.stage is CertificateStage.OPEN
    require(is_open and certificate.holder == context.actor, Refusal.NOT_HOLDER)
    require(context.today < certificate.terms.due, Refusal.DUE_ALREADY)

    # From here on it succeeds.
    asked = _asked(
        command,
        context.actor,
        assets=(certificate.asset,),
        principal=certificate.face,
        due=certificate.terms.due,
        certificate_id=certificate.id,
        limit_id=None,
    )
    return (FinancingApplied(financing=asked),)


def decide_loan(book: Book, command: ApplyForLoan, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    assets = command.assets
    _ask(book, command, context)
    require(context.today < command.due, Refusal.DUE_ALREADY)
    require(command.principal.minor > 0, Refusal.EMPTY_PRINCIPAL)
    require(command.due - context.today <= LOAN_FOR_MAX, Refusal.TOO_LONG)
    require(1 <= len(assets) <= ASSETS_MAX, Refusal.NO_ASSETS)
    named = all(is_asset(asset) and not is_of(asset, Asset.CERTIFICATE) for asset in assets)
    distinct = len({*map(likeness, assets)}) == len(assets)
    require(named and distinct, Refusal.WRONG_ASSETS)
    limit = found(book.get(Limit, command.limit_id), Refusal.NO_LIMIT)
    parties = (limit.grantor, limit.subject)
    require(parties == (command.funder, context.actor), Refusal.WRONG_LIMIT)

    # From here on it succeeds.
    asked = _asked(
        command,
        context.actor,
        assets=assets,
        principal=command.principal,
        due=command.due,
        certificate_id=None,
        limit_id=limit.id,
    )
    return (FinancingApplied(financing=asked),)


def _ask(book: Book, command: ApplyForDiscount | ApplyForLoan, context: Context) -> None:
    """Refuse what is wrong with an application of either kind."""
    is_another = command.funder != context.actor
    require(book.get(Financing, command.financing_id) is None, Refusal.ID_TAKEN)
    require(is_another and has_role(book, command.funder, Role.FUNDER), Refusal.NO_FUNDER)
    require(0 <= command.rate_bp_max <= RATE_BP_MAX, Refusal.WRONG_RATE)


def _asked(
    command: ApplyForDiscount | ApplyForLoan,
    applicant: MemberId,
    *,
    assets: tuple[AssetId, ...],
    principal: Money,
    due: date,
    certificate_id: CertificateId | None,
    limit_id: LimitId | None,
) -> Financing:
    """Return the financing as it is asked for."""
    return Financing(
        id=command.financing_id,
        kind=Kind.LOAN if certificate_id is None else Kind.DISCOUNT,
        applicant=applicant,
        funder=command.funder,
        assets=assets,
        certificate_id=certificate_id,
        limit_id=limit_id,
        principal=principal,
        rate_bp=command.rate_bp_max,
        penalty_bp=0,
        day_count=command.day_count,
        due=due,
        stage=Stage.APPLIED,
        evidence=None,
        reason=None,
        start=None,
        discount_minor=0,
        outstanding_minor=0,
        accrued_to=None,
        interest_minor=0,
        penalty_minor=0,
    )


def evolve(book: Book, event: FinancingApplied) -> Changes:
    """Return the application."""
    fresh = book.get(Financing, event.financing.id) is None
    invariant(fresh and event.financing.stage is Stage.APPLIED, "FIN-APPLY-1")
    return (event.financing,)
