"""Make a freight world (生成货运世界): a year of a platform, its files and its truth.

    make(folder, hauls=2000, seed=1)   five CSV files and `truth` in about a second

Equal arguments give equal bytes; `truth` is the same at every noise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path

from tallyport.kernel.guard import FaultError, require
from tallyport.worlds.chance import Dice
from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.freight.export import export
from tallyport.worlds.freight.model import Platform
from tallyport.worlds.freight.simulate import simulate
from tallyport.worlds.habits.clerk import Clerk

FOLDER = "truth"
HAULS_MIN = 100  # Fewer do not show every kind of mistake.
HAULS_MAX = 200_000  # More take minutes and gigabytes.
NOISE_MAX = 3.0  # Beyond it most payments would name nothing.


@unique
class Refusal(StrEnum):
    """Why no world is made, in the order of the checks."""

    HAULS = "hauls_must_be_100_to_200000"
    NOISE = "noise_must_be_0_to_3"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightWorld:
    """What was made: where, how much of what, how many planted findings of each kind."""

    folder: Path
    counts: Mapping[str, int]
    findings: Mapping[str, int]


def make(folder: Path, *, hauls: int = 2_000, seed: int = 1, noise: float = 1.0) -> FreightWorld:
    """Write a freight world below `folder`.

    Raises:
        Refused: with a `Refusal`. Nothing was written.
        FaultError: a file could not be written; says which and why.
    """
    require(HAULS_MIN <= hauls <= HAULS_MAX, Refusal.HAULS)
    require(0 <= noise <= NOISE_MAX, Refusal.NOISE)
    world = simulate(seed, hauls)
    clerk = Clerk(Dice(seed, "freight/export"), round(noise * 100))
    for file in (*export(world, clerk), *_truth(world)):
        path = folder / file.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        except OSError as error:
            message = f"cannot write {path}: {error.strerror}; choose a folder that can be written"
            raise FaultError(message) from error
    return FreightWorld(
        folder=folder,
        counts={
            "firms": len(world.firms),
            "hauls": len(world.hauls),
            "bills": len(world.bills),
            "flows": len(world.flows),
        },
        findings=dict(sorted(Counter(str(one.case) for one in world.planted).items())),
    )


def _truth(world: Platform) -> Iterator[File]:
    """Write what is wrong, and what every payment was for."""
    findings: list[Row] = [(one.case, ";".join(one.key)) for one in world.planted]
    parts: list[Row] = [
        (flow.no, part.target, part.item, part.amount_minor)
        for flow in world.flows
        for part in flow.parts
    ]
    tables = {
        "findings": Table(("type", "key_ids"), findings),
        "parts": Table(("flow_no", "target", "item", "amount_minor"), parts),
    }
    for name, table in tables.items():
        yield csv_file(f"{FOLDER}/{name}.csv", table, encoding="utf-8")
