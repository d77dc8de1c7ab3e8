"""Acts around one export agreement: an order is financed, an escrow pays when facts are attested.

The escrow of agreement XJYO-2024040401 pays 70 % when the vehicles are in Tashkent *and* the
evidence of the agreement is attested, and not before (source 000, section 4.1.2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tallyport.app.attesting import Paper, attest
from tallyport.app.demo.cast import FACTOR, PLATFORM, WAREHOUSE
from tallyport.app.demo.stage import Stage
from tallyport.contracts.attestation.model import Kind, SubjectId
from tallyport.contracts.escrow.model import AgreementId, Condition, Tranche
from tallyport.contracts.escrow.open import OpenEscrow
from tallyport.contracts.escrow.release import ReleaseTranche
from tallyport.contracts.financing.apply import ApplyForLoan
from tallyport.contracts.financing.approve import Approve
from tallyport.contracts.financing.disburse import Disburse
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.members.model import Role
from tallyport.contracts.pledge.model import Kind as Asset
from tallyport.contracts.pledge.model import RegistryNumber, asset_id
from tallyport.contracts.receivable.term import months_after
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.ids import AttestationId, EscrowId, FinancingId, LimitId, MemberId
from tallyport.kernel.money import Money
from tallyport.kernel.ratio import BP_WHOLE, floor

RELEASED_BP = 7_000
ORDER_BP = 6_000  # Of the agreement's price is lent against the order.
RATE_BP = 620
LOAN_DAYS = 90
LOAN = FinancingId("order-loan-1")
ESCROW = EscrowId("escrow-XJYO-2024040401")
FAMOUS = "XJYO-2024040401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the acts need to know of an export agreement."""

    number: str
    seller: MemberId
    buyer: MemberId
    total: Money
    vins: tuple[str, ...]

    @property
    def subject(self) -> SubjectId:
        """Its name in attestations."""
        return SubjectId(f"agreement:{self.number}")


def lend(stage: Stage, agreement: Agreement, evidence: AttestationId, today: date) -> Money:
    """Finance the order: a limit for the exporter, a loan against the agreement; return it."""
    principal = Money(floor(agreement.total.minor * ORDER_BP, BP_WHOLE), agreement.total.currency)
    limit = LimitId(f"{agreement.seller}-order-2025")
    granted = Grant(
        limit_id=limit,
        parent=None,
        subject=agreement.seller,
        amount=agreement.total,
        valid_from=today,
        valid_until=months_after(today, 12),
        product="order",
    )
    asked = ApplyForLoan(
        financing_id=LOAN,
        funder=FACTOR,
        assets=(asset_id(Asset.AGREEMENT, agreement.number),),
        limit_id=limit,
        principal=principal,
        due=today + timedelta(days=LOAN_DAYS),
        rate_bp_max=RATE_BP,
        day_count=DayCount.ACT_360,
    )
    approved = Approve(
        financing_id=LOAN, rate_bp=RATE_BP, penalty_bp=RATE_BP, evidence=evidence, reason=None
    )
    paid_out = Disburse(financing_id=LOAN, registry_number=RegistryNumber("ZDW-2025-0100"))
    stage.pay_in(FACTOR, principal, "FACTOR-ORDER-1")
    stage.send(FACTOR, granted, key="limit:order")
    stage.send(FACTOR, Effect(limit_id=limit), key="limit:order:effect")
    stage.send(agreement.seller, asked, key="order:apply")
    stage.send(FACTOR, approved, key="order:approve")
    stage.send(FACTOR, paid_out, key="order:disburse")
    return principal


def escrow(stage: Stage, agreement: Agreement) -> list[str]:
    """Open the escrow, ask too early, attest one fact, then the other; return what was refused."""
    arrived = Condition(subject=agreement.subject, kind=Kind.ARRIVAL, roles=(Role.WAREHOUSE,))
    proved = Condition(subject=agreement.subject, kind=Kind.DOSSIER, roles=(Role.OPERATOR,))
    taken = Condition(subject=agreement.subject, kind=Kind.DOCUMENT, roles=(Role.BUYER,))
    opened = OpenEscrow(
        escrow_id=ESCROW,
        payee=agreement.seller,
        agreement=AgreementId(agreement.number),
        amount=agreement.total,
        tranches=(
            Tranche(share_bp=RELEASED_BP, conditions=(arrived, proved)),
            Tranche(share_bp=BP_WHOLE - RELEASED_BP, conditions=(taken,)),
        ),
        until=stage.now + timedelta(days=365),
    )
    stage.pay_in(agreement.buyer, agreement.total, "BUYER-ESCROW-1")
    stage.send(agreement.buyer, opened, key="escrow:open")
    release = ReleaseTranche(escrow_id=ESCROW, number=1)
    reasons = [stage.try_in_vain(agreement.seller, release, key="escrow:before-arrival")]
    arrival = {"agreement": agreement.number, "warehouse": "TAS-1", "vins": agreement.vins}
    say(stage, WAREHOUSE, agreement.subject, Kind.ARRIVAL, arrival)
    reasons.append(stage.try_in_vain(agreement.seller, release, key="escrow:before-evidence"))
    return reasons


def prove(stage: Stage, agreement: Agreement, dossiers: Sequence[str]) -> None:
    """Attest the agreement's evidence, its vehicles' dossiers; the escrow pays by itself."""
    dossier = {"agreement": agreement.number, "vins": agreement.vins, "dossiers": list(dossiers)}
    say(stage, PLATFORM, agreement.subject, Kind.DOSSIER, dossier)


def take_over(stage: Stage, agreement: Agreement) -> None:
    """The buyer confirms that it took the vehicles over: the rest is paid."""
    word = {"agreement": agreement.number, "taken_over": agreement.vins}
    say(stage, agreement.buyer, agreement.subject, Kind.DOCUMENT, word)


def say(
    stage: Stage, member: MemberId, subject: SubjectId, kind: Kind, content: Mapping[str, object]
) -> None:
    """Attest a small document and let follow what follows."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    attest(stage.node, member, [Paper(subject=subject, kind=kind, content=text)])
    stage.node.settle()
