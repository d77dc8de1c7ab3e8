"""Working days: what the State Council said, and nothing guessed.

Goal: the same answer as another keeper of the notices (chinesecalendar) for every day of every year
we know; an error for every other year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.calendar import (
    CHINA,
    CHINA_CALENDAR,
    UnknownYearError,
    business_date,
    start_of,
)

FIRST, LAST = date(min(CHINA_CALENDAR.years), 1, 1), date(max(CHINA_CALENDAR.years), 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
known_days = st.dates(FIRST, LAST - timedelta(days=60))


@pytest.mark.parametrize("year", sorted(CHINA_CALENDAR.years))
def test_every_day_is_as_another_keeper_says(year: int) -> None:
    """All days that differ, at once."""
    days = [day for day in DAYS if day.year == year]
    ours = {day: CHINA_CALENDAR.is_working_day(day) for day in days}
    theirs = {day: chinese_calendar.is_workday(day) for day in days}
    assert not {day for day in days if ours[day] != theirs[day]}


def test_notices_speak_of_days_that_they_change() -> None:
    """A day worked to make up is a weekend day, and no holiday."""
    assert all(day.weekday() >= 5 for day in CHINA_CALENDAR.workdays)
    assert not CHINA_CALENDAR.workdays & CHINA_CALENDAR.holidays
    years = {day.year for day in CHINA_CALENDAR.workdays | CHINA_CALENDAR.holidays}
    assert years == CHINA_CALENDAR.years


@given(known_days, st.integers(0, 15))
def test_t_plus_n(day: date, days: int) -> None:
    """T+n is a working day with n - or, from a holiday, n more - working days before it."""
    end = CHINA_CALENDAR.add_working_days(day, days)
    assert CHINA_CALENDAR.is_working_day(end)
    between = [one for one in DAYS if day <= one < end and CHINA_CALENDAR.is_working_day(one)]
    assert len(between) == days


@given(known_days)
def test_following(day: date) -> None:
    """The day itself if it is worked, else the first after it that is."""
    after = CHINA_CALENDAR.following(day)
    assert CHINA_CALENDAR.is_working_day(after)
    assert not any(CHINA_CALENDAR.is_working_day(one) for one in DAYS if day <= one < after)


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2024, 2, 10), False),  # Spring Festival
        (date(2024, 2, 18), True),  # A Sunday that makes up for it.
        (date(2024, 9, 16), False),  # A Monday in Mid-Autumn.
        (date(2024, 4, 8), True),
    ],
)
def test_days_by_hand(day: date, is_worked: bool) -> None:  # noqa: FBT001 - A table.
    """From the notices."""
    assert CHINA_CALENDAR.is_working_day(day) is is_worked


@pytest.mark.parametrize("day", [FIRST - timedelta(days=1), LAST + timedelta(days=1)])
def test_an_unknown_year_is_not_guessed(day: date) -> None:
    """The error says which years are known."""
    with pytest.raises(UnknownYearError, match=r"knows \[2023"):
        CHINA_CALENDAR.is_working_day(day)
    with pytest.raises(UnknownYearError):
        CHINA_CALENDAR.add_working_days(LAST, 1)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_the_business_date_is_that_of_china(naive: datetime, hours: int) -> None:
    """Wherever the moment was written down: equal moments have equal business dates."""
    there = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    day = business_date(there)
    assert day == business_date(there.astimezone(UTC)) == there.astimezone(CHINA).date()
    assert start_of(day) <= there < start_of(day + timedelta(days=1))


def test_a_day_begins_at_four_in_the_afternoon_utc() -> None:
    """China is eight hours ahead, all year."""
    assert business_date(datetime(2024, 4, 3, 15, 59, 59, tzinfo=UTC)) == date(2024, 4, 3)
    assert business_date(datetime(2024, 4, 3, 16, 0, 0, tzinfo=UTC)) == date(2024, 4, 4)
