"""The day that exports speak of (截止日): asked for, or read off what cannot lie ahead of it.

A stock count and a bank's booking are dated by whoever keeps them on the day itself; so are
payments and deliveries. The latest of the first kind that is there is the day; without any, today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

_WITNESSES = (
    ("stock_count", "counted_on"),
    ("bank_entry", "booked_on"),
    ("receivable", "settled_on"),
    ("order", "delivered_at"),
    ("fund_flow", "booked_on"),
)


def as_of(tables: Mapping[str, pl.DataFrame], today: date) -> date:
    """Return the day that `tables` speak of, `today` at the latest."""
    for kind, field in _WITNESSES:
        day = tables[kind].get_column(field).drop_nulls().max() if kind in tables else None
        if isinstance(day, datetime):
            day = day.date()
        if isinstance(day, date):
            return min(day, today)
    return today
