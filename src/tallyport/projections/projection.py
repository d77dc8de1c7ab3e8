"""What all views share: each entry is folded in once, in order, with the position that says so.

A view is a schema, a fold and its queries. All views of a node live in one SQLite file and move
together: a page that joins two of them sees both as of the same entry.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import Entry

VERSION = 2  # Raise it when a schema or a fold changes: the views are then built anew.
_POSITION = """
CREATE TABLE IF NOT EXISTS position (
    name TEXT PRIMARY KEY, sequence INTEGER NOT NULL
) STRICT;
"""


class GapError(FaultError):
    """Entries are missing before the one offered: feed the views from `position` on."""


class Projection(ABC):
    """A view in SQLite: `schema`, how to fold one entry, and queries in the subclass."""

    tables: ClassVar[tuple[str, ...]]
    schema: ClassVar[str]

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def fold(self, entry: Entry) -> None:
        """Write what `entry` changes; most views only care for its events."""
        for event in entry.events:
            self.fold_event(event, entry)

    @abstractmethod
    def fold_event(self, event: object, entry: Entry) -> None:
        """Write what `event` changes; leave everything alone when it is not about this view."""


class Views:
    """All views of a node. One writer; readers open connections of their own (`reader`)."""

    def __init__(self, path: Path, kinds: Sequence[type[Projection]]) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # Lost views are rebuilt, not missed.
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        with self._database:
            if version != VERSION:
                self._clear()
                self._database.execute(f"PRAGMA user_version = {VERSION}")
            self._database.executescript(_POSITION + "".join(kind.schema for kind in kinds))
            self._database.execute(
                "INSERT OR IGNORE INTO position VALUES ('views', 0), ('reacted', 0)"
            )
        self._views = [kind(self._database) for kind in kinds]

    def _clear(self) -> None:
        tables = self._database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for (name,) in tables:
            self._database.execute(f'DROP TABLE "{name}"')

    @property
    def position(self) -> int:
        """Sequence of the last entry folded in; 0 before the first."""
        return position(self._database)

    @property
    def reacted(self) -> int:
        """Sequence of the last entry that the node's reactors have followed."""
        row = self._database.execute("SELECT sequence FROM position WHERE name = 'reacted'")
        return int(row.fetchone()[0])

    def set_reacted(self, sequence: int) -> None:
        """Remember that reactors have followed everything up to `sequence`.

        Forgetting it is harmless: what they want done again has the keys that it had.
        """
        with self._database:
            move = "UPDATE position SET sequence = ? WHERE name = 'reacted'"
            self._database.execute(move, (sequence,))

    def apply(self, entries: Iterable[Entry]) -> None:
        """Fold `entries` in, all or none; those seen before change nothing.

        Raises:
            GapError: an entry before one of these is missing. A view never guesses.
        """
        with self._database:
            at = self.position
            for entry in entries:
                if entry.sequence <= at:
                    continue
                if entry.sequence > at + 1:
                    raise GapError(f"the views expect entry {at + 1}, not {entry.sequence}")
                for view in self._views:
                    view.fold(entry)
                at = entry.sequence
            self._database.execute("UPDATE position SET sequence = ? WHERE name = 'views'", (at,))

    def reader(self) -> sqlite3.Connection:
        """Return a connection that only reads, for one thread."""
        database = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        return database

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def position(database: sqlite3.Connection) -> int:
    """Return the last entry that the views of `database` know."""
    row = database.execute("SELECT sequence FROM position WHERE name = 'views'").fetchone()
    return int(row[0])
