"""How far off a due date may lie (账期): months of the calendar, counted from the day of issue.

6 months from 2026-08-31 end on 2027-02-28: a month without such a day ends with its last.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date

_MONTHS = 12


def months_after(day: date, months: int) -> date:
    """Return the day `months` months after `day`; the last day of all when there is none."""
    count = day.year * _MONTHS + day.month - 1 + months
    year, month = count // _MONTHS, count % _MONTHS + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
