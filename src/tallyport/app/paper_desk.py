"""Papers that people hand in (单证提交): read once, kept with what they say.

    evidence/papers.sqlite   paper   who handed in what and when; its fields, not the file
                             told    by what a paper is known again: bytes, number, content

Handing in the same file twice changes nothing. The same invoice in other bytes, or from another
member, is a finding: it is financed once. What another member handed in is not named.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from tallyport.adapters.recognition import tools
from tallyport.app.home import Home
from tallyport.app.origins import Origins
from tallyport.app.permissions import SENDING, Denied, Seat
from tallyport.evidence.documents.duplicates import keys, repeat
from tallyport.evidence.documents.linking import names
from tallyport.evidence.documents.model import Paper
from tallyport.evidence.documents.reading import read
from tallyport.kernel.calendar import business_date
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.form import codec, decode_moment, encode_moment
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId

UPLOAD_BYTES_MAX = 16 << 20  # A scanned contract of twenty pages; larger ones by the command line.
AT_ONCE_MAX = 2  # Readings; each may take two minutes of a core, and 2 GiB.
NAME_LENGTH_MAX = 200  # Of a file; it is shown, never opened.
TEXT_LENGTH_MAX = 20_000  # Kept for finding what a paper belongs to.
BODY_BYTES_MAX = 64 << 20  # An invoice of ten thousand lines has a tenth.
PAPERS_MAX = 50_000  # Of a node; more belong into folders that `tallyport run` reads.
_PAPER = codec(Paper)
_reading = threading.BoundedSemaphore(AT_ONCE_MAX)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS paper (
    number INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, member TEXT NOT NULL, user TEXT NOT NULL,
    at TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (member, sha256)
) STRICT;
CREATE TABLE IF NOT EXISTS told (
    rule TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;
"""
_INSERT = """
INSERT INTO paper (sha256, member, user, at, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING RETURNING number, member, user, at, body
"""
_COLUMNS = "number, member, user, at, body"


class NotTakenError(FaultError):
    """A file is not taken; says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A paper, who handed it in, and when."""

    number: int
    member: MemberId
    user: str
    at: datetime
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A record that a paper belongs to."""

    kind: str
    key: str
    by: str


class PaperDesk:
    """Takes papers, and answers what was handed in."""

    def __init__(self, home: Home) -> None:
        home.evidence.mkdir(parents=True, exist_ok=True)
        self._path, self._home = home.evidence / "papers.sqlite", home
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            yield database

    def take(self, seat: Seat, file: str, content: bytes, at: datetime) -> tuple[Kept, bool]:
        """Read a file and keep what it says; return it, and whether it is new.

        Raises:
            Denied: the seat only reads.
            NotTakenError: too large, too many, or the desk is busy.
        """
        if not seat.roles & SENDING:
            raise Denied(f"{seat.user} only reads; an operator or approver hands papers in")
        if len(content) > UPLOAD_BYTES_MAX:
            raise NotTakenError(
                f"expected a file of at most {UPLOAD_BYTES_MAX >> 20} MiB; read larger ones with"
                " `tallyport evidence read-document`"
            )
        known = self._known(seat.member, hashlib.sha256(content).hexdigest())
        if known is not None:
            return known, False
        if not _reading.acquire(timeout=1):
            raise NotTakenError(f"{AT_ONCE_MAX} papers are being read; try again in a minute")
        try:
            paper = read(_shown(file), content, tools(), as_of=business_date(at))
        finally:
            _reading.release()
        return self._keep(seat, replace(paper, text=paper.text[:TEXT_LENGTH_MAX]), at)

    def all(self, scope: MemberId | None, *, before: int | None, most: int) -> tuple[Kept, ...]:
        """Return papers, the last one first; those of one member where `scope` names it."""
        query = (
            f"SELECT {_COLUMNS} FROM paper WHERE ? IN ('', member) AND number < ?"  # noqa: S608 - Our own words.
            " ORDER BY number DESC LIMIT ?"
        )
        with self._open() as database:
            rows = database.execute(query, (scope or "", before or PAPERS_MAX + 2, most))
            return tuple(_kept(row) for row in rows)

    def one(self, scope: MemberId | None, number: int) -> Kept | None:
        """Return one paper, or None when there is none that may be seen."""
        query = f"SELECT {_COLUMNS} FROM paper WHERE ? IN ('', member) AND number = ?"  # noqa: S608 - Our own words.
        with self._open() as database:
            row = database.execute(query, (scope or "", number)).fetchone()
        return None if row is None else _kept(row)

    def places(self, paper: Paper) -> tuple[Place, ...]:
        """Return the records of the last reading that a paper names."""
        named = {f"{kind}:{key}": (kind, key, by) for kind, key, by in names(paper)}
        held = Origins(self._home).known(named)
        return tuple(
            Place(kind=kind, key=key, by=by)
            for ref, (kind, key, by) in named.items()
            if ref in held
        )

    def _known(self, member: MemberId, sha256: str) -> Kept | None:
        query = f"SELECT {_COLUMNS} FROM paper WHERE member = ? AND sha256 = ?"  # noqa: S608 - Our own words.
        with self._open() as database:
            row = database.execute(query, (member, sha256)).fetchone()
        return None if row is None else _kept(row)

    def _keep(self, seat: Seat, paper: Paper, at: datetime) -> tuple[Kept, bool]:
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("SELECT count(*) FROM paper").fetchone()[0] >= PAPERS_MAX:
                raise NotTakenError(
                    f"expected at most {PAPERS_MAX} papers; put more into a folder of exports"
                )
            paper = _with_repeats(database, paper, seat.member)
            values = (
                paper.sha256, seat.member, seat.user, encode_moment(at),
                encode(_PAPER.encode(paper)).decode(),
            )  # fmt: skip
            row = database.execute(_INSERT, values).fetchone()
            if row is not None:
                database.executemany(
                    "INSERT OR IGNORE INTO told VALUES (?, ?, ?)",
                    [(rule.value, key, row[0]) for rule, key in keys(paper)],
                )
                return _kept(row), True
        known = self._known(seat.member, paper.sha256)  # Somebody was faster with the same file.
        if known is None:
            raise NotTakenError("the paper could not be kept; hand it in once more")
        return known, False


def _with_repeats(database: sqlite3.Connection, paper: Paper, member: MemberId) -> Paper:
    """Return the paper with a finding where it repeats an earlier one."""
    query = (
        "SELECT member, body FROM told JOIN paper USING (number) WHERE told.rule = ? AND key = ?"
    )
    for rule, key in keys(paper):
        row = database.execute(query, (rule.value, key)).fetchone()
        if row is not None:
            first: Paper = _PAPER.decode(decode(row[1].encode(), BODY_BYTES_MAX))
            came = f"the same as {first.file}" if row[0] == member else "one of another member"
            return replace(paper, findings=(*paper.findings, repeat(rule, came, paper.file)))
    return paper


def _shown(file: str) -> str:
    """Return the name of a file as it may be shown: its last part, printable, not too long."""
    last = file.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:NAME_LENGTH_MAX] or "paper"


def _kept(row: tuple[int, str, str, str, str]) -> Kept:
    paper: Paper = _PAPER.decode(decode(row[4].encode(), BODY_BYTES_MAX))
    return Kept(
        number=row[0], member=MemberId(row[1]), user=row[2], at=decode_moment(row[3]), paper=paper
    )
