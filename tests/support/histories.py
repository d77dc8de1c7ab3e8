"""Histories for credit from a few cells: what is not given is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from tallyport.credit.history import FRAMES, History, history_of

AS_OF = date(2024, 12, 31)
Rows = Sequence[Mapping[str, object]]


def frame(name: str, rows: Rows, *, role: str) -> pl.DataFrame:
    """Return one of the four frames; rows are about firm F in `role` unless they say otherwise."""
    schema = dict(FRAMES[name])
    filled = [{**dict.fromkeys(schema), "subject": "F", "role": role, **row} for row in rows]
    return pl.DataFrame(filled, schema=schema, orient="row")


def told(
    *,
    role: str = "buyer",
    trades: Rows = (),
    dues: Rows = (),
    remarks: Rows = (),
    as_of: date = AS_OF,
) -> History:
    """Return the history of the firms that the rows are about, and of F in any case."""
    frames = {
        "trades": frame("trades", trades, role=role),
        "dues": frame("dues", dues, role=role),
        "remarks": frame("remarks", remarks, role=role),
    }
    firms = pl.concat(one.select("subject", "role") for one in frames.values()).unique()
    known = pl.concat([firms, pl.DataFrame({"subject": ["F"], "role": [role]})]).unique()
    subjects = known.sort("subject").with_columns(name=pl.lit(None, pl.String))
    return history_of({**frames, "subjects": subjects}, as_of=as_of, currency="CNY")
