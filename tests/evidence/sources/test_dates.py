"""Dates are read as the profile says, and what two formats would read differently is refused.

Goal: no day is ever mistaken for another. Method: Python's own calendar writes days in every
format and they must come back; texts of any other kind are null.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import dates

DAYS = st.dates(min_value=date(1930, 1, 1), max_value=date(2099, 12, 31))


def day(text: str, *formats: str) -> date | None:
    """Return the day in `text`."""
    found: date | None = dates.days(pl.Series([text]), formats or dates.SAFE)[0]
    return found


def moment(text: str, *formats: str, zone: str = "UTC") -> datetime | None:
    """Return the moment in `text`."""
    found: datetime | None = dates.moments(pl.Series([text]), formats or dates.SAFE, zone)[0]
    return found


@given(day_=DAYS)
def test_the_safe_formats_need_no_order(day_: date) -> None:
    """However it is written, it is the same day, with all formats allowed at once."""
    serial = (day_ - date(1899, 12, 30)).days
    for text in (
        f"{day_:%Y-%m-%d}",
        f"{day_:%Y%m%d}",
        f"{day_.year}/{day_.month}/{day_.day}",
        f"{day_.year}.{day_.month:02}.{day_.day:02}",
        f"{day_.year}年{day_.month}月{day_.day}日",
        f"{day_:%Y-%m-%d} 00:00:00",
        f"{day_:%Y-%m-%d}T00:00:00.000",
        f"{day_:%Y-%m-%d}T23:30:00+08:00",
        f"{serial}",
        f"{serial}.75",
        f"{day_:%Y-%m-%d}".translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789-"}),
    ):
        assert day(text) == day_, text


@given(day_=DAYS)
def test_local_habits_are_read_where_they_are_named(day_: date) -> None:
    """Day first or month first is a matter of the profile, never of a guess."""
    assert day(f"{day_:%d.%m.%Y}", "DD.MM.YYYY") == day_
    assert day(f"{day_.month}/{day_.day}/{day_.year}", "M/D/YYYY") == day_
    assert day(f"{day_:%d-%b-%Y}", "DD-MMM-YYYY") == day_
    assert day(f"{day_:%d.%m.%Y}") is None


@given(
    clock=st.datetimes(min_value=datetime(1930, 1, 1), max_value=datetime(2099, 1, 1)),  # noqa: DTZ001
    offset=st.integers(-14 * 4, 14 * 4),
)
def test_moments_are_kept_in_utc(clock: datetime, offset: int) -> None:
    """ISO 8601 with an offset is that instant; without one it is wall-clock time of the zone."""
    minutes = offset * 15
    sign = "-" if minutes < 0 else "+"
    shift = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    instant = clock.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert moment(f"{clock.isoformat()}{shift}", "iso") == instant
    assert moment(f"{clock.isoformat(' ')}{shift.replace(':', '')}", "iso") == instant
    assert moment(f"{clock.isoformat()}Z") == clock.replace(tzinfo=UTC)
    plain = clock.replace(microsecond=0)
    assert moment(f"{plain}", "YYYY-MM-DD hh:mm:ss") == plain.replace(tzinfo=UTC)


@given(texts=st.lists(st.text(alphabet="0123456789-/.年月日TZ:+ ", max_size=26), max_size=8))
def test_the_rest_is_null_and_never_an_error(texts: list[str]) -> None:
    """Whatever stands in the cell, the answer is a day, a moment or null."""
    series = pl.Series(texts, dtype=pl.String)
    assert dates.days(series, dates.SAFE).to_list() == [day(text) for text in texts]
    found = dates.moments(series, dates.SAFE, "Asia/Shanghai").to_list()
    assert found == [moment(text, zone="Asia/Shanghai") for text in texts]


def test_the_dates_of_the_dictionary() -> None:
    """45379 is what a workbook makes of 28 March 2024; 2013年6月15日 is a service record's."""
    assert day("45379") == date(2024, 3, 28)
    assert day("2013年6月15日") == date(2013, 6, 15)
    assert moment("2024-01-26T03:38:00+08:00") == datetime(2024, 1, 25, 19, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2024-13-01",
        "0000-00-00",
        "20240229x",
        "2023-02-29",
        "32.01.2024",
        "4537",
        "x",
    ],
)
def test_a_day_that_does_not_exist_is_null(text: str) -> None:
    """No day is made up, nor moved into the next month."""
    assert day(text, *dates.SAFE, "DD.MM.YYYY") is None


def test_the_hour_that_spring_skips_is_null() -> None:
    """On 31 March 2024 no clock in Paris showed half past two; in UTC it was an hour as any."""
    text = "2024-03-31 02:30:00"
    assert moment(text, "iso", zone="Europe/Paris") is None
    assert moment(text, "iso", zone="UTC") == datetime(2024, 3, 31, 2, 30, tzinfo=UTC)
    before = datetime(2024, 3, 31, 1, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert moment("2024-03-31 01:30:00", "iso", zone="Europe/Paris") == before


CONFLICTS = [
    ("DD/MM/YYYY", "MM/DD/YYYY"),
    ("D/M/YYYY", "M/D/YYYY"),
    ("YYYYMMDD", "DDMMYYYY"),
    ("DD.MM.YY", "YY.MM.DD"),
    ("YYYY-MM-DD", "YYYY-DD-MM"),
]


@pytest.mark.parametrize("pair", CONFLICTS)
def test_formats_that_contradict_each_other_are_found(pair: tuple[str, str]) -> None:
    """Both would read one text, as two days."""
    assert dates.conflict(pair) == pair
    assert dates.conflict(("YYYY年M月D日", *pair)) == pair


def test_formats_that_agree_are_none() -> None:
    """The safe formats go together, also with the Russian ones."""
    assert dates.conflict((*dates.SAFE, "DD.MM.YYYY", "D.M.YYYY", "DD.MM.YY")) is None


@pytest.mark.parametrize("format_", ["YYYY-MM", "DD.MM", "hh:mm", "YYYY-MM-DD-DD", "abc", ""])
def test_a_format_names_year_month_and_day(format_: str) -> None:
    """Anything less is no date."""
    assert dates.shape(format_) is None
    assert day("2024-03-29", format_) is None if format_ else True
