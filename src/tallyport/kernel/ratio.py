"""Exact ratios of integers. Every function names its rounding; nothing here is a float.

discount of 1 000 000.00 at 5.5 % for 60 days, ACT/360:
half_up(100_000_000 * 550 * 60, 10_000 * 360) = 916_667, which is 9 166.67

RATIO-1  a denominator is positive
"""

from __future__ import annotations

from tallyport.kernel.guard import invariant

BP_WHOLE = 10_000  # Basis points in a whole.


def floor(numerator: int, denominator: int) -> int:
    """Return the quotient rounded towards minus infinity."""
    invariant(denominator > 0, "RATIO-1")
    return numerator // denominator


def ceil(numerator: int, denominator: int) -> int:
    """Return the quotient rounded towards plus infinity."""
    return -floor(-numerator, denominator)


# audit: recursion: once, with the sign turned
def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest, halves away from zero (四舍五入)."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return floor(2 * numerator + denominator, 2 * denominator)


def half_even(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest, halves to the even neighbour."""
    below = floor(numerator, denominator)
    twice = 2 * (numerator - below * denominator)
    return below + (twice > denominator or (twice == denominator and below % 2 == 1))
