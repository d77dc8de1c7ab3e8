"""Chance repeats itself: a stream depends on the seed and on its name alone.

Goal: no stage of a world can move another. Method: streams are drawn in other orders and amounts.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.chance import Dice


@given(seed=st.integers(), drawn=st.integers(0, 20))
def test_a_stream_does_not_hear_the_others(seed: int, drawn: int) -> None:
    """However much another stream gave, this one gives the same."""
    alone = [Dice(seed, "deals").between(0, 10**9) for _ in range(1)]
    other = Dice(seed, "customs")
    for _ in range(drawn):
        other.between(0, 10**9)
    deals = Dice(seed, "deals")

    assert [deals.between(0, 10**9)] == alone


def test_names_and_seeds_tell_streams_apart() -> None:
    """Equal streams would make equal mistakes in two systems."""
    drawn = {Dice(seed, name).between(0, 10**9) for seed in (1, 2) for name in ("a", "b")}

    assert len(drawn) == 4


@given(seed=st.integers(), low=st.integers(-50, 50), width=st.integers(0, 50))
def test_bounds_are_included(seed: int, low: int, width: int) -> None:
    """`between` never leaves its bounds; `days` is the same in days."""
    dice = Dice(seed, "bounds")

    assert low <= dice.between(low, low + width) <= low + width
    assert low <= dice.days(low, low + width).days <= low + width


def test_chances_are_about_what_they_say() -> None:
    """250 in a thousand is a quarter; 0 is never, 1000 is always; weights are shares."""
    dice = Dice(7, "chances")
    happened = sum(dice.happens(250) for _ in range(10_000))
    weighed = Counter(dice.weigh((("a", 3), ("b", 1), ("c", 0))) for _ in range(4_000))

    assert 2_300 < happened < 2_700
    assert not any(dice.happens(0) for _ in range(100))
    assert all(dice.happens(1000) for _ in range(100))
    assert 2_800 < weighed["a"] < 3_200
    assert weighed["c"] == 0


def test_some_are_different_and_never_too_many() -> None:
    """Asking for more than there is gives what there is."""
    dice = Dice(7, "some")

    assert sorted(dice.some("abc", 9)) == ["a", "b", "c"]
    assert len(set(dice.some(range(100), 20))) == 20
    assert dice.some((), 3) == []
    assert set(dice.text("xy", 40)) == {"x", "y"}
