"""The truth, given as a result, scores 1: the scoring program and the world mean the same.

Goal: a matcher that knows everything gets every point, so that a lost point is the matcher's.
Method: the program that measures results is run, as its users run it, on worlds and their truth.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.shared import shared
from support.worlds import Reader, Record, made

TRIADS = (
    "vehicle_declaration",
    "vehicle_declaration_line",
    "allocation_pairs",
    "allocation_count",
    "allocation_amount",
    "full_triads",
    "payments_with_exact_vehicle_set",
)


def write(path: Path, rows: list[Record]) -> None:
    """Write `rows` as a result file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def score(world: Reader, result: Path) -> dict[str, Any]:
    """Give the truth as the result and return what the program says of it."""
    result.mkdir()
    write(result / "triads.csv", [row | {"probability": "1"} for row in world.truth("triads")])
    mentions = [
        {"mention": row["mention"], "cluster": row["entity"]} for row in world.truth("parties")
    ]
    write(result / "parties.csv", mentions)
    findings = [
        {"type": row["type"], "record_ids": row["record_ids"]} for row in world.truth("findings")
    ]
    write(result / "findings.csv", findings)
    out = result / "score.json"
    program = [sys.executable, str(shared("worlds", "score.py")), "--json", str(out)]
    folders = ["--truth", str(world.folder / "truth"), "--result", str(result)]
    subprocess.run([*program, *folders], check=True, capture_output=True)
    said: dict[str, Any] = json.loads(out.read_text())
    return said


@pytest.mark.parametrize(("vehicles", "seed"), [(60, 1), (300, 2)])
def test_the_truth_is_right(tmp_path: Path, vehicles: int, seed: int) -> None:
    """F1 is 1 in every measure that has something to measure."""
    with made(vehicles=vehicles, seed=seed) as world:
        said = score(world, tmp_path / "result")

    assert {said["triads"][name]["f1"] for name in TRIADS} == {1.0}
    assert said["triads"]["calibration"]["brier"] == 0
    assert said["parties"]["b_cubed"]["f1"] == said["parties"]["pairwise"]["f1"] == 1
    assert said["parties"]["unknown_mentions"] == 0
    assert said["findings"]["all"]["f1"] == said["findings"]["macro_f1"] == 1
    assert all(part["true"] > 0 for part in said["findings"]["by_type"].values())


def test_the_truth_has_the_columns_of_the_other_worlds() -> None:
    """Every file of the truth has the header that the reference world has."""
    folder = shared("worlds", "dev762", "truth")
    with made(vehicles=60) as world:
        assert headers(world.folder / "truth") == headers(folder)


def headers(folder: Path) -> dict[str, str]:
    """Return the first line of every file in `folder`."""
    return {path.name: path.read_text("utf-8").splitlines()[0] for path in folder.glob("*.csv")}
