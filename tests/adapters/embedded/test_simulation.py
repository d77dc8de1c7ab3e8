"""Simulated bad years of the embedded ledger; see `support.simulation` for what must hold.

Goal: no order of clients, faults, deaths and clocks loses, doubles or tears anything. Method: a few
seeds each time, others every day; a run that fails names its seed. Planted mistakes show that the
simulation finds what it is there for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from support.simulation import Simulation
from tallyport.adapters.embedded.store import Rows
from tallyport.kernel.guard import FaultError, InvariantError
from tallyport.ledger.machine import Machine, Place

SEEDS = [int(word) for word in os.environ.get("TALLYPORT_SEEDS", "1 2 3").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_year_loses_nothing(tmp_path: Path, seed: int) -> None:
    """The seeds of the day are in TALLYPORT_SEEDS."""
    Simulation(tmp_path, seed).run()


def test_a_seed_is_the_whole_story(tmp_path: Path) -> None:
    """What failed once fails again."""
    heads = set[bytes]()
    for folder in (tmp_path / "once", tmp_path / "again"):
        played = Simulation(folder, 7)
        played.run(40)
        heads.add(played.head)
    assert len(heads) == 1


def _loses_a_row(patch: pytest.MonkeyPatch) -> None:
    write = Rows._write

    def losing(rows: Rows, table: str) -> None:
        rows._changed[table] = set(sorted(rows._changed[table])[1:])
        write(rows, table)

    patch.setattr(Rows, "_write", losing)


def _forgets_what_was_done(patch: pytest.MonkeyPatch) -> None:
    admit = Machine.admit
    patch.setattr(Machine, "admit", lambda *args: (admit(*args)[0], None))


def _goes_back_in_time(patch: pytest.MonkeyPatch) -> None:
    follow = Machine.follow

    def straying(made: Machine, last: Place | None, now: datetime) -> Place:
        return replace(follow(made, last, now), at=now)

    patch.setattr(Machine, "follow", straying)


@pytest.mark.parametrize("plant", [_loses_a_row, _forgets_what_was_done, _goes_back_in_time])
def test_a_planted_mistake_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Within a few seeds, by whatever notices it first."""
    plant(monkeypatch)
    with pytest.raises((AssertionError, FaultError, InvariantError)):
        _play(tmp_path, range(8))


def _play(folder: Path, seeds: range) -> None:
    for seed in seeds:
        Simulation(folder / str(seed), seed).run(60)
