"""A freight world adds up, repeats, and keeps its truth whatever people mistype.

Goal: what is measured on such a world means something. Method: sums of the clean year; equal seeds,
equal bytes; the truth at several noises; refusals in their order.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tallyport.kernel.guard import Refused
from tallyport.worlds.freight import make
from tallyport.worlds.freight.make import Refusal
from tallyport.worlds.freight.model import Case
from tallyport.worlds.freight.simulate import simulate


def files(folder: Path) -> dict[str, bytes]:
    """Return every file by its name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.determinism
def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    """And another seed another year."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make(tmp_path / name, hauls=200, seed=seed)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_noise_changes_no_truth(tmp_path: Path) -> None:
    """People mistype what happened, they do not change it."""
    for noise in (0.0, 2.0):
        make(tmp_path / str(noise), hauls=200, seed=3, noise=noise)
    calm, loud = files(tmp_path / "0.0"), files(tmp_path / "2.0")
    assert [calm[name] == loud[name] for name in sorted(calm) if name.startswith("truth")] == [
        True,
        True,
    ]
    assert calm["freight_flows.csv"] != loud["freight_flows.csv"]


def test_the_year_adds_up() -> None:
    """Parts of a payment are never more than it; every planted case occurs; numbers are unique."""
    year = simulate(5, 1_000)
    for flow in year.flows:
        assert sum(part.amount_minor for part in flow.parts) <= flow.gross_minor
    for numbers in (
        [haul.no for haul in year.hauls],
        [bill.no for bill in year.bills],
        [flow.no for flow in year.flows],
    ):
        assert len(set(numbers)) == len(numbers)
    assert set(Counter(one.case for one in year.planted)) == set(Case)
    assert all(haul.balance_minor > 0 for haul in year.hauls)


@pytest.mark.parametrize(
    ("hauls", "noise", "reason"),
    [(99, 1.0, Refusal.HAULS), (200_001, 1.0, Refusal.HAULS), (100, -0.1, Refusal.NOISE)],
)
def test_refusals(tmp_path: Path, hauls: int, noise: float, reason: Refusal) -> None:
    """In the order of the checks; nothing is written."""
    with pytest.raises(Refused) as refused:
        make(tmp_path / "world", hauls=hauls, noise=noise)
    assert refused.value.reason is reason
    assert not (tmp_path / "world").exists()
