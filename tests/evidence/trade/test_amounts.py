"""Amounts: minor units and shares agree with exact arithmetic.

Goal: no cent is lost between a decimal and its minor units. Method: any decimal with up to four
places against Python's own decimal rounding; shares against fractions.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.trade.amounts import minor, share_bp

AMOUNTS = st.decimals("-10000000", "10000000", places=4)


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_minor_units_round_halves_away_from_zero(amounts: list[Decimal]) -> None:
    """Whatever the sign, 0.005 goes away from zero."""
    frame = pl.DataFrame({"amount": amounts}, schema={"amount": pl.Decimal(38, 10)})
    expected = [int((one * 100).quantize(Decimal(1), ROUND_HALF_UP)) for one in amounts]
    assert frame.select(minor(pl.col("amount"))).to_series().to_list() == expected


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_the_nearest_basis_point(part: int, whole: int) -> None:
    """Never more than half a basis point off."""
    frame = pl.DataFrame({"part": [part], "whole": [whole]})
    found = frame.select(share_bp(pl.col("part"), pl.col("whole"))).item()
    assert abs(Fraction(part, whole) * 10_000 - found) <= Fraction(1, 2)


def test_a_share_of_nothing_is_unknown() -> None:
    """Nothing is not zero per cent of nothing."""
    frame = pl.DataFrame({"part": [0], "whole": [0]})
    assert frame.select(share_bp(pl.col("part"), pl.col("whole"))).item() is None
