"""History of buyers and sellers (买卖双方履约历史), in the frames that credit reads.

Every vehicle that was sold is a trade of two firms: it stands once for its buyer and once for its
seller. What an agreement asks for falls due to the buyer, and shows how the seller collects.

    a matched dossier counts with its probability as evidence, a partly matched one with half of it,
    a contradicting one with nothing

A vehicle was delivered when a warehouse received or counted it, and was not when it left more than
60 days ago and nobody saw it since; until then nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from tallyport.evidence.dossiers import dues, gaps
from tallyport.evidence.dossiers.criteria import SURE_MIN_BP
from tallyport.evidence.dossiers.firms import Agreement, agreements
from tallyport.evidence.dossiers.model import Dossier, State, Status
from tallyport.evidence.dossiers.rates import Rates, rates
from tallyport.evidence.linkage.model import Matching

MISSED_DAYS = 60  # A train to Moscow takes 30; twice that is lost.
DELAY_DAYS = 3  # Exports are keyed in days later; a declaration may look that much too late.
CUSTOMS = ("phantom_declaration", "over_invoicing", "under_invoicing")
REFUNDS = ("refund_after_financing",)
_TRADE: Mapping[str, pl.DataType] = {
    "subject": pl.String(),
    "role": pl.String(),
    "trade": pl.String(),
    "agreement": pl.String(),
    "counterparty": pl.String(),
    "opened_on": pl.Date(),
    "amount_minor": pl.Int64(),
    "evidence_bp": pl.Int64(),
    "delivered": pl.Boolean(),
    "on_time": pl.Boolean(),
    "transit_days": pl.Int64(),
    "value_agrees": pl.Boolean(),
    "customs_clean": pl.Boolean(),
    "disputed": pl.Boolean(),
    "wanted": pl.Int64(),
    "filled": pl.Int64(),
    "place": pl.String(),
}
_REMARK: Mapping[str, pl.DataType] = {
    "subject": pl.String(),
    "role": pl.String(),
    "type": pl.String(),
    "records": pl.String(),
    "probability_bp": pl.Int64(),
    "explanation": pl.String(),
}


def of_dossiers(
    dossiers: Sequence[Dossier],
    tables: Mapping[str, pl.DataFrame],
    matching: Matching,
    *,
    as_of: date,
    currency: str = "CNY",
) -> dict[str, pl.DataFrame]:
    """Return the history of all buyers and sellers, with amounts in `currency`."""
    sides = agreements(tables, matching)
    money = rates(tables)
    usual = gaps.usual(tables)
    trades = [
        row
        for dossier in dossiers
        for row in _trades(dossier, sides, (money, currency, as_of), usual)
    ]
    subjects = {
        (firm, role): name
        for one in sides.values()
        for firm, role, name in (
            (one.buyer, "buyer", one.buyer_name),
            (one.seller, "seller", one.seller_name),
        )
    }
    return {
        "subjects": pl.DataFrame(
            [(firm, role, name) for (firm, role), name in sorted(subjects.items())],
            schema={"subject": pl.String, "role": pl.String, "name": pl.String},
            orient="row",
        ),
        "trades": pl.DataFrame(trades, schema=dict(_TRADE), orient="row"),
        "dues": dues.dues(tables, matching, sides, (money, currency, as_of)),
        "remarks": pl.DataFrame(
            sorted(set(_remarks(dossiers, matching, sides))), schema=dict(_REMARK), orient="row"
        ),
    }


Terms = tuple[Rates, str, date]
Row = tuple[object, ...]


def _trades(
    dossier: Dossier, sides: Mapping[str, Agreement], terms: Terms, usual: gaps.Usual
) -> Iterator[Row]:
    """Yield the trade of a vehicle for its buyer and its seller."""
    lines = [one for one in dossier.of_kind("contract_line") if one.probability_bp >= SURE_MIN_BP]
    line = min(lines, key=lambda one: one.record.key, default=None)
    agreement = sides.get(line.record.value("contract_no") or "") if line else None
    if line is None or agreement is None or dossier.price is None:
        return
    money, currency, as_of = terms
    day = agreement.signed_on
    amount = money.convert(dossier.price, currency, day) if day else None
    answers = {one.name: one.state for one in dossier.criteria}
    left, arrived = _day(dossier, "waybill", "departed_at"), _day(dossier, "receipt", "received_on")
    false = {one.type for one in dossier.findings if one.probability_bp >= SURE_MIN_BP}
    wanted, filled = usual.count(dossier)
    facts = (
        day,
        None if amount is None else amount.minor,
        _worth(dossier),
        _delivered(answers["arrival"], left, as_of),
        None,
        max((arrived - left).days, 0) if left and arrived else None,
        None if answers["value"] is State.MISSING else answers["value"] is State.MET,
        _customs_clean(dossier, left, false),
        not false.isdisjoint(REFUNDS) if dossier.payments else None,
        wanted,
        filled,
        f"{line.record.origin.file}:{line.record.origin.line}",
    )
    buyer, seller = agreement.buyer, agreement.seller
    yield (buyer, "buyer", dossier.vin, agreement.number, seller, *facts)
    yield (seller, "seller", dossier.vin, agreement.number, buyer, *facts)


def _worth(dossier: Dossier) -> int:
    match dossier.status:
        case Status.MATCHED:
            return dossier.probability_bp
        case Status.PARTLY:
            return dossier.probability_bp // 2
        case Status.CONTRADICTING:
            return 0


def _day(dossier: Dossier, kind: str, field: str) -> date | None:
    """Return the first day in a field of the sure records of a kind."""
    days = [
        date.fromisoformat(value[:10])
        for one in dossier.of_kind(kind)
        if one.probability_bp >= SURE_MIN_BP and (value := one.record.value(field))
    ]
    return min(days, default=None)


def _delivered(arrival: State, left: date | None, as_of: date) -> bool | None:
    if arrival is State.MET:
        return True
    is_lost = left is not None and as_of - left > timedelta(days=MISSED_DAYS)
    return False if is_lost else None


def _customs_clean(dossier: Dossier, left: date | None, findings: set[str]) -> bool | None:
    """Tell whether it was declared rightly and before it left; None without a declaration."""
    declared = _day(dossier, "declaration", "declared_on")
    if declared is None:
        return None
    is_late = left is not None and declared - left > timedelta(days=DELAY_DAYS)
    return not is_late and findings.isdisjoint(CUSTOMS)


def _remarks(
    dossiers: Sequence[Dossier], matching: Matching, sides: Mapping[str, Agreement]
) -> Iterator[tuple[str, str, str, str, int, str]]:
    """Yield each finding for both sides of the agreements that it names or touches."""
    touched: dict[tuple[str, str], set[str]] = {}
    for dossier in dossiers:
        for finding in dossier.findings:
            found = touched.setdefault((finding.type, ";".join(finding.record_ids)), set())
            found.update(
                number
                for one in dossier.of_kind("contract_line")
                if (number := one.record.value("contract_no"))
            )
    columns = ("type", "record_ids", "probability", "explanation")
    for type_, names, probability, explanation in matching.findings.select(columns).iter_rows():
        ids = [name for name in names.split(";") if name]
        numbers = {name for name in ids if name in sides} or touched.get(
            (type_, ";".join(ids)), set()
        )
        for agreement in (sides[number] for number in sorted(numbers) if number in sides):
            bp = round((1.0 if probability is None else probability) * 10_000)
            said = (type_, ";".join(ids), bp, explanation or "")
            yield (agreement.buyer, "buyer", *said)
            yield (agreement.seller, "seller", *said)
