"""Goal: garbage is looked for less often, never more often. Method: each setting it may meet."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tallyport.adapters.embedded.collector import (
    MIDDLE_ROUNDS,
    NEW_OBJECTS_MIN,
    YOUNG_ROUNDS,
    relax,
)

RELAXED = (NEW_OBJECTS_MIN, YOUNG_ROUNDS, MIDDLE_ROUNDS)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((700, 10, 10), RELAXED),
        (RELAXED, RELAXED),
        ((100_000, 5, 5), (100_000, 5, 5)),
        ((0, 10, 10), (0, 10, 10)),  # Nought means never.
    ],
)
def test_what_is_less_often_already_stays(
    before: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    """The rest is relaxed."""
    gc.set_threshold(*before)
    relax()
    assert gc.get_threshold() == after
