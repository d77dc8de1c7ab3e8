"""Day counts: year fractions as other programs publish them.

Goal: every published case of a convention that we have. Method: outside cases (OpenGamma Strata,
QuantLib), exact fractions compared within their double's width; then worked figures.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.kernel import ratio
from tallyport.kernel.daycount import DayCount, Span, span

THEIR_NAMES = {
    "Act/360": DayCount.ACT_360,
    "Act/365F": DayCount.ACT_365,
    "30E/360": DayCount.THIRTY_360,
}
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_the_published_cases() -> None:
    """Year fraction and days of every case of ours."""
    tried = dict.fromkeys(DayCount, 0)
    for line in shared("data", "cases", "day_counts.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        convention = THEIR_NAMES.get(case["input"]["convention"])
        if convention is None:
            continue
        start, end = (date.fromisoformat(case["input"][name]) for name in ("start", "end"))
        made = span(convention, start, end)
        expected = case["expected"]
        if "year_fraction" in expected:
            difference = Fraction(made.days, made.basis) - Fraction(expected["year_fraction"])
            assert abs(difference) < Fraction(1, 10**9), case["id"]
        if "days" in expected:
            assert made.days == expected["days"], case["id"]
        tried[convention] += 1
    assert all(tried.values())


@given(days, days)
def test_actual_days_are_the_difference(start: date, end: date) -> None:
    """There and back cancel out."""
    for convention, basis in ((DayCount.ACT_360, 360), (DayCount.ACT_365, 365)):
        assert span(convention, start, end) == Span((end - start).days, basis)


@given(days, days)
def test_thirty_day_months(start: date, end: date) -> None:
    """Antisymmetric, and never more than two days a month from the actual days."""
    made = span(DayCount.THIRTY_360, start, end)
    back = span(DayCount.THIRTY_360, end, start)
    assert made.days == -back.days
    assert made.basis == 360
    months = abs(end - start).days // 28 + 2
    assert abs(made.days - (end - start).days) <= 2 * months


@given(days)
def test_no_time_has_no_days(day: date) -> None:
    """Whatever the convention."""
    assert all(span(convention, day, day).days == 0 for convention in DayCount)


@pytest.mark.parametrize(
    ("convention", "start", "end", "rate_bp", "interest_minor"),
    [
        (DayCount.ACT_360, date(2024, 4, 4), date(2024, 6, 3), 550, 916_667),  # 9,166.67
        (DayCount.THIRTY_360, date(2024, 4, 4), date(2024, 7, 4), 300, 750_000),  # pays 992,500.00
        (DayCount.ACT_365, date(2023, 1, 1), date(2024, 1, 1), 300, 3_000_000),
    ],
)
def test_worked_figures(
    convention: DayCount, start: date, end: date, rate_bp: int, interest_minor: int
) -> None:
    """The interest on 1,000,000.00."""
    made = span(convention, start, end)
    numerator = 100_000_000 * rate_bp * made.days
    assert ratio.half_up(numerator, ratio.BP_WHOLE * made.basis) == interest_minor
