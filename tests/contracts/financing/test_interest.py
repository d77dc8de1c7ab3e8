"""Discount, interest and penalty come out to the cent, on the day and not a day before.

Goal: the worked figures of the rules, and no late fee before anything is late. Method: random terms
against exact fractions; the figures of the rules; days around the due date.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.certificates import DUE
from support.judging import play
from support.lending import LENT, LOAN, financing
from support.town import Town
from tallyport.contracts.financing.interest import Debt, charge, debt
from tallyport.contracts.financing.model import Financing
from tallyport.kernel.daycount import DayCount

days = st.dates(date(2024, 1, 1), date(2030, 1, 1))
MILLION = 100_000_000


def exact(minor: int, rate_bp: int, length: int, basis: int) -> int:
    """Return the charge by decimal arithmetic, rounded half up."""
    with localcontext(prec=60):
        value = Decimal(minor) * rate_bp * length / (10_000 * basis)
        return int(value.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**15), st.integers(0, 3_600), days, days)
def test_a_charge_is_the_formula(minor: int, rate_bp: int, start: date, end: date) -> None:
    """Actual days over 360 and 365; nothing for days that have not begun."""
    length = max(0, (end - start).days)
    for count, basis in ((DayCount.ACT_360, 360), (DayCount.ACT_365, 365)):
        assert charge(minor, rate_bp, count, start, end) == exact(minor, rate_bp, length, basis)


@pytest.mark.parametrize(
    ("face", "rate_bp", "count", "start", "end", "discount"),
    [
        # The worked figures of the rules: 9 166.67, and 992 500.00 paid out.
        (MILLION, 550, DayCount.ACT_360, date(2024, 4, 8), date(2024, 6, 7), 916_667),
        (MILLION, 300, DayCount.THIRTY_360, date(2024, 4, 8), date(2024, 7, 8), 750_000),
        # 30 790 000.00 for 180 days: 846 725.00.
        (3_079_000_000, 550, DayCount.ACT_360, date(2024, 4, 8), date(2024, 10, 5), 84_672_500),
        (MILLION, 550, DayCount.ACT_365, date(2024, 4, 8), date(2024, 6, 7), 904_110),
        (1, 3_600, DayCount.ACT_360, date(2024, 4, 8), date(2024, 4, 9), 0),
        (1, 5_000, DayCount.ACT_360, date(2024, 1, 1), date(2024, 12, 26), 1),  # Half goes up.
    ],
)
def test_worked_figures(
    face: int, rate_bp: int, count: DayCount, start: date, end: date, discount: int
) -> None:
    """One line of figures."""
    assert charge(face, rate_bp, count, start, end) == discount


@pytest.fixture(scope="module")
def loan() -> Financing:
    """A million at 6 %, penalty 9 %, ACT/360, from 2024-04-08, due on 2024-10-08 (183 days)."""
    town = Town()
    play(town, *LENT)
    return financing(town, LOAN)


@pytest.mark.parametrize(
    ("day", "interest", "penalty"),
    [
        (date(2024, 4, 8), 0, 0),
        (date(2024, 5, 8), 500_000, 0),  # 30 days: 5 000.00.
        (DUE - timedelta(days=1), 3_033_333, 0),
        (DUE, 3_050_000, 0),  # On the day it is not late.
        (DUE + timedelta(days=1), 3_050_000, 25_000),
        (DUE + timedelta(days=10), 3_050_000, 250_000),
    ],
)
def test_no_late_fee_before_anything_is_late(
    loan: Financing, day: date, interest: int, penalty: int
) -> None:
    """A bug of another system: a late fee was computed before the demand it was late on."""
    owed = debt(loan, day)
    assert (owed.interest_minor, owed.penalty_minor) == (interest, penalty)
    assert owed.principal_minor == MILLION


def test_a_penalty_counts_from_the_last_accrual_too(loan: Financing) -> None:
    """Paid in part while late: the days before are not charged again, nor the interest."""
    late = replace(loan, accrued_to=DUE + timedelta(days=4), interest_minor=7, penalty_minor=5)
    owed = debt(late, DUE + timedelta(days=6))
    assert (owed.interest_minor, owed.penalty_minor) == (7, 5 + 50_000)


def test_nothing_is_owed_before_it_is_paid_out(loan: Financing) -> None:
    """No start, no charge."""
    waiting = replace(loan, outstanding_minor=0, accrued_to=None)
    assert debt(waiting, DUE + timedelta(days=99)).total_minor == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_a_payment_goes_to_interest_then_penalty_then_principal(
    interest: int, penalty: int, principal: int, data: st.DataObject
) -> None:
    """The next part gets something when the one before it is covered."""
    owed = Debt(interest_minor=interest, penalty_minor=penalty, principal_minor=principal)
    minor = data.draw(st.integers(0, owed.total_minor))
    paid = owed.allocate(minor)
    assert paid.total_minor == minor
    assert 0 <= paid.interest_minor <= interest
    assert 0 <= paid.penalty_minor <= penalty
    assert 0 <= paid.principal_minor <= principal
    assert paid.penalty_minor == 0 or paid.interest_minor == interest
    assert paid.principal_minor == 0 or paid.penalty_minor == penalty
