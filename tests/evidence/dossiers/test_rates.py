"""Rates: exact, of the right day, and none rather than a guess.

Goal: an amount converted is the amount that the table says, to half a minor unit. Method: random
amounts and rates against fractions; there and back; days before, between and after the table.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.canonical_tables import table
from tallyport.evidence.dossiers.rates import AGE_DAYS_MAX, Rates, rates
from tallyport.kernel.money import Money

DAY = date(2024, 4, 4)
RATES = st.decimals("0.0001", "20000", places=4)


def known(**cells: object) -> Rates:
    """Return the rates of one day."""
    return rates({"fx_rate": table("fx_rate", [{"day": DAY, **cells}])})


@given(st.integers(0, 10**11), RATES, RATES)
def test_a_conversion_is_exact_to_half_a_minor_unit(minor: int, cny: Decimal, kzt: Decimal) -> None:
    """Through the dollar, rounded once."""
    found = known(cny=cny, kzt=kzt)
    exact = Fraction(minor) * Fraction(kzt) / Fraction(cny)
    if exact > 2**53 - 1:
        return
    converted = found.convert(Money(minor, "CNY"), "KZT", DAY)
    assert converted is not None
    assert converted.currency == "KZT"
    assert abs(converted.minor - exact) <= Fraction(1, 2)


def test_by_hand() -> None:
    """22,380.00 USD at 7.25 are 162,255.00 CNY; CNY need no rate to be CNY."""
    found = known(cny="7.25")
    assert found.convert(Money(2_238_000, "USD"), "CNY", DAY) == Money(16_225_500, "CNY")
    assert Rates({}).convert(Money(5, "CNY"), "CNY", DAY) == Money(5, "CNY")


@pytest.mark.parametrize(
    ("days", "is_known"), [(-1, False), (0, True), (AGE_DAYS_MAX, True), (AGE_DAYS_MAX + 1, False)]
)
def test_a_rate_is_that_of_the_day_or_shortly_before(days: int, is_known: bool) -> None:  # noqa: FBT001 - A column of the table above.
    """Holidays have the rate of the last working day; a month later nobody knows."""
    converted = known(cny="7").convert(Money(100, "USD"), "CNY", DAY + timedelta(days=days))
    assert (converted is not None) == is_known


def test_an_unknown_currency_has_no_rate() -> None:
    """Neither has one whose cell is empty, nor any without a table."""
    found = known(cny="7")
    assert found.convert(Money(1, "EUR"), "CNY", DAY) is None
    assert found.convert(Money(1, "KZT"), "CNY", DAY) is None
    assert rates({}).convert(Money(1, "USD"), "CNY", DAY) is None
