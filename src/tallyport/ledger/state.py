"""The state (状态): all rows of all contracts, and a draft that can be thrown away.

An engine keeps the rows; a `Draft` lies over them while one envelope is judged. Refused: the draft
is dropped and not a byte has changed. Accepted: its changes are handed to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from tallyport.kernel.contract import Book, Changes, Gone, Row

R = TypeVar("R", bound=Row)


class Store(Book, Protocol):
    """Rows that an engine keeps. Writes become durable when the engine commits, not before."""

    def put(self, row: Row) -> None:
        """Write `row` in its place."""
        ...

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        ...


class Draft:
    """A book with changes that nobody has accepted yet."""

    def __init__(self, below: Book) -> None:
        self._below = below
        self._rows: dict[tuple[str, str], Row | Gone] = {}

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row as the draft has it."""
        row = self._rows.get((table.TABLE, key))
        if row is None:
            return self._below.get(table, key)
        return row if isinstance(row, table) else None

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys, changed ones in their new form."""
        rows: dict[str, R | Gone] = {row.key: row for row in self._below.scan(table, prefix)}
        for (name, key), row in self._rows.items():
            if name == table.TABLE and key.startswith(prefix) and isinstance(row, (table, Gone)):
                rows[key] = row
        for key in sorted(rows):
            row = rows[key]
            if not isinstance(row, Gone):
                yield row

    def write(self, changes: Changes) -> None:
        """Take up `changes`."""
        for change in changes:
            table = change.table.TABLE if isinstance(change, Gone) else change.TABLE
            self._rows[table, change.key] = change

    def hand_to(self, store: Store) -> None:
        """Write everything that changed to `store`."""
        for row in self._rows.values():
            if isinstance(row, Gone):
                store.drop(row.table, row.key)
            else:
                store.put(row)


class Memory:
    """A store in memory: for tests, for replay, and for asking "what if"."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {}

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row, or None."""
        row = self.rows.get(table.TABLE, {}).get(key)
        return row if isinstance(row, table) else None

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys."""
        rows = self.rows.get(table.TABLE, {})
        for key in sorted(key for key in rows if key.startswith(prefix)):
            row = rows[key]
            if isinstance(row, table):
                yield row

    def put(self, row: Row) -> None:
        """Write `row`."""
        self.rows.setdefault(row.TABLE, {})[row.key] = row

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        self.rows.get(table.TABLE, {}).pop(key, None)
