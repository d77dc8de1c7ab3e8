"""The nouns of financing (融资): a discount of a certificate, or a loan against pledged assets.

    discount   the certificate moves to the funder for its face less the discount; its debtor pays,
               and the applicant is never asked again (no recourse, CN-SCF-11)
    loan       the applicant owes principal and interest, within a limit, and pledges assets

    APPLIED ─▶ APPROVED ─▶ DISBURSED ─▶ REPAID
       │           │           └─▶ OVERDUE ─▶ DEFAULTED     each of them can still be REPAID
       ├─▶ REJECTED└─▶ WITHDRAWN (also from APPLIED)

FIN-1  stages   an event meets a financing in a stage that it may change
FIN-2  claim    a discount has its certificate, a loan its limit
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.receivable.model import Certificate
from tallyport.kernel.contract import Book
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import (
    AttestationId,
    CertificateId,
    FinancingId,
    LimitId,
    MemberId,
    OccupationId,
)
from tallyport.kernel.money import Money


@unique
class Kind(StrEnum):
    """What the funder does."""

    DISCOUNT = "discount"  # 贴现
    LOAN = "loan"  # 质押融资


@unique
class Stage(StrEnum):
    """Where a financing stands."""

    APPLIED = "applied"  # 已申请
    APPROVED = "approved"  # 已批准
    REJECTED = "rejected"  # 已拒绝
    WITHDRAWN = "withdrawn"  # 已撤回
    DISBURSED = "disbursed"  # 已放款
    OVERDUE = "overdue"  # 已逾期
    DEFAULTED = "defaulted"  # 已违约: more than the days of grace overdue
    REPAID = "repaid"  # 已结清


RUNNING = (Stage.DISBURSED, Stage.OVERDUE, Stage.DEFAULTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Financing:
    """Row: what `funder` does for `applicant`, and how far it is paid back."""

    TABLE: ClassVar[str] = "financing"

    id: FinancingId
    kind: Kind
    applicant: MemberId
    funder: MemberId
    assets: tuple[AssetId, ...]  # Pledged while it runs; of a discount, the certificate.
    certificate_id: CertificateId | None  # Of a discount.
    limit_id: LimitId | None  # Of a loan.
    principal: Money  # Of a discount, the face.
    rate_bp: int  # A year. Until it is approved: the most that the applicant accepts.
    penalty_bp: int  # A year, on overdue principal, in place of the rate.
    day_count: DayCount
    due: date
    stage: Stage
    evidence: AttestationId | None  # Reviewed by the funder when it approved (CN-SCF-8).
    reason: str | None  # Why a long term is reasonable (CN-SCF-1), or why it was rejected.
    start: date | None  # The business date of the disbursement.
    discount_minor: int
    outstanding_minor: int  # Principal that has not come back.
    accrued_to: date | None  # Interest and penalty below are counted to this day.
    interest_minor: int  # Accrued by then and not paid.
    penalty_minor: int  # Likewise.

    @property
    def key(self) -> str:
        """The financing's id."""
        return self.id

    @property
    def secured(self) -> SecuredId:
        """What its pledges say they secure."""
        return SecuredId(self.id)

    @property
    def occupation_id(self) -> OccupationId:
        """What a loan occupies of its limit is called like the loan."""
        return OccupationId(self.id)


def standing(book: Book, financing_id: FinancingId, *stages: Stage) -> Financing:
    """Return a financing that must be there, in one of `stages`."""
    financing = book.get(Financing, financing_id)
    if financing is None or financing.stage not in stages:
        raise InvariantError("FIN-1")
    return financing


def limit_of(financing: Financing) -> LimitId:
    """Return the limit of a loan."""
    if financing.limit_id is None:
        raise InvariantError("FIN-2")
    return financing.limit_id


def certificate_of(book: Book, financing: Financing) -> Certificate:
    """Return the certificate of a discount."""
    certificate = book.get(Certificate, financing.certificate_id or "")
    if certificate is None:
        raise InvariantError("FIN-2")
    return certificate
