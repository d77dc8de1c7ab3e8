"""Numbers are read exactly or not at all.

Goal: no amount changes on its way from a partner's file into a table. Method: numbers are written
as people and machines write them and must come back; Python's Decimal, which shares no code with
the reader, is the oracle.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import numbers

AMOUNTS = st.decimals(
    min_value=-(10**15), max_value=10**15, places=4, allow_nan=False, allow_infinity=False
)


def read(text: str, mark: str = ".", times: str = "1") -> Decimal | None:
    """Return the one number in `text`."""
    found: Decimal | None = numbers.decimals(pl.Series([text]), mark=mark, times=Decimal(times))[0]
    return found


@given(amount=AMOUNTS)
def test_what_is_written_is_read(amount: Decimal) -> None:
    """Plain, with signs of thousands, with brackets, in full width, with a comma: always itself."""
    plain = f"{amount:f}"
    grouped = f"{amount:,f}"
    assert read(plain) == amount
    assert read(grouped) == amount
    assert read(f"¥ {grouped} 元") == amount
    assert read(plain.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789."})) == amount
    comma = grouped.translate({ord(","): ".", ord("."): ","})
    assert read(comma, mark=",") == amount
    assert read(f"({abs(amount):f})") == -abs(amount)


@given(texts=st.lists(st.text(alphabet="0123456789.,-+() eE¥万", max_size=12), max_size=8))
def test_the_rest_is_null_and_never_an_error(texts: list[str]) -> None:
    """A text is a number or null; equal texts give equal numbers; nothing else happens."""
    found = numbers.decimals(pl.Series(texts, dtype=pl.String))
    again = [read(text) for text in texts]
    assert found.to_list() == again


@given(amount=AMOUNTS, times=st.sampled_from(["10000", "0.01", "1.609344", "100000000"]))
def test_a_unit_scales_exactly(amount: Decimal, times: str) -> None:
    """10,000 yuan are ten thousand times a yuan, to the last place; beyond the limit is null."""
    product = amount * Decimal(times)
    found = read(f"{amount:f}", times=times)
    assert found == product if abs(product) <= numbers.NUMBER_MAX else found is None


def test_the_unit_of_the_stock_records() -> None:
    """6.8529 万元 of purchase cost are 68,529 yuan (data dictionary, vehicle stock)."""
    assert read("6.8529", times=str(numbers.UNITS["万元"])) == Decimal(68_529)


READ = [
    ("1.2E-5", Decimal("0.000012")),
    ("9.9e17", Decimal(990_000_000_000_000_000)),
    ("+5", Decimal(5)),
    (".5", Decimal("0.5")),
    ("5.", Decimal(5)),
    ("−7", Decimal(-7)),
    ("1234.5-", Decimal("-1234.5")),
    ("12 辆", Decimal(12)),
    ("86666公里", Decimal(86_666)),
    ("13%", Decimal(13)),
    ("USD 1,000", Decimal(1_000)),
    ("1'000", Decimal(1_000)),
    ("3.3000000000000003", Decimal("3.3")),
    ("0.00000000015", Decimal("0.0000000002")),
    ("1.5E-10", Decimal("0.0000000002")),
]
REFUSED = [
    *("1,5", "1.234,50", "1,23,456", "1.2.3", "--5", "-", "abc", "12a", "5 - 3", "(5", "1e400"),
    *("0x10", "1_0_0.0.0", "10000000000000000000", "9.9e18", "∞", "NaN", "五"),
]


@pytest.mark.parametrize(("text", "number"), READ)
def test_it_reads(text: str, number: Decimal) -> None:
    """One way of writing a number."""
    assert read(text) == number


@pytest.mark.parametrize("text", REFUSED)
def test_it_does_not_guess(text: str) -> None:
    """A text that could mean two numbers, or none, is none."""
    assert read(text) is None


@given(amount=AMOUNTS)
def test_whole_numbers_have_no_fraction(amount: Decimal) -> None:
    """12.0 is 12; 12.5 is no whole number."""
    series = pl.Series([amount], dtype=numbers.DECIMAL)
    whole = numbers.whole(series)[0]
    assert whole == (int(amount) if amount == amount.to_integral_value() else None)
