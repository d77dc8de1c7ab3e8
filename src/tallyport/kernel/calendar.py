"""Business dates and working days (营业日) of mainland China, by the State Council's notices.

A calendar knows certain years and has a version. Asked about another year it raises
`UnknownYearError`: it never guesses a working day. A business date is the calendar day in
China (UTC+8) of a moment.

Sources: 国办发明电〔2022〕16号 (2023), 〔2023〕7号 (2024), 〔2024〕12号 (2025), 〔2025〕7号 (2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

CHINA = timezone(timedelta(hours=8))
_SATURDAY = 5


class UnknownYearError(Exception):
    """The calendar has no notice for this year. Load a newer version; do not guess."""


@lru_cache(maxsize=1024)
def business_date(at: datetime) -> date:
    """Return the day in China at the moment `at`."""
    return at.astimezone(CHINA).date()


def start_of(day: date) -> datetime:
    """Return the moment at which `day` begins in China, in UTC as every moment on the ledger."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working days of the years it knows: weekends off, `holidays` off, `workdays` on."""

    version: str
    years: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]  # Weekend days that are worked to make up for a holiday (调休).

    def is_working_day(self, day: date) -> bool:
        """Return whether banks work on `day`.

        Raises:
            UnknownYearError: no notice for that year.
        """
        if day.year not in self.years:
            message = f"calendar {self.version} knows {sorted(self.years)}, not {day.year}"
            raise UnknownYearError(message)
        if day.weekday() >= _SATURDAY:
            return day in self.workdays
        return day not in self.holidays

    def following(self, day: date) -> date:
        """Return `day`, or the next working day after it."""
        while not self.is_working_day(day):  # audit: loop: ends with the last year that is known
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, days: int) -> date:
        """Return the working day that is `days` >= 0 working days after `day` (T+n)."""
        day = self.following(day)
        for _ in range(days):
            day = self.following(day + timedelta(days=1))
        return day


def _days(text: str) -> frozenset[date]:
    """Read `2024-02-10..2024-02-17` and single days, separated by spaces."""
    days: set[date] = set()
    for word in text.split():
        first, _, last = word.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:  # audit: loop: a span of our own table, by days
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)


CHINA_CALENDAR = Calendar(
    version="CN-2026.1",
    years=frozenset({2023, 2024, 2025, 2026}),
    holidays=_days(
        "2023-01-02 2023-01-21..2023-01-27 2023-04-05 2023-04-29..2023-05-03"
        " 2023-06-22..2023-06-24 2023-09-29..2023-10-06"
        " 2024-01-01 2024-02-10..2024-02-17 2024-04-04..2024-04-06 2024-05-01..2024-05-05"
        " 2024-06-10 2024-09-15..2024-09-17 2024-10-01..2024-10-07"
        " 2025-01-01 2025-01-28..2025-02-04 2025-04-04..2025-04-06 2025-05-01..2025-05-05"
        " 2025-05-31..2025-06-02 2025-10-01..2025-10-08"
        " 2026-01-01..2026-01-03 2026-02-15..2026-02-23 2026-04-04..2026-04-06"
        " 2026-05-01..2026-05-05 2026-06-19..2026-06-21 2026-09-25..2026-09-27"
        " 2026-10-01..2026-10-07"
    ),
    workdays=_days(
        "2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08"
        " 2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12"
        " 2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11"
        " 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10"
    ),
)
