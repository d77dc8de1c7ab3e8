"""Deals: a later one is drawn among many without writing them all down.

Goal: the number drawn is the one that a list would have had at that place. Method: the list.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tallyport.worlds.reality.deals import _nth


@given(st.integers(0, 30), st.integers(1, 60), st.sets(st.integers(0, 90)))
def test_numbers_left_out_are_passed_over(start: int, count: int, out: set[int]) -> None:
    """Every number from the start on that is not left out comes up once, in order."""
    left_out = sorted(at for at in out if at >= start)
    listed = [at for at in range(start, start + count + len(left_out)) if at not in left_out]
    assert [_nth(start, left_out, place) for place in range(count)] == listed[:count]
