"""Ratios: each rounding is what its name says.

Goal and method: against `fractions` and `decimal`, which share no code with us.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel import ratio
from tallyport.kernel.guard import InvariantError

numerators = st.integers(-(10**18), 10**18)
denominators = st.integers(1, 10**9)


@given(numerators, denominators)
def test_floor_and_ceil(numerator: int, denominator: int) -> None:
    """The whole numbers around the fraction."""
    exact = Fraction(numerator, denominator)
    assert ratio.floor(numerator, denominator) == math.floor(exact)
    assert ratio.ceil(numerator, denominator) == math.ceil(exact)
    assert ratio.half_even(numerator, denominator) == round(exact)


@given(numerators, st.sampled_from([1, 2, 4, 5, 8, 10, 16, 100, 10_000]))
def test_halves(numerator: int, denominator: int) -> None:
    """Denominators that a decimal spells exactly, so that halves come up often."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(numerator) / Decimal(denominator)
        up = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        even = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
    assert ratio.half_up(numerator, denominator) == up
    assert ratio.half_even(numerator, denominator) == even


@pytest.mark.parametrize(
    ("numerator", "denominator", "up", "even"),
    [(1, 2, 1, 0), (3, 2, 2, 2), (-1, 2, -1, 0), (-3, 2, -2, -2), (5, 2, 3, 2), (0, 7, 0, 0)],
)
def test_halves_by_hand(numerator: int, denominator: int, up: int, even: int) -> None:
    """Away from zero, and to the even neighbour."""
    assert ratio.half_up(numerator, denominator) == up
    assert ratio.half_even(numerator, denominator) == even


def test_a_discount() -> None:
    """1,000,000.00 at 5.5 % for 60 days, ACT/360, is 9,166.67."""
    interest = ratio.half_up(100_000_000 * 550 * 60, ratio.BP_WHOLE * 360)
    assert interest == 916_667


@pytest.mark.parametrize("rounding", [ratio.floor, ratio.ceil, ratio.half_up, ratio.half_even])
@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(rounding: type, denominator: int) -> None:
    """RATIO-1, whatever the rounding and the sign of the numerator."""
    for numerator in (1, -1):
        with pytest.raises(InvariantError, match="RATIO-1"):
            rounding(numerator, denominator)
