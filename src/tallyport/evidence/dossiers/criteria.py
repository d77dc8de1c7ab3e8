"""Criteria (判定标准): what is asked of every dossier, and what follows from the answers.

    question       met when                                              decides
    sale           a line of an agreement is linked                      matched
    declaration    a goods line of a declaration is linked               matched
    money          money is allocated to the vehicle                     matched
    carriage       a waybill is linked                                   nothing
    arrival        a warehouse receipt or a stock count is linked        nothing
    invoice        an invoice is linked                                  nothing
    inspection     an inspection report is linked                        nothing
    one_sale       it is sold under one agreement only                   contradicting
    amount         no more than its price was paid for it                contradicting
    value          declared within 10% of what was agreed                contradicting
    days           signed, declared, received, released in this order    contradicting
    findings       no finding says that its documents are false          contradicting

The first three are the triad (三元映射): all met is `matched`, some missing `partly`. One
contradiction is `contradicting`, whatever else is there. Links under 50% are filed but prove
nothing. Whether money is late is no contradiction: that is the business of credit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallyport.evidence.dossiers.model import (
    Criterion,
    Evidence,
    Finding,
    Payment,
    State,
    Status,
)
from tallyport.evidence.dossiers.touching import FALSE_DOCUMENTS
from tallyport.kernel.money import Money

SURE_MIN_BP = 5_000
VALUE_TOLERANCE_BP = 1_000  # Freight and rates explain a few per cent; false values begin at 20.
AMOUNT_TOLERANCE_BP = 50  # Bank charges that buyers add; converted amounts.
TRIAD = ("sale", "declaration", "money")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of one vehicle when it is judged."""

    by_kind: Mapping[str, Sequence[Evidence]]  # Sure links only.
    payments: Sequence[Payment]
    findings: Sequence[Finding]
    price: Money | None
    paid: Money | None
    declared_bp: int | None


def judge(case: Case) -> tuple[Criterion, ...]:
    """Return the answers in the order of the table above."""
    paid = [payment for payment in case.payments if payment.amount.minor > 0]
    return (
        _linked(case, "sale", "contract_line"),
        _linked(case, "declaration", "declaration_line"),
        Criterion(
            name="money",
            state=State.MET if paid else State.MISSING,
            detail=", ".join(dict.fromkeys(payment.payment_id for payment in paid)),
        ),
        _linked(case, "carriage", "waybill"),
        _linked(case, "arrival", "receipt", "stock_count"),
        _linked(case, "invoice", "invoice"),
        _linked(case, "inspection", "inspection"),
        _one_sale(case),
        _amount(case),
        _value(case),
        _days(case),
        _findings(case),
    )


def status(criteria: Sequence[Criterion]) -> Status:
    """Return what the answers amount to."""
    if any(one.state is State.CONTRADICTED for one in criteria):
        return Status.CONTRADICTING
    if all(one.state is State.MET for one in criteria if one.name in TRIAD):
        return Status.MATCHED
    return Status.PARTLY


def _linked(case: Case, name: str, *kinds: str) -> Criterion:
    keys = [one.record.key for kind in kinds for one in case.by_kind.get(kind, ())]
    return Criterion(name=name, state=State.MET if keys else State.MISSING, detail=", ".join(keys))


def _one_sale(case: Case) -> Criterion:
    lines = case.by_kind.get("contract_line", ())
    sold = sorted({one.record.value("contract_no") or "" for one in lines})
    state = State.MET if len(sold) == 1 else State.CONTRADICTED if sold else State.MISSING
    return Criterion(name="one_sale", state=state, detail=", ".join(sold))


def _amount(case: Case) -> Criterion:
    """Paid above the price: the money, or the price, is another vehicle's."""
    if case.price is None or case.paid is None:
        return Criterion(name="amount", state=State.MISSING, detail="")
    most = case.price.minor * (10_000 + AMOUNT_TOLERANCE_BP)
    state = State.CONTRADICTED if case.paid.minor * 10_000 > most else State.MET
    return Criterion(
        name="amount", state=state, detail=f"{decimal(case.paid)} / {decimal(case.price)}"
    )


def _value(case: Case) -> Criterion:
    if case.declared_bp is None:
        return Criterion(name="value", state=State.MISSING, detail="")
    is_off = abs(case.declared_bp - 10_000) > VALUE_TOLERANCE_BP
    return Criterion(
        name="value",
        state=State.CONTRADICTED if is_off else State.MET,
        detail=f"{share(case.declared_bp)} of what was agreed",
    )


_DAYS = (
    ("contract", "signed_on"),
    ("declaration", "declared_on"),
    ("receipt", "received_on"),
    ("release", "released_on"),
)


def _days(case: Case) -> Criterion:
    """Steps of the trade in the wrong order: at least one of the dates is false."""
    known = [
        (day, f"{field.removesuffix('_on')} {day}")
        for kind, field in _DAYS
        if (
            day := min(
                (one.record.value(field) or "" for one in case.by_kind.get(kind, ())), default=""
            )
        )
    ]
    days = [day for day, _ in known]
    if len(days) < 2:  # noqa: PLR2004 - One day is in order with itself.
        state = State.MISSING
    else:
        state = State.MET if days == sorted(days) else State.CONTRADICTED
    return Criterion(name="days", state=state, detail=", ".join(words for _, words in known))


def _findings(case: Case) -> Criterion:
    false = [
        one.type
        for one in case.findings
        if one.type in FALSE_DOCUMENTS and one.probability_bp >= SURE_MIN_BP
    ]
    return Criterion(
        name="findings",
        state=State.CONTRADICTED if false else State.MET,
        detail=", ".join(sorted(set(false))),
    )


def decimal(amount: Money) -> str:
    """Return the amount as people write it: `22380.00 USD`."""
    return f"{spelled(amount.minor)} {amount.currency}"


def spelled(minor: int) -> str:
    """Return minor units as a decimal number with two places."""
    whole, rest = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:02}"


def share(bp: int) -> str:
    """Return basis points as a decimal number with four places: 9876 is "0.9876"."""
    whole, rest = divmod(abs(bp), 10_000)
    return f"{'-' if bp < 0 else ''}{whole}.{rest:04}"
