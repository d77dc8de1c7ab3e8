"""Build the dossiers (建档): every record, link and finding is looked at once, then filed by VIN.

    tables ─▶ records as texts ─┐
    links, with what follows   ─┼─▶ one pass in order of VIN ─▶ criteria ─▶ dossiers
    money, parties, findings   ─┘

Same tables and matching, same dossiers, in order of VIN.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

import polars as pl

from tallyport.evidence.dossiers import criteria, records, touching, values, vqi
from tallyport.evidence.dossiers.criteria import SURE_MIN_BP, Case
from tallyport.evidence.dossiers.links import KINDS_FILED, Linked, linked
from tallyport.evidence.dossiers.model import (
    SURE_BP,
    Dossier,
    Evidence,
    Finding,
    Party,
    Payment,
    Record,
)
from tallyport.evidence.dossiers.rates import rates
from tallyport.evidence.linkage.model import Matching
from tallyport.kernel import ratio
from tallyport.kernel.money import Money

_NAMES = {  # Which field of which kind a mention of a party quotes.
    "contract": ("contract", "buyer_name"),
    "declaration": ("declaration", "consignee"),
    "payment": ("bank_entry", "counterparty"),
}


def build(tables: Mapping[str, pl.DataFrame], matching: Matching, *, as_of: date) -> list[Dossier]:
    """Return a dossier for every vehicle that a record names, as far as known on the as-of day."""
    known = linked(tables, matching, as_of)
    shelf = _shelf(known)
    sides = _Sides(
        payments=_payments(matching, shelf),
        triads=_triads(matching),
        parties=_parties(matching),
        declared=values.declared_bp(known.links, known.tables, rates(tables)),
        indices=vqi.of_reports(known.tables["inspection"]),
        findings=_findings(matching, known),
    )
    rows = known.links.select("vin", "kind", "record", "probability", "reasons").iter_rows()
    return [
        _dossier(vin, list(_filed(group, shelf)), sides)
        for vin, group in groupby(rows, key=itemgetter(0))
    ]


def _shelf(known: Linked) -> dict[tuple[str, str], Record]:
    """Return the linked records by kind and key; one that many vehicles share is there once."""
    wanted = known.links.select("kind", "record").unique()
    shelf: dict[tuple[str, str], Record] = {}
    for kind in KINDS_FILED:
        keys = set(wanted.filter(pl.col("kind") == kind)["record"].to_list())
        filed = records.filed(known.tables[kind], kind, keys)
        shelf.update({(kind, key): record for key, record in filed.items()})
    return shelf


Row = tuple[str, str, str, float, str]


def _filed(rows: Iterator[Row], shelf: Mapping[tuple[str, str], Record]) -> Iterator[Evidence]:
    for _, kind, key, probability, reasons in rows:
        yield Evidence(
            record=shelf[kind, key],
            probability_bp=_bp(probability),
            reasons=tuple(reasons.split("; ")) if reasons else (),
        )


def _bp(probability: float | None) -> int:
    """Return a probability in basis points, halves up; what nobody estimated is sure."""
    return (
        SURE_BP if probability is None else min(max(int(probability * SURE_BP + 0.5), 0), SURE_BP)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """What stands beside the records, by VIN or by the record that it names."""

    payments: Mapping[str, list[Payment]]
    triads: Mapping[str, int]
    parties: Mapping[str, tuple[str, int]]
    declared: Mapping[str, int]
    indices: Mapping[str, int]
    findings: Mapping[str, tuple[Finding, ...]]


def _dossier(vin: str, evidence: list[Evidence], sides: _Sides) -> Dossier:
    sure: defaultdict[str, list[Evidence]] = defaultdict(list)
    for one in evidence:
        if one.probability_bp >= SURE_MIN_BP:
            sure[one.record.kind].append(one)
    payments = sides.payments.get(vin, [])
    price, paid = _price(sure["contract_line"], payments)
    declaration = max(sure["declaration"], key=lambda one: one.probability_bp, default=None)
    findings = sides.findings.get(vin, ())
    answers = criteria.judge(
        Case(
            by_kind=sure,
            payments=payments,
            findings=findings,
            price=price,
            paid=paid,
            declared_bp=sides.declared.get(declaration.record.key) if declaration else None,
        )
    )
    reports = [one.record.key for one in sure["inspection"] if one.record.key in sides.indices]
    links = [one.probability_bp for one in evidence if one.record.kind == "contract_line"]
    return Dossier(
        vin=vin,
        status=criteria.status(answers),
        probability_bp=sides.triads.get(vin, max(links, default=SURE_BP)),
        price=price,
        paid=paid,
        vqi=vqi.combined([sides.indices[report] for report in reports]),
        criteria=answers,
        evidence=tuple(evidence),
        payments=tuple(payments),
        parties=_parties_of(evidence, sides.parties),
        findings=findings,
    )


def _price(lines: list[Evidence], payments: list[Payment]) -> tuple[Money | None, Money | None]:
    """Return what the vehicle was first sold for, and what arrived under that agreement."""
    first = min(lines, key=lambda one: one.record.key, default=None)
    if first is None:
        return None, None
    price = values.money(first.record.value("price"), first.record.value("currency"))
    agreement = first.record.value("contract_no")
    if price is None:
        return None, None
    paid = sum(
        one.amount.minor
        for one in payments
        if one.contract_no == agreement and one.amount.currency == price.currency
    )
    return price, Money(paid, price.currency)


def _parties_of(
    evidence: list[Evidence], clusters: Mapping[str, tuple[str, int]]
) -> tuple[Party, ...]:
    found = []
    for prefix, (kind, field) in _NAMES.items():
        for one in evidence:
            mention = f"{prefix}:{one.record.key}"
            if one.record.kind == kind and mention in clusters:
                cluster, probability_bp = clusters[mention]
                found.append(
                    Party(
                        mention=mention,
                        name=one.record.value(field),
                        cluster=cluster,
                        probability_bp=probability_bp,
                    )
                )
    return tuple(found)


def _payments(
    matching: Matching, shelf: Mapping[tuple[str, str], Record]
) -> dict[str, list[Payment]]:
    """Return what was paid for each vehicle out of payments that are filed."""
    found: defaultdict[str, list[Payment]] = defaultdict(list)
    columns = (
        "vin", "payment_id", "contract_no", "item", "shipment", "amount_minor", "currency",
        "probability", "reason",
    )  # fmt: skip
    rows = matching.allocations.filter(
        pl.col("vin").is_not_null() & pl.col("amount_minor").is_not_null()
    )
    for row in rows.select(columns).sort(columns[:5], nulls_last=True).iter_rows():
        vin, payment_id, contract_no, item, shipment, minor, currency, probability, reason = row
        if ("bank_entry", payment_id) in shelf:
            found[vin].append(
                Payment(
                    payment_id=payment_id,
                    contract_no=contract_no or "",
                    item=item or "",
                    shipment=shipment or 0,
                    amount=Money(minor, currency),
                    probability_bp=_bp(probability),
                    reason=reason or "",
                )
            )
    return found


def _triads(matching: Matching) -> dict[str, int]:
    """Return how surely each vehicle's triads are right, large payments weighing more."""
    # Whole numbers: a sum of floats depends on the order, and that on the number of threads.
    weight = pl.col("amount_minor").fill_null(0).clip(1).cast(pl.Int128)
    share = (pl.col("probability") * SURE_BP + 0.5).floor().cast(pl.Int128)
    rows = matching.triads.group_by("vin").agg(weighed=(share * weight).sum(), weight=weight.sum())
    return {
        vin: ratio.half_up(weighed, whole)
        for vin, weighed, whole in rows.select("vin", "weighed", "weight").iter_rows()
    }


def _parties(matching: Matching) -> dict[str, tuple[str, int]]:
    rows = matching.parties.select("mention", "cluster", "probability").iter_rows()
    return {mention: (str(cluster), _bp(probability)) for mention, cluster, probability in rows}


def _findings(matching: Matching, known: Linked) -> dict[str, tuple[Finding, ...]]:
    """Return the findings about each vehicle."""
    columns = ("type", "record_ids", "probability", "explanation")
    findings = [
        Finding(
            type=type_,
            record_ids=tuple(name for name in names.split(";") if name),
            probability_bp=_bp(probability),
            explanation=explanation or "",
        )
        for type_, names, probability, explanation in matching.findings.select(columns).iter_rows()
    ]
    found: defaultdict[str, set[Finding]] = defaultdict(set)
    for vin, at in touching.touched(matching, known.links).iter_rows():
        found[vin].add(findings[at])
    return {
        vin: tuple(sorted(some, key=lambda one: (one.type, one.record_ids)))
        for vin, some in found.items()
    }
