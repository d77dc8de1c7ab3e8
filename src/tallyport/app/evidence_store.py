"""The evidence as pages read it (证据库): lines of the last appraisal, in one SQLite file.

It can be made again from the exports. Whole dossiers are not in here: they are documents, encrypted
and attested, and are opened from where they lie.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from tallyport.adapters.documents import DocumentError, Documents
from tallyport.app.evidence_lines import detail
from tallyport.evidence.dossiers import from_document
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.form import codec
from tallyport.projections.queries.evidence import (
    Count,
    DossierDetail,
    DossierLine,
    EvidenceFigures,
    FindingLine,
    QuarantineLine,
    RatingLine,
    SourceLine,
)
from tallyport.projections.queries.trades import SettlementLine, TradeLine

Line = (
    DossierLine
    | FindingLine
    | SourceLine
    | QuarantineLine
    | RatingLine
    | TradeLine
    | SettlementLine
)
L = TypeVar("L", bound=Line)
_FORMS = {
    "DossierLine": codec(DossierLine),
    "FindingLine": codec(FindingLine),
    "SourceLine": codec(SourceLine),
    "QuarantineLine": codec(QuarantineLine),
    "RatingLine": codec(RatingLine),
    "TradeLine": codec(TradeLine),
    "SettlementLine": codec(SettlementLine),
}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS line (
    sort TEXT NOT NULL, key TEXT NOT NULL, class TEXT NOT NULL, words TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (sort, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS line_by_class ON line (sort, class);
CREATE TABLE IF NOT EXISTS document (
    vin TEXT PRIMARY KEY, stored_as TEXT NOT NULL, version INTEGER NOT NULL
) STRICT;
"""


