"""Making a world can be repeated to the byte, and is refused when it makes no sense.

Goal: whoever runs the demo twice, on another machine or another day, gets the same files. Method:
worlds are made twice, also by a process with another hash seed, and compared byte by byte.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyport.kernel.guard import FaultError, Refused
from tallyport.worlds import make
from tallyport.worlds.make import NOISE_MAX, VEHICLES_MAX, VEHICLES_MIN, Refusal

SCRIPT = """
import sys
from pathlib import Path
from tallyport.worlds import make
make(Path(sys.argv[1]), vehicles=45, seed=11)
"""


def contents(folder: Path) -> dict[str, str]:
    """Return the digest of every file below `folder`."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@given(vehicles=st.integers(VEHICLES_MIN, 70), seed=st.integers(), noise=st.floats(0, NOISE_MAX))
@settings(max_examples=5)
def test_equal_arguments_give_equal_bytes(
    tmp_path_factory: pytest.TempPathFactory, vehicles: int, seed: int, noise: float
) -> None:
    """Any size, any seed, any noise."""
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")

    world = make(first, vehicles=vehicles, seed=seed, noise=noise)
    make(second, vehicles=vehicles, seed=seed, noise=noise)

    assert contents(first) == contents(second)
    assert world.counts["vehicles"] == vehicles


def test_the_hash_seed_changes_nothing(tmp_path: Path) -> None:
    """Sets and dictionaries may not decide anything."""
    for hash_seed in ("0", "4242"):
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / hash_seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
        )

    assert contents(tmp_path / "0") == contents(tmp_path / "4242")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    """Only what does not depend on chance is the same."""
    make(tmp_path / "a", vehicles=45, seed=1)
    make(tmp_path / "b", vehicles=45, seed=2)

    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert first.keys() == second.keys()  # No file of an older world can be left over.
    same = {path for path in first if first[path] == second[path]}
    fixed = {"sellers", "seller_accounts", "high_risk_countries"}
    assert {path for path in same if not path.startswith("09_bank/")} == {
        f"reference/{name}.csv" for name in fixed
    }


def test_noise_changes_what_was_typed_but_not_what_happened(tmp_path: Path) -> None:
    """The truth is the same at every noise."""
    make(tmp_path / "clean", vehicles=60, noise=0)
    make(tmp_path / "dirty", vehicles=60, noise=2)

    clean, dirty = contents(tmp_path / "clean"), contents(tmp_path / "dirty")
    assert {p: d for p, d in clean.items() if p.startswith("truth/")} == {
        p: d for p, d in dirty.items() if p.startswith("truth/")
    }
    assert clean["05_customs/declarations.xml"] != dirty["05_customs/declarations.xml"]


def test_the_description_counts_what_was_made(tmp_path: Path) -> None:
    """The demo prints these numbers; they are those of the truth."""
    world = make(tmp_path, vehicles=80)

    types = Counter(
        line.split(",")[0]
        for line in (tmp_path / "truth/findings.csv").read_text().splitlines()[1:]
    )
    assert dict(world.findings) == dict(types)
    assert world.as_of.isoformat() == "2024-12-31"
    assert world.folder == tmp_path
    assert world.counts["contracts"] == len(
        (tmp_path / "truth/contracts.csv").read_text().splitlines()[1:]
    )


def test_every_step_is_told(tmp_path: Path) -> None:
    """A progress bar needs the name, the number and the total."""
    told: list[tuple[str, int, int]] = []

    make(tmp_path, vehicles=20, progress=lambda *step: told.append(step))

    assert [number for _, number, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, _, total in told} == {len(told)}
    assert [told[0][0], told[-1][0]] == ["simulate", "truth"]


@pytest.mark.parametrize(
    ("vehicles", "noise", "reason"),
    [
        (VEHICLES_MIN - 1, 1.0, Refusal.VEHICLES),
        (-1, 1.0, Refusal.VEHICLES),
        (VEHICLES_MAX + 1, 1.0, Refusal.VEHICLES),
        (60, -0.1, Refusal.NOISE),
        (60, NOISE_MAX + 0.1, Refusal.NOISE),
        (60, float("nan"), Refusal.NOISE),
    ],
)
def test_a_world_that_makes_no_sense_is_refused(
    tmp_path: Path, vehicles: int, noise: float, reason: Refusal
) -> None:
    """The first rule that is broken answers, and nothing is written."""
    with pytest.raises(Refused) as refused:
        make(tmp_path / "world", vehicles=vehicles, noise=noise)

    assert refused.value.reason is reason
    assert not (tmp_path / "world").exists()


def test_a_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    """The message names the place and says what to do."""
    place = tmp_path / "world"
    place.write_text("here already")

    with pytest.raises(FaultError, match=r"cannot write .*01_contracts.*choose a folder"):
        make(place, vehicles=20)
