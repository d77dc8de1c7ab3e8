"""Money as people write it and read it: back and forth without losing a minor unit.

Goal: what a form takes is what a page shows. Method: every amount of every kind of currency is
spelled and read back; then the spellings of people, and what is none.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.money import MINOR_MAX, Money
from tallyport.projections.queries.amounts import decimal, minor

CURRENCIES = st.sampled_from(["CNY", "USD", "UZS", "JPY", "KWD"])


@given(st.integers(0, MINOR_MAX), CURRENCIES, st.sampled_from(["", ",", " ", "'"]))
def test_what_is_written_is_read_back(units: int, currency: str, separator: str) -> None:
    """With and without separators."""
    text = decimal(Money(units, currency), separator)
    assert minor(text, currency) == units


@given(st.integers(1, MINOR_MAX), CURRENCIES)
def test_a_negative_amount_differs_by_its_sign(units: int, currency: str) -> None:
    """Debts are written with a minus."""
    assert decimal(Money(-units, currency)) == f"-{decimal(Money(units, currency))}"


@pytest.mark.parametrize(
    ("units", "currency", "text"),
    [
        (6_000_000_000, "CNY", "60,000,000.00"),
        (5, "CNY", "0.05"),
        (0, "USD", "0.00"),
        (1_234, "JPY", "1,234"),
        (1_234, "KWD", "1.234"),
        (-99, "USD", "-0.99"),
    ],
)
def test_examples(units: int, currency: str, text: str) -> None:
    """Two, none and three decimals."""
    assert decimal(Money(units, currency), ",") == text


@pytest.mark.parametrize("text", ["", ".", "1.", "1.005", "-1", "1e3", "٣", "1.2.3", "9" * 30, "x"])
def test_what_is_no_amount_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert minor(text, "CNY") is None


@pytest.mark.parametrize(
    ("text", "units"), [(" 1 920 000.5 ", 192_000_050), ("1,000", 100_000), ("0.10", 10)]
)
def test_people_write_in_many_ways(text: str, units: int) -> None:
    """Spaces, commas, one decimal."""
    assert minor(text, "CNY") == units
