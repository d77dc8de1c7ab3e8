"""A folder of nine systems, one of them broken: told with its place, the rest goes on.

Goal: what a partner spoils costs what it spoiled, and nobody meets a trace. Method: a small
business is exported, one file is spoiled in one way, and `evidence match` is called as a user calls
it; links that do not rest on the spoiled row are those of the sound folder. Then the tables
themselves lose what they may lose, by chance: what comes behind the readers must do without.
"""

from __future__ import annotations

import csv
import random
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.null_fields import thinned
from tallyport import worlds
from tallyport.app import appraisal
from tallyport.app.matching import read_folder
from tallyport.cli.main import app
from tallyport.evidence.sources.reading import Reading

VEHICLES = 24
Spoil = Callable[[bytes], bytes]


def _row(data: bytes, number: int, change: Spoil) -> bytes:
    """Change one line of a file."""
    lines = data.split(b"\r\n")
    lines[number] = change(lines[number])
    return b"\r\n".join(lines)


def _header_moved(data: bytes) -> bytes:
    """Move the names of the columns by one."""

    def moved(head: bytes) -> bytes:
        names = head.split(b",")
        return b",".join([*names[1:], names[0]])

    return _row(data, 0, moved)


def _at_40th(mark: bytes, put: bytes) -> Spoil:
    return lambda data: put.join(
        [mark.join(data.split(mark)[:40]), mark.join(data.split(mark)[40:])]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file of a system, how it is spoiled, and what is said of it."""

    file: str
    spoil: Spoil
    told: tuple[str, ...]  # Words of the answer, beside the file's name.
    is_source_lost: bool = False  # Links may change, since a whole source is gone.


CASES = {
    "a contract book cut off": Case(
        file="01_contracts/contracts.xlsx",
        spoil=lambda data: data[: len(data) // 2],
        told=("not of its announced format", "expected"),
        is_source_lost=True,
    ),
    "a stock with a short row": Case(
        file="02_vehicles/vehicle_stock.csv",
        spoil=lambda data: _row(data, 5, lambda row: row.split(b",")[0]),
        told=("vehicle_stock.csv:6", "13 cells", "1 cells"),
    ),
    "a stock with its columns moved": Case(
        file="02_vehicles/vehicle_stock.csv",
        spoil=_header_moved,
        told=("are columns swapped", "model_year", "a whole number"),
    ),
    "inspections with a stray sign": Case(
        file="03_inspections/inspection_reports.xml",
        spoil=_at_40th(b"</", b" & </"),
        told=("not well formed", "row"),
    ),
    "a service history with an open mark": Case(
        file="04_service_history/service_records.csv",
        spoil=lambda data: _row(data, 4, lambda row: b'"' + row),
        told=("service_records.csv:5", "quotation marks in pairs"),
    ),
    "declarations below zero": Case(
        file="05_customs/declarations.xml",
        spoil=lambda data: re.sub(rb">(?=[0-9]+\.[0-9]+<)", b">-", data),
        told=("below zero", "a number of 0 or more"),
        is_source_lost=True,
    ),
    "declarations with entities": Case(
        file="05_customs/declarations.xml",
        spoil=lambda data: data.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aa">]>', 1),
        told=("declares entities", "no entity declarations"),
        is_source_lost=True,
    ),
    "waybills in wide letters without a mark": Case(
        file="06_logistics/waybills.csv",
        spoil=lambda data: data.decode().encode("utf-16-le"),
        told=("another encoding than announced", "utf-16-le"),
    ),
    "an overseas warehouse in 2099": Case(
        file="07_overseas_warehouse/receipts.csv",
        spoil=lambda data: re.sub(rb"(?<=\.)20[0-9][0-9](?=;)", b"2099", data),
        told=("after the as-of day", "received_on"),
        is_source_lost=True,
    ),
    "invoices that are empty": Case(
        file="08_invoices_tax/export_invoices.xlsx",
        spoil=lambda _: b"",
        told=("the file holds no rows", "0 bytes"),
        is_source_lost=True,
    ),
    "a statement that is noise": Case(
        file="09_bank/camt053_*.xml",
        spoil=lambda data: b"\0" * len(data),
        told=("no element lies on the record path",),
        is_source_lost=True,
    ),
    "a buyer registry of formulas": Case(
        file="10_buyer_registry/buyers.xlsx",
        spoil=lambda _: b"\xd0\xcf\x11\xe0 an old workbook",
        told=("not of its announced format",),
        is_source_lost=True,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small business."""
    folder = tmp_path_factory.mktemp("sound") / "world"
    worlds.make(folder, vehicles=VEHICLES, seed=5)
    shutil.rmtree(folder / "truth")
    return folder


def matched(folder: Path, out: Path) -> tuple[str, list[Mapping[str, str]]]:
    """Return what `evidence match` says, and the links that it finds."""
    result = CliRunner().invoke(app, ["evidence", "match", str(folder), "--out", str(out)])
    assert result.exit_code == 0, result.output
    with (out / "triads.csv").open(encoding="utf-8", newline="") as file:
        return result.output, list(csv.DictReader(file))


@pytest.fixture(scope="module")
def links(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Mapping[str, str]]:
    """Return the links of the sound folder."""
    return matched(sound, tmp_path_factory.mktemp("out"))[1]


def _named(links: list[Mapping[str, str]]) -> set[tuple[str, ...]]:
    names = ("vin", "declaration_no", "declaration_line", "payment_id", "amount_minor")
    return {tuple(one[name] for name in names) for one in links}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_broken_file(
    sound: Path, links: list[Mapping[str, str]], case: Case, tmp_path: Path
) -> None:
    """What is wrong is said with file, place and what was expected; the others are matched."""
    folder = tmp_path / "world"
    shutil.copytree(sound, folder)
    path = min(folder.glob(case.file))
    before = path.read_bytes()
    path.write_bytes(case.spoil(before))
    assert path.read_bytes() != before
    said, found = matched(folder, tmp_path / "out")
    assert path.name in said
    assert not [word for word in case.told if word not in said]
    if not case.is_source_lost:
        assert _named(found) == _named(links)
    assert (tmp_path / "out" / "quarantine").is_dir()


@pytest.fixture(scope="module")
def reading(sound: Path) -> tuple[Reading, date]:
    """Return what the sound folder holds."""
    return read_folder(sound, profile=None, day=None, progress=lambda *_: None)


@pytest.mark.parametrize("seed", range(4))
def test_what_may_be_missing_may_be_missing(
    reading: tuple[Reading, date], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells that were left out, columns without a readable value, tables without a row."""
    sound, day = reading
    chance = random.Random(seed)  # noqa: S311 - The same in every run.
    tables = thinned(sound.tables, chance)
    thin = Reading(
        profile=sound.profile,
        as_of=sound.as_of,
        tables=tables,
        quarantine=sound.quarantine,
        files=sound.files,
        findings=sound.findings,
    )
    monkeypatch.setattr(appraisal, "read_folder", lambda *_, **__: (thin, day))
    found = appraisal.appraise(Path(), day=day)
    assert found.matching is not None or tables["vehicle"].is_empty()
