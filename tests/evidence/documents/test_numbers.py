"""Figures, capitals and codes: a property against a writer of capitals made here, then examples."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.documents.numbers import (
    capitals_minor,
    day,
    is_tax_number,
    minor,
    rate_ppm,
)

DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _capitals(amount: int) -> str:
    """Write an amount in capitals, every digit with its unit, zeros as one 零."""
    whole, cents = divmod(amount, 100)
    out = ""
    for power in (8, 4, 0):
        block = whole // 10**power % 10_000
        said = ""
        for place, unit in ((1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
            digit = block // place % 10
            if digit:
                said += DIGITS[digit] + unit
            elif (said or out) and not said.endswith("零") and block % place:
                said += "零"
        out += said + {8: "亿", 4: "万", 0: ""}[power] if said else ""
    tenths, hundredths = divmod(cents, 10)
    tail = (DIGITS[tenths] + "角" if tenths else "") + (
        DIGITS[hundredths] + "分" if hundredths else ""
    )
    return (out or "零") + "圆" + (tail or "整")


@given(st.integers(0, 10**13))
def test_capitals_are_read_back(amount: int) -> None:
    """What is written is what is read."""
    assert capitals_minor(_capitals(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("壹拾壹万叁仟圆整", 11_300_000),
        ("（负数）叁佰壹拾捌圆整", -31_800),
        ("拾圆零伍分", 1_005),
        ("伍角整", 50),
        ("三百元", 30_000),
        ("圆滑", None),
        ("", None),
    ],
)
def test_capitals(text: str, amount: int | None) -> None:
    """Habits of printers, and what is no amount."""
    assert capitals_minor(text) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("¥1,234.50", 123_450), ("-3.005", -301), ("1e9", None), ("", None), ("9" * 99, None)],
)
def test_figures(text: str, amount: int | None) -> None:
    """Amounts in figures."""
    assert minor(text) == amount


@pytest.mark.parametrize(
    ("text", "rate"), [("13%", 130_000), ("0.06", 60_000), ("免税", 0), ("x", None)]
)
def test_rates(text: str, rate: int | None) -> None:
    """Rates as invoices write them."""
    assert rate_ppm(text) == rate


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_one_check_sign_fits_a_code(body: str) -> None:
    """GB 32100: exactly one of the 31 signs fits."""
    fitting = [sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_tax_number(body + sign)]
    assert len(fitting) == 1


def test_other_codes_say_nothing() -> None:
    """A code of 15 digits has no check sign."""
    assert is_tax_number("123456789012345") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024年05月28日", date(2024, 5, 28)),
        ("2024-05-28 10:00:00", date(2024, 5, 28)),
        ("20240528", date(2024, 5, 28)),
        ("2024-02-31", None),
        ("soon", None),
    ],
)
def test_days(text: str, found: date | None) -> None:
    """Days as papers write them."""
    assert day(text) == found
