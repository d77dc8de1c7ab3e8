"""Assignment: each item at one place, no place above its room, and the best sum.

Goal: the fast path and the solver agree with trying everything. Method: Hypothesis against brute
force on small problems.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyport.evidence.linkage.groups import assigned

pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.floats(-3, 9, allow_nan=False)),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[:2],
)


def best_sum(rows: list[tuple[int, int, float]], room: list[int]) -> float:
    """Return the best sum of gains by trying every choice."""
    options: dict[int, list[tuple[int, float]]] = {}
    for item, place, gain in rows:
        options.setdefault(item, [(-1, 0.0)]).append((place, gain))
    best = 0.0
    for choice in product(*options.values()):
        places = [place for place, _ in choice if place >= 0]
        if all(places.count(place) <= room[place] for place in set(places)):
            best = max(best, sum(gain for _, gain in choice))
    return best


@settings(max_examples=80)
@given(pairs, st.lists(st.integers(0, 2), min_size=3, max_size=3))
def test_it_is_as_good_as_trying_everything(
    rows: list[tuple[int, int, float]], room: list[int]
) -> None:
    """And it breaks no rule."""
    items, places, gains = (np.array(column) for column in zip(*rows, strict=True))
    kept = assigned(items, places, gains.astype(float), np.array(room))
    assert len(set(items[kept])) == len(kept)
    assert all(np.sum(places[kept] == place) <= room[place] for place in range(3))
    assert abs(gains[kept].sum() - best_sum(rows, room)) < 1e-6


def test_no_pairs_no_assignment() -> None:
    """Nothing in, nothing out."""
    nothing = np.zeros(0, dtype=np.int64)
    assert len(assigned(nothing, nothing, np.zeros(0), nothing)) == 0
