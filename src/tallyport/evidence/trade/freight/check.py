"""Check a freight platform (货运对账): do waybill, bill and money of every haul tell one story?

    waybill   YD240301000123   shipper pays 16,082.10, carrier gets 15,030.00
    bill      ZD2024040007     16,082.10, due 4 May, paid 7 May with another bill ─┐
    payments  advance 3,006 · fuel card 5,260 · balance 6,764 two days later      ─┴─▶ complete

Only what had happened by the as-of day counts, so that the check can be made for any past day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from tallyport.evidence.trade.freight import judging, settlement
from tallyport.evidence.trade.freight.billing import Billed, billed
from tallyport.evidence.trade.freight.facts import Facts, facts
from tallyport.evidence.trade.freight.model import PARTS, Due, FreightCheck, Item, Part, Terms
from tallyport.evidence.trade.freight.paying import Payouts
from tallyport.evidence.trade.freight.receiving import received
from tallyport.evidence.trade.orders import FINDING

_HAULS: dict[str, settlement.Schema] = {
    "haul_no": pl.String, "shipper_no": pl.String, "carrier_no": pl.String, "status": pl.String,
    "reasons": pl.List(pl.String), "loaded_on": pl.Date, "signed_on": pl.Date,
    "bills": pl.List(pl.String), "billed_minor": pl.Int64, "agreed_minor": pl.Int64,
    "carrier_minor": pl.Int64, "deduction_minor": pl.Int64, "paid_minor": pl.Int64,
    "owed_minor": pl.Int64, "paid_on": pl.Date, "flows": pl.List(pl.String), "place": pl.String,
}  # fmt: skip


def check(
    tables: Mapping[str, pl.DataFrame], *, as_of: date, terms: Terms | None = None
) -> FreightCheck:
    """Reconcile the platform in `tables` as of a day, under its `terms`."""
    terms = terms or Terms()
    known = facts(tables, as_of)
    lines = billed(known, terms)
    bills, came = received(known, terms)
    payouts = Payouts(known, terms)
    found = [
        *judging.on_bills(known, lines, terms),
        *judging.on_shippers(known, bills, came, terms),
        *judging.on_carriers(known, payouts, terms),
        *judging.on_trucks(known),
    ]
    return FreightCheck(
        as_of=as_of,
        currency=known.currency,
        hauls=_hauls(known, lines, payouts, found),
        bills=settlement.bill_rows(known, bills),
        parts=_parts([*came, *payouts.parts]),
        shippers=settlement.settlement(known, bills, late_days=terms.late_days),
        carriers=settlement.settlement(known, settlement.of_carriers(payouts.dues), late_days=0),
        findings=_findings(found),
    )


def _findings(found: Sequence[judging.Row]) -> pl.DataFrame:
    rows = [
        (kind, ";".join(dict.fromkeys(records)), probability, text)
        for kind, records, probability, text in found
    ]
    return pl.DataFrame(rows, schema=dict(FINDING), orient="row").unique(maintain_order=True)


def _parts(parts: Sequence[Part]) -> pl.DataFrame:
    rows = [
        (one.flow_no, one.target, one.item.value, one.amount_minor, one.probability, one.reason)
        for one in parts
    ]
    return pl.DataFrame(rows, schema=PARTS, orient="row")


def _hauls(
    known: Facts, lines: Sequence[Billed], payouts: Payouts, found: Sequence[judging.Row]
) -> pl.DataFrame:
    statuses = judging.statuses(known, lines, payouts, found)
    on_bill: defaultdict[str, list[Billed]] = defaultdict(list)
    for one in lines:
        if one.haul_no:
            on_bill[one.haul_no].append(one)
    dues: defaultdict[str, list[Due]] = defaultdict(list)
    for due in payouts.dues:
        dues[due.target].append(due)
    rows = []
    for haul in known.hauls.values():
        mine, billed_on = dues[haul.no], on_bill[haul.no]
        balance = next((due for due in mine if due.item is Item.BALANCE), None)
        status, reasons = statuses[haul.no]
        rows.append(
            {
                "haul_no": haul.no,
                "shipper_no": haul.shipper,
                "carrier_no": haul.carrier,
                "status": status,
                "reasons": list(reasons),
                "loaded_on": haul.loaded.date() if haul.loaded else None,
                "signed_on": haul.signed_on,
                "bills": [one.line.bill_no for one in billed_on],
                "billed_minor": sum(one.line.freight_minor for one in billed_on),
                "agreed_minor": haul.shipper_minor,
                "carrier_minor": haul.carrier_minor,
                "deduction_minor": haul.loss_minor,
                "paid_minor": sum(due.amount_minor - due.left_minor for due in mine),
                "owed_minor": sum(due.left_minor for due in mine),
                "paid_on": balance.settled_on if balance else None,
                "flows": [flow for due in mine for flow in due.flows],
                "place": haul.place,
            }
        )
    return pl.DataFrame(rows, schema=_HAULS, orient="row")
