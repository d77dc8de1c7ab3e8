"""Where figures come from (数据血缘), and how good sources were over time (来源质量).

    evidence/origins.sqlite   place     every record of the last reading: source, file, line
                              rule      every field: its columns, the profile, its version
                              part      where each cent of each payment went
                              measure   every reading ever: rows, quarantined, findings, alarms

A source's data contract is its first reading; whoever wants another deletes `contract.json`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256

from tallyport.app.home import Home
from tallyport.evidence.linkage import Matching
from tallyport.evidence.quality import QualityReport, drift
from tallyport.evidence.review.explained import explained
from tallyport.evidence.sources.naming import ref_of
from tallyport.evidence.sources.profile import Column, Profile
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.evidence.trade.freight.model import FreightCheck

VERSION_LENGTH = 12
READINGS_MAX = 1_000  # Of the history of a source that are shown.

_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (
    ref TEXT PRIMARY KEY, source TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (
    source TEXT NOT NULL, field TEXT NOT NULL, columns TEXT NOT NULL, how TEXT NOT NULL,
    profile TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (source, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    payment_id TEXT NOT NULL, what TEXT NOT NULL, contract_no TEXT, item TEXT, shipment INTEGER,
    vin TEXT, amount_minor INTEGER NOT NULL, currency TEXT, probability_bp INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS part_of ON part (payment_id);
CREATE TABLE IF NOT EXISTS measure (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL, profile TEXT NOT NULL,
    version TEXT NOT NULL, rows INTEGER NOT NULL, good INTEGER NOT NULL,
    quarantined INTEGER NOT NULL, cells INTEGER NOT NULL, findings INTEGER NOT NULL,
    alarms TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How a field is made of a file's columns."""

    field: str
    columns: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a record stands, and by which rules its fields were read."""

    ref: str
    source: str
    file: str
    line: int
    profile: str
    version: str
    fields: tuple[FieldRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a payment; `amount_minor` in hundredths of `currency`."""

    what: str
    contract_no: str | None
    item: str | None
    shipment: int | None
    vin: str | None
    amount_minor: int
    currency: str | None
    probability_bp: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How a source was at one reading."""

    at: str
    source: str
    profile: str
    version: str
    rows: int
    good: int
    quarantined: int
    cells: int
    findings: int
    alarms: tuple[str, ...]


class Origins:
    """Writes where things come from, and answers it."""

    def __init__(self, home: Home) -> None:
        home.evidence.mkdir(parents=True, exist_ok=True)
        self._path = home.evidence / "origins.sqlite"
        self._contract = home.evidence / "contract.json"
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database

    def write(
        self,
        reading: Reading,
        quality: QualityReport,
        matching: Matching | None,
        at: str,
        freight: FreightCheck | None = None,
    ) -> None:
        """Put this reading in the place of the last one, and add its measures to the history."""
        measures = list(self._measures(reading, quality, at))
        parts = [] if matching is None else explained(matching, reading.tables).rows()
        parts += [] if freight is None else list(_freight_parts(freight))
        with self._open() as database:
            for table in ("place", "rule", "part"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - One of three words.
            database.executemany(
                "INSERT OR IGNORE INTO place VALUES (?, ?, ?, ?)", _places(reading)
            )
            database.executemany("INSERT INTO rule VALUES (?, ?, ?, ?, ?, ?)", _rules(reading))
            database.executemany("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", parts)
            database.executemany(
                "INSERT INTO measure (at, source, profile, version, rows, good, quarantined, cells,"
                " findings, alarms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                measures,
            )

    def of(self, ref: str) -> Origin | None:
        """Return where the record `kind:key` comes from, or None."""
        with self._open() as database:
            place = database.execute("SELECT * FROM place WHERE ref = ?", (ref,)).fetchone()
            if place is None:
                return None
            query = "SELECT field, columns, how, profile, version FROM rule WHERE source = ?"
            rules = database.execute(query, (place[1].partition("+")[0],)).fetchall()
        return Origin(
            ref=ref, source=place[1], file=place[2], line=place[3],
            profile=rules[0][3] if rules else "", version=rules[0][4] if rules else "",
            fields=tuple(FieldRule(field=f, columns=c, how=h) for f, c, h, _, _ in rules),
        )  # fmt: skip

    def known(self, refs: Iterable[str]) -> frozenset[str]:
        """Return those of `refs` that are records of the last reading."""
        query = "SELECT ref FROM place WHERE ref = ?"
        with self._open() as database:
            return frozenset(ref for ref in refs if database.execute(query, (ref,)).fetchone())

    def named(self, name: str) -> tuple[Origin, ...]:
        """Return the records that `name` means: `kind:key`, a key alone, or `file:line`."""
        found = self.of(name)
        if found is not None:
            return (found,)
        file, _, line = name.rpartition(":")
        refs = [f"{kind}:{name}" for kind in KINDS]
        with self._open() as database:
            marks = ",".join("?" * len(refs))
            query = f"SELECT ref FROM place WHERE ref IN ({marks})"  # noqa: S608 - Marks only.
            rows = database.execute(query, refs).fetchall()
            if not rows and file and line.isascii() and line.isdigit():
                query = "SELECT ref FROM place WHERE file = ? AND line = ?"
                rows = database.execute(query, (file, int(line))).fetchall()
        origins = (self.of(ref) for (ref,) in rows)
        return tuple(origin for origin in origins if origin is not None)

    def payment(self, payment_id: str) -> tuple[Part, ...]:
        """Return where each cent of a payment went; nothing for what is no payment."""
        query = "SELECT * FROM part WHERE payment_id = ? ORDER BY rowid"
        with self._open() as database:
            rows = database.execute(query, (payment_id,)).fetchall()
        return tuple(
            Part(
                what=row[1], contract_no=row[2], item=row[3], shipment=row[4], vin=row[5],
                amount_minor=row[6], currency=row[7], probability_bp=row[8],
            )
            for row in rows
        )  # fmt: skip

    def payments(self, *, after: str, most: int) -> tuple[str, ...]:
        """Return payments in order behind `after`."""
        query = "SELECT DISTINCT payment_id FROM part WHERE payment_id > ? ORDER BY 1 LIMIT ?"
        with self._open() as database:
            return tuple(one for (one,) in database.execute(query, (after, most)))

    def history(self, source: str = "") -> tuple[Measure, ...]:
        """Return how sources were over time, the last reading first."""
        query = "SELECT * FROM measure WHERE ? IN ('', source) ORDER BY number DESC LIMIT ?"
        with self._open() as database:
            rows = database.execute(query, (source, READINGS_MAX)).fetchall()
        return tuple(
            Measure(
                at=row[1], source=row[2], profile=row[3], version=row[4], rows=row[5], good=row[6],
                quarantined=row[7], cells=row[8], findings=row[9],
                alarms=tuple(json.loads(row[10])),
            )
            for row in rows
        )  # fmt: skip

    def _measures(
        self, reading: Reading, quality: QualityReport, at: str
    ) -> Iterator[tuple[object, ...]]:
        """Yield a row a source; the first reading becomes the data contract."""
        if not self._contract.exists():
            self._contract.write_text(drift.to_json(drift.agree(quality)), "utf-8")
        contract = drift.from_json(self._contract.read_text("utf-8"))
        alarms: dict[str, list[str]] = {}
        for one in drift.drift(contract, quality):
            told = f"{one.field or ''} {one.what}: expected {one.expected}, came {one.came}".strip()
            alarms.setdefault(one.source, []).append(told)
        found = dict(quality.findings.group_by("source").len().iter_rows())
        version = profile_version(reading.profile)
        for row in quality.sources.iter_rows(named=True):
            yield (
                at, row["source"], reading.profile.name, version, row["rows"], row["good"],
                row["quarantined"], row["cells_left_out"], found.get(row["source"], 0),
                json.dumps(alarms.pop(row["source"], []), ensure_ascii=False),
            )  # fmt: skip
        for source, gone in alarms.items():  # A source of the contract that did not come.
            text = json.dumps(gone, ensure_ascii=False)
            yield at, source, reading.profile.name, version, 0, 0, 0, 0, 0, text


def _freight_parts(check: FreightCheck) -> Iterator[tuple[object, ...]]:
    """Yield the parts of the payments of a freight platform; `item` is the bill or haul."""
    rows = check.parts.select("flow_no", "target", "item", "amount_minor", "probability")
    for flow_no, target, item, amount, probability in rows.iter_rows():
        sure_bp = int(probability * 10_000 + 0.5)
        yield flow_no, item, None, target or None, None, None, amount, check.currency, sure_bp


def profile_version(profile: Profile) -> str:
    """Return a digest of all that a profile says."""
    return sha256(repr(profile).encode()).hexdigest()[:VERSION_LENGTH]


def _places(reading: Reading) -> Iterator[tuple[str, str, str, int]]:
    for kind, table in reading.tables.items():
        rows = table.select(ref_of(kind).alias("ref"), "source", "file", "line").drop_nulls()
        yield from rows.iter_rows()


def _rules(reading: Reading) -> Iterator[tuple[str, str, str, str, str, str]]:
    profile, version = reading.profile, profile_version(reading.profile)
    for source in profile.sources:
        for column in source.columns:
            yield (
                source.name, column.field.name, " or ".join(column.names), _how(column),
                profile.name, version,
            )  # fmt: skip


def _how(column: Column) -> str:
    """Return in words what is done to a cell."""
    said = [column.field.type.value]
    said += [f"always {column.constant}"] if column.constant is not None else []
    said += [f"part {column.extract}"] if column.extract else []
    said += [f"times {column.times}"] if column.times != 1 else []
    said += [f"{len(column.values)} words translated"] if column.values else []
    return ", ".join(said)
