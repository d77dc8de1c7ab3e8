"""Act: a certificate of 60,000,000 runs through four tiers (数字债权凭证多级流转).

    landport ─▶ A 6 000 ─┬─ holds 192
                         └─ passes 5 808 ─▶ B ─┬─ sells 3 079, holds 1 387
                                               └─ passes 1 342 ─▶ C ─┬─ sells 791, holds 497
                                                                     └─ passes 54 ─▶ D: 26 + 28

Source 001, page 16 (unit 10,000 CNY): sold 3 896 and held 2 104 make 6 000.
"""

from __future__ import annotations

import json
from datetime import date

from tallyport.app.attesting import Paper, attest, stored_as
from tallyport.app.demo.cast import (
    FACTOR,
    LANDPORT,
    PLATFORM,
    SUPPLIER_A,
    SUPPLIER_B,
    SUPPLIER_C,
    SUPPLIER_D,
)
from tallyport.app.demo.stage import Stage
from tallyport.contracts.attestation.model import Kind, SubjectId
from tallyport.contracts.financing.apply import ApplyForDiscount
from tallyport.contracts.financing.approve import Approve
from tallyport.contracts.financing.disburse import Disburse
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.pledge.model import Kind as Asset
from tallyport.contracts.pledge.model import RegistryNumber, asset_id
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.issue import Issue
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.term import months_after
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.daycount import DayCount
from tallyport.kernel.ids import AttestationId, CertificateId, FinancingId, LimitId, MemberId
from tallyport.kernel.money import Money

CERTIFICATE = CertificateId("RC-1")
LIMIT = LimitId("landport-2025")
AGREEMENT = "LG-2025-0001"
EVIDENCE = SubjectId(f"agreement:{AGREEMENT}")
RATE_BP = 550
TEN_THOUSAND_MINOR = 10_000 * 100

TIERS: tuple[tuple[MemberId, str, tuple[int, ...]], ...] = (
    (SUPPLIER_A, "", (192, 5_808)),
    (SUPPLIER_B, "/2", (3_079, 1_387, 1_342)),
    (SUPPLIER_C, "/2/3", (791, 497, 54)),
    (SUPPLIER_D, "/2/3/3", (26, 28)),
)
SOLD = (("/2/1", SUPPLIER_B), ("/2/3/1", SUPPLIER_C), ("/2/3/3/1", SUPPLIER_D))


def wan(amount: int) -> Money:
    """Return `amount` times 10,000 CNY."""
    return Money(amount * TEN_THOUSAND_MINOR, "CNY")


def due(issued: date) -> date:
    """Return the due date: six months after the issue."""
    return months_after(issued, 6)


def evidence_id() -> AttestationId:
    """Return the attestation of the purchase behind the certificate."""
    return AttestationId(f"{stored_as(EVIDENCE, Kind.DOCUMENT, PLATFORM)}:1")


def grant(stage: Stage, today: date) -> None:
    """Let the factor grant the core enterprise 80,000,000, and bring money to lend."""
    granted = Grant(
        limit_id=LIMIT,
        parent=None,
        subject=LANDPORT,
        amount=wan(8_000),
        valid_from=today,
        valid_until=months_after(today, 12),
        product="receivable",
    )
    stage.send(FACTOR, granted, key="limit:landport")
    stage.send(FACTOR, Effect(limit_id=LIMIT), key="limit:landport:effect")


def issue(stage: Stage, today: date) -> None:
    """Attest the purchase, then issue 60,000,000 to the first supplier, who accepts."""
    paper = {
        "agreement": AGREEMENT,
        "buyer": LANDPORT,
        "seller": SUPPLIER_A,
        "goods": "集装箱换装设备 container handling equipment",
        "total": "60000000.00 CNY",
        "delivered_on": today.isoformat(),
    }
    content = json.dumps(paper, ensure_ascii=False, sort_keys=True).encode()
    attest(stage.node, PLATFORM, [Paper(subject=EVIDENCE, kind=Kind.DOCUMENT, content=content)])
    issued = Issue(
        certificate_id=CERTIFICATE,
        holder=SUPPLIER_A,
        face=wan(6_000),
        due=due(today),
        limit_id=LIMIT,
        agreement=AGREEMENT,
        backing=(asset_id(Asset.AGREEMENT, AGREEMENT),),
        evidence=evidence_id(),
        long_term_reason=None,
    )
    stage.send(LANDPORT, issued, key="certificate:issue")
    stage.send(SUPPLIER_A, Accept(certificate_id=CERTIFICATE), key="certificate:accept")


def circulate(stage: Stage) -> None:
    """Split at every tier; what is passed on is offered to the next tier and accepted."""
    for number, (holder, path, parts) in enumerate(TIERS):
        whole = CertificateId(f"{CERTIFICATE}{path}")
        cut = Split(certificate_id=whole, faces=tuple(wan(part) for part in parts))
        if number + 1 == len(TIERS):
            stage.send(holder, cut, key=f"certificate:split{path}")
            continue
        taker, below, _ = TIERS[number + 1]
        passed = CertificateId(f"{CERTIFICATE}{below}")
        offer = Transfer(certificate_id=passed, taker=taker)
        # Linked: the certificate is cut and passed on, or neither.
        stage.send(holder, cut, offer, key=f"certificate:split{path}")
        stage.send(taker, Accept(certificate_id=passed), key=f"certificate:accept{below}")


def sell(stage: Stage) -> None:
    """Three suppliers sell a part to the factor: applied for, approved, paid out."""
    for number, (path, holder) in enumerate(SOLD, start=1):
        financing = FinancingId(f"discount-{number}")
        asked = ApplyForDiscount(
            financing_id=financing,
            funder=FACTOR,
            certificate_id=CertificateId(f"{CERTIFICATE}{path}"),
            rate_bp_max=RATE_BP,
            day_count=DayCount.ACT_360,
        )
        approved = Approve(
            financing_id=financing,
            rate_bp=RATE_BP,
            penalty_bp=0,
            evidence=evidence_id(),
            reason=None,
        )
        paid_out = Disburse(
            financing_id=financing, registry_number=RegistryNumber(f"ZDW-2025-{number:04}")
        )
        stage.send(holder, asked, key=f"{financing}:apply")
        stage.send(FACTOR, approved, key=f"{financing}:approve")
        stage.send(FACTOR, paid_out, key=f"{financing}:disburse")
