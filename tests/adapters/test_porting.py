"""A ledger out to a file and in again is the same, to the byte; anything else is refused.

Goal: export while a node writes, import anywhere, killed anywhere. Method: the toys' ledger is
exported and imported, its files compared; every line is damaged; an import is killed at every
moment by SIGKILL and begun again.
"""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.engines import LOG_KEY, engine, submit_all
from support.toy import ALI, BEK, CHANNEL, TOY, Add, authority, enrolment, sealed, signing
from tallyport.adapters.consortium.restoring import UnfitError
from tallyport.adapters.embedded.copying import Extent, extent
from tallyport.adapters.embedded.store import StoreError
from tallyport.adapters.porting import export_ledger, import_ledger
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.note import VerifierKey, origin_of

KEY = VerifierKey(origin_of(CHANNEL), LOG_KEY.public)
ADDED = 40


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export a ledger while its engine is open."""
    folder = tmp_path_factory.mktemp("ledger")
    with engine(folder / "ledger") as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI))])
        submit_all(made, [sealed(ALI, f"add-{n}", Add(name="a", amount=n)) for n in range(ADDED)])
        made.submit(b"").result()  # The checkpoint beside it is written before the next commit.
        header = export_ledger(folder / "ledger", folder / "ledger.jsonl")
        assert header.entries == made.size == ADDED + 1
        assert export_ledger(folder / "ledger", folder / "ledger.jsonl.gz") == header
    return folder / "ledger.jsonl"


def brought_in(file: Path, folder: Path, **options: object) -> Extent:
    """Import a file of the toys."""
    return import_ledger(file, folder, (TOY,), authority, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_in_again_it_is_the_same(exported: Path, tmp_path: Path, ending: str) -> None:
    """Same head, and exported again the same bytes; the engine goes on from there."""
    file = exported.with_name(exported.name + ending)
    told: list[tuple[int, int]] = []
    held = brought_in(file, tmp_path / "b", key=KEY, progress=lambda *two: told.append(two))
    assert held == extent(exported.with_name("ledger")) == extent(tmp_path / "b")
    assert told[-1] == (ADDED + 1, ADDED + 1)
    export_ledger(tmp_path / "b", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == exported.read_bytes()
    with engine(tmp_path / "b") as made:
        (entry,) = submit_all(made, [sealed(ALI, "more", Add(name="a", amount=1))])
        assert entry.sequence == ADDED + 2


def test_equal_ledgers_are_equal_files(exported: Path) -> None:
    """The compressed one too: it has no date in it."""
    packed = exported.with_name("ledger.jsonl.gz")
    assert gzip.decompress(packed.read_bytes()) == exported.read_bytes()
    before = packed.read_bytes()
    export_ledger(exported.with_name("ledger"), packed)
    assert packed.read_bytes() == before


def test_every_line_counts(exported: Path, tmp_path: Path) -> None:
    """One line left out, changed, doubled or put elsewhere: nothing is imported."""
    lines = exported.read_bytes().splitlines(keepends=True)
    for at in (0, 1, 2, len(lines) // 2, len(lines) - 2, len(lines) - 1):
        for forged in (
            [*lines[:at], *lines[at + 1 :]],
            [*lines[: at + 1], *lines[at:]],
            [*lines[:at], lines[at].replace(b"1", b"2", 1), *lines[at + 1 :]],
            [*lines[:at], lines[at][:-2]],
        ):
            file = tmp_path / "forged.jsonl"
            file.write_bytes(b"".join(forged))
            with pytest.raises((MalformedError, UnfitError, StoreError)):
                brought_in(file, tmp_path / "b")
            assert not (tmp_path / "b").exists()


def test_a_signature_that_does_not_fit_is_found(exported: Path, tmp_path: Path) -> None:
    """The checkpoint is to be of the log's key, if one is named."""
    other = VerifierKey(origin_of(CHANNEL), signing(BEK).public)
    with pytest.raises(StoreError, match="not signed by"):
        brought_in(exported, tmp_path / "b", key=other)


def test_another_channel_is_refused(exported: Path, tmp_path: Path) -> None:
    """When one is expected."""
    with pytest.raises(StoreError, match="expected the channel main, got toys"):
        brought_in(exported, tmp_path / "b", channel="main")


def test_nothing_is_overwritten(exported: Path) -> None:
    """Where a ledger is, none is brought in."""
    with pytest.raises(StoreError, match="expected no ledger there yet"):
        brought_in(exported, exported.with_name("ledger"))


def test_a_file_that_is_none(exported: Path, tmp_path: Path) -> None:
    """Not there, or cut off while it was compressed."""
    with pytest.raises(StoreError, match="cannot read"):
        brought_in(tmp_path / "none", tmp_path / "b")
    cut = tmp_path / "cut.gz"
    cut.write_bytes(exported.with_name("ledger.jsonl.gz").read_bytes()[:-20])
    with pytest.raises((StoreError, MalformedError)):
        brought_in(cut, tmp_path / "b")
    with pytest.raises(StoreError, match="found none"):
        export_ledger(tmp_path, tmp_path / "out")
    with pytest.raises(StoreError, match="cannot write"):
        export_ledger(exported.with_name("ledger"), exported / "out")


IMPORT = """
import sys
from pathlib import Path
from support.toy import TOY, authority
from tallyport.adapters.porting import import_ledger
print("begun", flush=True)
import_ledger(Path(sys.argv[1]), Path(sys.argv[2]), (TOY,), authority)
"""


def test_killed_in_the_middle_it_is_done_again(exported: Path, tmp_path: Path) -> None:
    """By SIGKILL, later and later; then it is there whole, or is brought in."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    for milliseconds in (0, 30, 120):
        command = [sys.executable, "-c", IMPORT, str(exported), str(tmp_path / "b")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(milliseconds / 1_000)
            process.send_signal(signal.SIGKILL)
        if (tmp_path / "b").exists():
            assert extent(tmp_path / "b") == extent(exported.with_name("ledger"))
    if not (tmp_path / "b").exists():
        brought_in(exported, tmp_path / "b")
    assert extent(tmp_path / "b") == extent(exported.with_name("ledger"))
