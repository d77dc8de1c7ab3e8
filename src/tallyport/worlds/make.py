"""Make a world (生成世界): simulate a year of trade, let clerks type it, write the files.

    make(folder, vehicles=762, seed=1)   about 35 files in under two seconds

Equal arguments give equal bytes. `noise` 1 is an ordinary office, 0 one that never errs. `truth` is
the same at every noise: people mistype what happened, they do not change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from pathlib import Path

from tallyport.kernel.guard import FaultError, require
from tallyport.worlds import readme, truth
from tallyport.worlds.chance import Dice
from tallyport.worlds.exports import SYSTEMS
from tallyport.worlds.files import File
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import consequences
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.simulate import Reality, simulate

VEHICLES_MIN = 20  # The deals of the source document need 17.
VEHICLES_MAX = 100_000  # Beyond it a world takes more than a few minutes and gigabytes.
NOISE_MAX = 3.0  # Beyond it most records would be illegible.

Progress = Callable[[str, int, int], None]


@unique
class Refusal(StrEnum):
    """Why no world is made, in the order of the checks."""

    VEHICLES = "vehicles_must_be_20_to_100000"
    NOISE = "noise_must_be_0_to_3"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What was made: where, as of which day, how much of what."""

    folder: Path
    as_of: date
    counts: Mapping[str, int]  # Records by name: vehicles, contracts, declarations, payments ...
    findings: Mapping[str, int]  # Planted findings by type.


def make(
    folder: Path,
    *,
    vehicles: int = 762,
    seed: int = 1,
    noise: float = 1.0,
    progress: Progress | None = None,
) -> World:
    """Write a world below `folder`; files of an earlier world with the same names are replaced.

    `progress` is told the name of each step that is done, its number and how many there are.

    Raises:
        Refused: with a `Refusal`. Nothing was written.
        FaultError: a file could not be written; says which and why.
    """
    require(VEHICLES_MIN <= vehicles <= VEHICLES_MAX, Refusal.VEHICLES)
    require(0 <= noise <= NOISE_MAX, Refusal.NOISE)
    tell = progress or _silent
    steps = len(SYSTEMS) + 2
    reality = simulate(seed, vehicles)
    tell("simulate", 1, steps)
    for number, (system, export) in enumerate(SYSTEMS.items(), start=2):
        clerk = Clerk(Dice(seed, system), round(noise * 100))
        _write(folder, export(reality, clerk))
        tell(system, number, steps)
    _write(folder, truth.files(reality))
    _write(folder, iter((readme.file(seed, vehicles, noise),)))
    tell(truth.FOLDER, steps, steps)
    return _describe(folder, reality)


def _silent(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def _write(folder: Path, files: Iterator[File]) -> None:
    """Write `files` below `folder`."""
    for file in files:
        path = folder / file.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        except OSError as error:
            message = f"cannot write {path}: {error.strerror}; choose a folder that can be written"
            raise FaultError(message) from error


def _describe(folder: Path, reality: Reality) -> World:
    """Return how much of what happened."""
    findings = Counter(finding.type for finding in consequences.findings(reality))
    return World(
        folder=folder,
        as_of=AS_OF,
        counts={
            "vehicles": len(reality.vehicles),
            "contracts": len(reality.deals),
            "inspections": len(reality.inspections),
            "services": len(reality.services),
            "declarations": len(reality.declarations),
            "waybills": len(reality.waybills),
            "arrivals": len(reality.stays),
            "invoices": len(reality.invoices),
            "payments": len(reality.payments),
            "buyers": len(reality.cast.buyers),
        },
        findings={str(sort): findings[sort] for sort in sorted(findings)},
    )