class EvidenceStore:
    """Writes what was appraised, answers what pages ask."""

    def __init__(self, folder: Path, documents: Documents) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._documents = folder / "evidence.sqlite", documents
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database

    def write(self, lines: Iterable[Line]) -> None:
        """Put `lines` in the place of whatever was here; all or none."""
        rows = [_row(line) for line in lines]
        with self._open() as database:
            database.execute("DELETE FROM line")
            database.executemany("INSERT OR REPLACE INTO line VALUES (?, ?, ?, ?, ?)", rows)

    def file(self, documents: Iterable[tuple[str, str, int]]) -> None:
        """Remember under which name and version the dossier of each VIN is kept."""
        with self._open() as database:
            database.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", documents)

    # Questions.

    def figures(self) -> EvidenceFigures:
        """Return the evidence in a few numbers."""
        sources = self.sources()
        return EvidenceFigures(
            statuses=self._counted("DossierLine"),
            findings=self._counted("FindingLine"),
            grades=self._grades(),
            rows=sum(one.rows for one in sources),
            quarantined=sum(one.quarantined for one in sources),
        )

    def dossiers(
        self, *, text: str, status: str, vins: frozenset[str] | None, after: str, most: int
    ) -> tuple[DossierLine, ...]:
        """Return dossiers in order of VIN behind `after`."""
        if vins is None:
            return self._lines(DossierLine, status, text, after, most)
        lines = (self._line(DossierLine, vin) for vin in sorted(vins) if vin > after)
        word = text.strip().casefold()
        fitting = (
            line
            for line in lines
            if line is not None
            and status in ("", line.status)
            and word in f"{line.vin} {line.contract_no} {line.buyer}".casefold()
        )
        return tuple(islice(fitting, most))

    def dossier(self, vin: str) -> DossierDetail | None:
        """Return all about one vehicle, or None when there is no dossier or its key is gone."""
        line = self._line(DossierLine, vin)
        with self._open() as database:
            query = "SELECT stored_as, version FROM document WHERE vin = ?"
            kept = database.execute(query, (vin,)).fetchone()
        if line is None or kept is None:
            return None
        try:
            return detail(line, from_document(self._documents.get(*kept)))
        except DocumentError:
            return None

    def findings(self, *, kind: str, after: str, most: int) -> tuple[FindingLine, ...]:
        """Return findings in order of id behind `after`."""
        return self._lines(FindingLine, kind, "", after, most)

    def trades(self, *, kind: str, text: str, after: str, most: int) -> tuple[TradeLine, ...]:
        """Return orders, invoices and hauls in order of id behind `after`."""
        return self._lines(TradeLine, kind, text, after, most)

    def settlements(self, *, role: str, after: str, most: int) -> tuple[SettlementLine, ...]:
        """Return how firms settle, in order of id behind `after`."""
        return self._lines(SettlementLine, role, "", after, most)

    def sources(self) -> tuple[SourceLine, ...]:
        """Return every file that was read."""
        return self._lines(SourceLine, "", "", "", 100_000)

    def quarantine(self, *, source: str, after: str, most: int) -> tuple[QuarantineLine, ...]:
        """Return rows that were set aside, in order of id behind `after`."""
        return self._lines(QuarantineLine, source, "", after, most)

    def ratings(self, *, kind: str, after: str, most: int) -> tuple[RatingLine, ...]:
        """Return ratings in order of party behind `after`."""
        return self._lines(RatingLine, kind, "", after, most)

    def rating(self, party: str) -> RatingLine | None:
        """Return the rating of one party, or None."""
        return self._line(RatingLine, party)

    # Behind the questions.

    def _counted(self, sort: str) -> tuple[Count, ...]:
        query = "SELECT class, count(*) FROM line WHERE sort = ? GROUP BY class ORDER BY class"
        with self._open() as database:
            return tuple(Count(name=n, count=c) for n, c in database.execute(query, (sort,)))

    def _grades(self) -> tuple[Count, ...]:
        query = (
            "SELECT json_extract(body, '$.grade') AS grade, count(*) FROM line"
            " WHERE sort = 'RatingLine' GROUP BY grade ORDER BY grade"
        )
        with self._open() as database:
            return tuple(Count(name=n, count=c) for n, c in database.execute(query))

    def _lines(self, kind: type[L], class_: str, text: str, after: str, most: int) -> tuple[L, ...]:
        query = (
            "SELECT body FROM line WHERE sort = ? AND key > ? AND (? = '' OR class = ?)"
            " AND (? = '' OR instr(words, ?) > 0) ORDER BY key LIMIT ?"
        )
        word = text.strip().casefold()
        values = (kind.__name__, after, class_, class_, word, word, most)
        with self._open() as database:
            return tuple(_read(kind, body) for (body,) in database.execute(query, values))

    def _line(self, kind: type[L], key: str) -> L | None:
        query = "SELECT body FROM line WHERE sort = ? AND key = ?"
        with self._open() as database:
            found = database.execute(query, (kind.__name__, key)).fetchone()
        return None if found is None else _read(kind, found[0])


def _row(line: Line) -> tuple[str, str, str, str, str]:
    body = encode(_FORMS[type(line).__name__].encode(line)).decode()
    match line:
        case DossierLine():
            key, class_, words = (
                line.vin,
                line.status,
                f"{line.vin} {line.contract_no} {line.buyer}",
            )
        case FindingLine():
            key, class_, words = line.id, line.kind, ""
        case SourceLine():
            key, class_, words = f"{line.source}|{line.file}", "", ""
        case QuarantineLine():
            key, class_, words = line.id, line.source, ""
        case RatingLine():
            key, class_, words = line.party, line.kind, ""
        case TradeLine():
            reasons = " ".join((line.status, *line.reasons))
            key, class_ = line.id, line.kind
            words = f"{line.id} {line.party} {line.counterparty} {reasons}"
        case SettlementLine():
            key, class_, words = line.id, line.role, line.name
    return type(line).__name__, key, class_, words.casefold(), body


def _read(kind: type[L], body: str) -> L:
    line: L = _FORMS[kind.__name__].decode(decode(body.encode()))
    return line
