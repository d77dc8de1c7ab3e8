"""History (履约历史): what credit is judged on, whatever kind of trade it was.

    subjects   subject, role, name
    trades     one row a trade and side of it: a vehicle sold, an order, an invoice
    dues       one row a part of what fell due: how much, when due, when paid (null: not yet)
    remarks    one row a finding about a subject

A subject stands in a `role`: buyer or seller of used cars, customer of a firm that sends invoices,
merchant of a shop. Amounts are minor units of one `currency`; what cannot be converted is null. A
null says "not known" or "does not apply", never "no". Evidence fills these frames; credit reads
nothing else, so a new kind of trade needs no new credit.

HIST-1  every frame has exactly the columns and types below
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.kernel.guard import invariant

_SUBJECT: Mapping[str, pl.DataType] = {"subject": pl.String(), "role": pl.String()}
SUBJECTS: Mapping[str, pl.DataType] = {**_SUBJECT, "name": pl.String()}
TRADES: Mapping[str, pl.DataType] = {
    **_SUBJECT,
    "trade": pl.String(),  # The VIN, order number or invoice number.
    "agreement": pl.String(),
    "counterparty": pl.String(),
    "opened_on": pl.Date(),
    "amount_minor": pl.Int64(),
    "evidence_bp": pl.Int64(),  # How far the documents prove the trade.
    "delivered": pl.Boolean(),  # Null while it may still arrive.
    "on_time": pl.Boolean(),
    "transit_days": pl.Int64(),
    "value_agrees": pl.Boolean(),  # The value told to others is the value agreed.
    "customs_clean": pl.Boolean(),
    "disputed": pl.Boolean(),
    "wanted": pl.Int64(),  # Cells that the sources usually fill for such a trade...
    "filled": pl.Int64(),  # ... and how many of them are filled.
    "place": pl.String(),
}
DUES: Mapping[str, pl.DataType] = {
    **_SUBJECT,
    "due": pl.String(),
    "agreement": pl.String(),
    "due_on": pl.Date(),
    "amount_minor": pl.Int64(),
    "paid_on": pl.Date(),
    "place": pl.String(),
}
REMARKS: Mapping[str, pl.DataType] = {
    **_SUBJECT,
    "type": pl.String(),
    "records": pl.String(),
    "probability_bp": pl.Int64(),
    "explanation": pl.String(),
}
FRAMES: Mapping[str, Mapping[str, pl.DataType]] = {
    "subjects": SUBJECTS,
    "trades": TRADES,
    "dues": DUES,
    "remarks": REMARKS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened until the end of `as_of`."""

    as_of: date
    currency: str
    subjects: pl.DataFrame
    trades: pl.DataFrame
    dues: pl.DataFrame
    remarks: pl.DataFrame


def history_of(frames: Mapping[str, pl.DataFrame], *, as_of: date, currency: str) -> History:
    """Return the history in `frames`, the four above by name."""
    for name, schema in FRAMES.items():
        found = frames.get(name)
        invariant(found is not None and dict(found.schema) == dict(schema), "HIST-1")
    return History(
        as_of=as_of,
        currency=currency,
        subjects=frames["subjects"],
        trades=frames["trades"],
        dues=frames["dues"],
        remarks=frames["remarks"],
    )
