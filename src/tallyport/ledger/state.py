"""The state (状态): all rows of all contracts, and a draft that can be thrown away.

An engine keeps the rows; a `Draft` lies over them while one envelope is judged. Refused: the draft
is dropped and not a byte has changed. Accepted: its changes are handed to the engine.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Protocol, TypeVar

from tallyport.kernel.canonical import utf8
from tallyport.kernel.contract import Book, Changes, Gone, Row
from tallyport.kernel.form import codec

R = TypeVar("R", bound=Row)
_FEW = 32  # So many new keys are put in one by one; more are sorted in together.


def row_name(table: str, key: str) -> str:
    """Return where a row stands among all rows: ``table/key``."""
    return f"{table}/{key}"


def row_bytes(row: Row) -> bytes:
    """Return the canonical bytes of a row."""
    return utf8(codec(type(row)).spell(row))


class Store(Book, Protocol):
    """Rows that an engine keeps. Writes become durable when the engine commits, not before."""

    def put(self, row: Row) -> None:
        """Write `row` in its place."""
        ...

    def keep(self, table: str, key: str, row: Row) -> None:
        """Write `row`, whose place the caller knows."""
        ...

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        ...


class Draft:
    """A book with changes that nobody has accepted yet."""

    def __init__(self, below: Book) -> None:
        self._below = below
        self._changed: dict[str, dict[str, Row | Gone]] = {}

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row as the draft has it."""
        changed = self._changed.get(table.TABLE)
        row = None if changed is None else changed.get(key)
        if row is None:
            return self._below.get(table, key)
        return row if isinstance(row, table) else None

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys, changed ones in their new form."""
        changed = self._changed.get(table.TABLE, {})
        waiting = sorted((key for key in changed if key.startswith(prefix)), reverse=True)
        for row in self._below.scan(table, prefix):
            key = row.key
            while waiting and waiting[-1] < key:  # audit: loop: takes one key a round
                yield from _present(table, changed[waiting.pop()])
            if waiting and waiting[-1] == key:
                yield from _present(table, changed[waiting.pop()])
            else:
                yield row
        while waiting:  # audit: loop: takes one key a round
            yield from _present(table, changed[waiting.pop()])

    def write(self, changes: Changes) -> None:
        """Take up `changes`."""
        for change in changes:
            table = change.table.TABLE if isinstance(change, Gone) else change.TABLE
            self._changed.setdefault(table, {})[change.key] = change

    def hand_to(self, store: Store) -> None:
        """Write everything that changed to `store`."""
        for table, changed in self._changed.items():
            for key, row in changed.items():
                if isinstance(row, Gone):
                    store.drop(row.table, key)
                else:
                    store.keep(table, key, row)


def _present(table: type[R], row: Row | Gone) -> Iterator[R]:
    if isinstance(row, table):
        yield row


class Memory:
    """A store in memory: for tests, for replay, and for asking "what if"."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {}
        self._order: dict[str, _Order] = {}

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row, or None."""
        row = self.rows.get(table.TABLE, {}).get(key)
        return row if isinstance(row, table) else None

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys."""
        rows, order = self.rows.get(table.TABLE), self._order.get(table.TABLE)
        if rows is None or order is None:
            return
        for key in order.starting_with(prefix):
            row = rows[key]
            if isinstance(row, table):
                yield row

    def put(self, row: Row) -> None:
        """Write `row`."""
        self.keep(row.TABLE, row.key, row)

    def keep(self, table: str, key: str, row: Row) -> None:
        """Write `row` where it belongs."""
        rows = self.rows.get(table)
        if rows is None:
            rows, self._order[table] = self.rows.setdefault(table, {}), _Order()
        if key not in rows:
            self._order[table].add(key)
        rows[key] = row

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        if self.rows.get(table.TABLE, {}).pop(key, None) is not None:
            self._order[table.TABLE].remove(key)


class _Order:
    """Keys in order, sorted when somebody looks: most tables are never walked through."""

    def __init__(self) -> None:
        self._sorted: list[str] = []
        self._new: list[str] = []

    def add(self, key: str) -> None:
        self._new.append(key)

    def remove(self, key: str) -> None:
        self._settle()
        del self._sorted[bisect_left(self._sorted, key)]

    def starting_with(self, prefix: str) -> Iterator[str]:
        self._settle()
        for place in range(bisect_left(self._sorted, prefix), len(self._sorted)):
            key = self._sorted[place]
            if not key.startswith(prefix):
                return
            yield key

    def _settle(self) -> None:
        if len(self._new) > _FEW:
            self._sorted += self._new
            self._sorted.sort()
        else:
            for key in self._new:
                insort(self._sorted, key)
        self._new.clear()
