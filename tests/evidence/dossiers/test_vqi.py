"""VQI: a weighted mean with honest intervals, in whole numbers.

Goal: no item counts for nothing, better items never make a worse index, and the interval holds the
mean as often as it says. Method: random reports; the statistics module as an oracle; cars by hand.
"""

from __future__ import annotations

import math
import random
import statistics
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.canonical_tables import table
from support.shared import shared
from tallyport.evidence.dossiers import vqi
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS

ITEMS = st.fixed_dictionaries({name: st.decimals(0, 100, places=2) for name in INSPECTION_ITEMS})


@given(ITEMS, st.sampled_from(INSPECTION_ITEMS), st.decimals(0, 100, places=2))
def test_a_better_item_never_lowers_the_index(
    items: dict[str, Decimal], name: str, other: Decimal
) -> None:
    """And the index stays between 0 and 100."""
    better = vqi.index({**items, name: max(items[name], other)})
    worse = vqi.index({**items, name: min(items[name], other)})
    assert worse is not None
    assert better is not None
    assert 0 <= worse <= better <= 10_000


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=60))
def test_several_reports_agree_with_statistics(indices: list[int]) -> None:
    """Mean and standard deviation to the nearest hundredth; the margin from both."""
    found = vqi.combined(indices)
    assert found is not None
    assert found.reports == len(indices)
    assert abs(found.mean - statistics.fmean(indices)) <= 0.5
    spread = statistics.stdev(indices)
    assert found.spread is not None
    assert found.margin is not None
    assert abs(found.spread - spread) <= 0.52
    t = 12.706 if len(indices) == 2 else None
    if t is not None:
        assert math.isclose(found.margin, t * spread / math.sqrt(2), abs_tol=1.5)
    assert combined_backwards(indices) == found


def combined_backwards(indices: list[int]) -> vqi.Vqi | None:
    """Return the VQI of the same reports in another order."""
    return vqi.combined(list(reversed(indices)))


def test_the_interval_holds_the_true_mean_95_times_in_100() -> None:
    """A thousand fleets of eight cars with true mean 87.6 and spread 2.3."""
    chance = random.Random(20240404)  # noqa: S311 - The same fleets on every run.
    held = 0
    for _ in range(1_000):
        found = vqi.combined([round(chance.gauss(8_760, 230)) for _ in range(8)])
        assert found is not None
        assert found.margin is not None
        held += abs(found.mean - 8_760) <= found.margin
    assert 930 <= held <= 970


def test_by_hand() -> None:
    """All 90, but an engine of 71: the engine weighs 3 of 38."""
    items = dict.fromkeys(INSPECTION_ITEMS, Decimal(90))
    assert sum(vqi.WEIGHTS.values()) == 38
    assert vqi.index(items) == 9_000
    assert vqi.index({**items, "engine": Decimal(71)}) == 8_850


@pytest.mark.parametrize("item", vqi.FATAL)
def test_what_cannot_be_mended_caps_the_index(item: str) -> None:
    """A drowned car with fine paint is a drowned car."""
    items = dict.fromkeys(INSPECTION_ITEMS, Decimal(98))
    assert vqi.index({**items, item: Decimal("59.99")}) == 6_000
    assert (vqi.index({**items, item: Decimal(60)}) or 0) > 6_000


def test_too_few_items_give_no_index() -> None:
    """Fourteen of twenty are not enough, fifteen are."""
    known = {name: Decimal(80) for name in INSPECTION_ITEMS[:15]}
    assert vqi.index(known) == 8_000
    assert vqi.index({**known, INSPECTION_ITEMS[0]: None}) is None
    assert vqi.index({}) is None


def test_no_reports_give_nothing_and_one_has_no_spread() -> None:
    """One car says nothing about how cars vary."""
    assert vqi.combined([]) is None
    assert vqi.combined([8_760]) == vqi.Vqi(mean=8_760, spread=None, margin=None, reports=1)
    assert vqi.fleet(table("inspection", [])) is None


def test_the_shared_world() -> None:
    """286 reports, like the source; its 87.6 ± 2.3 is a mean and a standard deviation."""
    as_of = date(2024, 12, 31)
    reading = read(shared("worlds", "dev762"), builtin()["used_car_export"], as_of=as_of)
    found = vqi.fleet(reading.tables["inspection"])
    assert found is not None
    assert found.reports == reading.tables["inspection"].height
    assert 8_400 < found.mean < 9_200
    assert found.spread is not None
    assert 100 < found.spread < 400


def test_what_items_cost_sums_to_what_is_missing() -> None:
    """One hundred less the weighted mean, but for the rounding of each item."""
    items = {name: Decimal(60 + 2 * at) for at, name in enumerate(INSPECTION_ITEMS)}
    parts = vqi.explained(items)
    mean = vqi.index(items)
    assert mean is not None
    assert abs(sum(part.lost for part in parts) - (100 * vqi.POINT - mean)) <= len(parts)
    assert parts[0].lost >= parts[-1].lost
    assert parts[0].sentence().startswith(parts[0].item)


def test_the_sentence_of_the_source() -> None:
    """The article's 87.6 ± 2.3 over 286 reports, with the interval of the mean."""
    spread = [8761 + 230 * (1 if at % 2 else -1) for at in range(286)]
    found = vqi.combined(spread)
    assert found is not None
    assert found.sentence() == "87.61 ± 2.30, mean within ± 0.27 (286 reports)"
    one = vqi.combined([9000])
    assert one is not None
    assert one.sentence() == "90.00 (1 report: no interval)"
