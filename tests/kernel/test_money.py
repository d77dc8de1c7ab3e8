"""Money and its sharing out: every cent goes somewhere.

Goal: sums are exact, parts sum to the whole. Method: properties against Python's own integers and
fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.guard import InvariantError
from tallyport.kernel.money import MINOR_MAX, Money, share_out, total

half = st.integers(-(MINOR_MAX // 2), MINOR_MAX // 2)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=12)


@given(half, half)
def test_it_adds_and_takes_away(left: int, right: int) -> None:
    """As integers do."""
    a, b = Money(left, "CNY"), Money(right, "CNY")
    assert a + b == b + a == Money(left + right, "CNY")
    assert a - b == a + -b == Money(left - right, "CNY")
    assert (a < b) == (left < right)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_a_total_is_a_sum(minors: list[int]) -> None:
    """Nothing adds up to zero."""
    assert total((Money(one, "UZS") for one in minors), "UZS") == Money(sum(minors), "UZS")


@given(st.integers(0, MINOR_MAX), weights)
def test_parts_sum_to_the_whole(whole: int, shares: list[int]) -> None:
    """Each part lies less than one unit from its exact share, and none is negative."""
    parts = share_out(whole, shares)
    assert sum(parts) == whole
    assert len(parts) == len(shares)
    if sum(shares):
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - Fraction(whole * share, sum(shares))) < 1
            assert part >= 0


@given(st.integers(0, 10**9), weights)
def test_who_has_the_larger_remainder_gets_the_odd_unit(whole: int, shares: list[int]) -> None:
    """Nobody who was rounded up had a smaller remainder than somebody who was not."""
    pot = sum(shares)
    if pot == 0:
        assert share_out(whole, shares) == (whole, *[0] * (len(shares) - 1))
        return
    ranks = [
        (whole * share % pot, -place, part - whole * share // pot)
        for place, (share, part) in enumerate(zip(shares, share_out(whole, shares), strict=True))
    ]
    ups = [rank[:2] for rank in ranks if rank[2]]
    downs = [rank[:2] for rank in ranks if not rank[2]]
    assert not ups or not downs or min(ups) > max(downs)


@pytest.mark.parametrize(
    ("whole", "shares", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (100, [2, 1, 0], (67, 33, 0)),
        (1, [1, 1], (1, 0)),
        (0, [3, 4], (0, 0)),
        (7, [0, 0], (7, 0)),
        (6_000_000_000, [192, 5_808], (192_000_000, 5_808_000_000)),  # 001, page 16.
    ],
)
def test_shares_by_hand(whole: int, shares: list[int], parts: tuple[int, ...]) -> None:
    """Worked examples."""
    assert share_out(whole, shares) == parts


def test_the_bounds_hold() -> None:
    """MONEY-1: the largest amount is one, a unit more stops us."""
    most = Money(MINOR_MAX, "CNY")
    assert most - most == Money(0, "CNY")
    forgeries: list[Callable[[], Money]] = [
        lambda: Money(MINOR_MAX + 1, "CNY"),
        lambda: Money(-MINOR_MAX - 1, "CNY"),
        lambda: most + Money(1, "CNY"),
        lambda: -most - Money(1, "CNY"),
    ]
    for forge in forgeries:
        with pytest.raises(InvariantError, match="MONEY-1"):
            forge()


def test_currencies_never_mix() -> None:
    """MONEY-2."""
    forgeries: list[Callable[[], Money]] = [
        lambda: Money(1, "CNY") + Money(1, "USD"),
        lambda: Money(1, "CNY") - Money(1, "USD"),
        lambda: total([Money(1, "USD")], "CNY"),
    ]
    for forge in forgeries:
        with pytest.raises(InvariantError, match="MONEY-2"):
            forge()
