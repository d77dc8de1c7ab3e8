"""Day counts (计息天数): how many days of which year lie between two dates.

discount 3 months at 3 %, 30/360: 1 000 000 pays out 992 500.00
discount 60 days at 5.5 %, ACT/360: 9 166.67
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

_MONTH_DAYS = 30


@unique
class DayCount(StrEnum):
    """Conventions that an agreement may name."""

    ACT_360 = "ACT/360"
    ACT_365 = "ACT/365F"
    THIRTY_360 = "30E/360"  # ISDA 2006 4.16(g), Eurobond basis.


@dataclass(frozen=True, slots=True)
class Span:
    """`days` over a `basis`: the exact year fraction, not yet divided."""

    days: int
    basis: int


def span(convention: DayCount, start: date, end: date) -> Span:
    """Return the days from `start` (in) to `end` (out) under `convention`."""
    match convention:
        case DayCount.ACT_360:
            return Span((end - start).days, 360)
        case DayCount.ACT_365:
            return Span((end - start).days, 365)
        case DayCount.THIRTY_360:
            first, last = min(start.day, _MONTH_DAYS), min(end.day, _MONTH_DAYS)
            months = 12 * (end.year - start.year) + end.month - start.month
            return Span(_MONTH_DAYS * months + last - first, 360)
