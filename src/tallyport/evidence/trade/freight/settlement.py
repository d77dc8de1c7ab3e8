"""Settlement history (结算履约): how each shipper pays, how each carrier is paid.

Days are weighed by amount, in tenths: a large bill paid late says more than a small one. Open
amounts are aged by days past due, as of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from tallyport.evidence.trade.freight.facts import Facts
from tallyport.evidence.trade.freight.model import Due, Item
from tallyport.evidence.trade.receivables import BUCKETS
from tallyport.kernel import ratio

Schema = type[pl.DataType] | pl.DataType
TENTHS = 10
SCHEMA: dict[str, Schema] = {
    "party_no": pl.String,
    "name": pl.String,
    "dues": pl.Int64,  # Bills of a shipper, hauls of a carrier.
    "amount_minor": pl.Int64,
    "settled_minor": pl.Int64,
    "open_minor": pl.Int64,
    "days_to_pay_tenths": pl.Int64,
    "fell_due_minor": pl.Int64,
    "late_minor": pl.Int64,
    "late_bp": pl.Int64,
    **dict.fromkeys(BUCKETS, pl.Int64),
}


def settlement(facts: Facts, dues: Iterable[Due], *, late_days: int) -> pl.DataFrame:
    """Return the history of every party that owes or is owed one of `dues`."""
    of_party: defaultdict[str, list[Due]] = defaultdict(list)
    for due in dues:
        of_party[due.party].append(due)
    rows = [_row(facts, party, some, late_days) for party, some in sorted(of_party.items())]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def of_carriers(dues: Iterable[Due]) -> list[Due]:
    """Return the balances: what carriers wait for."""
    return [due for due in dues if due.item is Item.BALANCE]


def _row(facts: Facts, party: str, dues: Sequence[Due], late_days: int) -> Mapping[str, object]:
    amount = sum(due.amount_minor for due in dues)
    open_minor = sum(due.left_minor for due in dues)
    paid = [due for due in dues if due.settled_on is not None and due.amount_minor > 0]
    weight = sum(due.amount_minor for due in paid)
    days = sum(
        (due.settled_on - due.since).days * due.amount_minor for due in paid if due.settled_on
    )
    fell_due = sum(due.amount_minor for due in dues if due.due_on < facts.as_of)
    late = sum(due.amount_minor for due in dues if _days_late(facts, due) > late_days)
    buckets = dict.fromkeys(BUCKETS, 0)
    for due in dues:
        past = (facts.as_of - due.due_on).days
        for name, (low, high) in BUCKETS.items():
            if low <= past <= high:
                buckets[name] += due.left_minor
    return {
        "party_no": party,
        "name": facts.names.get(party, party),
        "dues": len(dues),
        "amount_minor": amount,
        "settled_minor": amount - open_minor,
        "open_minor": open_minor,
        "days_to_pay_tenths": ratio.half_up(days * TENTHS, weight) if weight else None,
        "fell_due_minor": fell_due,
        "late_minor": late,
        "late_bp": ratio.half_up(late * 10_000, fell_due) if fell_due else None,
        **buckets,
    }


def _days_late(facts: Facts, due: Due) -> int:
    """Return days from the due day to full payment, or to the as-of day."""
    if due.left_minor > 0 and due.due_on >= facts.as_of:
        return 0
    return ((due.settled_on or facts.as_of) - due.due_on).days


def bill_rows(facts: Facts, dues: Sequence[Due]) -> pl.DataFrame:
    """Return every bill with what was settled of it."""
    rows = [
        {
            "bill_no": due.target,
            "shipper_no": due.party,
            "issued_on": due.since,
            "due_on": due.due_on,
            "amount_minor": due.amount_minor,
            "settled_minor": due.amount_minor - due.left_minor,
            "settled_on": due.settled_on,
            "days_late": max(_days_late(facts, due), 0),
            "flows": list(due.flows),
            "place": facts.bills[due.target].place,
        }
        for due in dues
    ]
    schema: dict[str, Schema] = {
        "bill_no": pl.String, "shipper_no": pl.String, "issued_on": pl.Date, "due_on": pl.Date,
        "amount_minor": pl.Int64, "settled_minor": pl.Int64, "settled_on": pl.Date,
        "days_late": pl.Int64, "flows": pl.List(pl.String), "place": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
