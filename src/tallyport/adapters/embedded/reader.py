"""Reads a whole ledger for the audit, in a process of its own: a damaged page may kill the reader.

    python -m tallyport.adapters.embedded.reader FOLDER [--without-rows]

LMDB trusts its file: where a page is damaged it can crash or walk in circles. So this process does
nothing but read one snapshot and write frames to its standard output; whoever listens knows the
last thing that was read well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import lmdb

from tallyport.adapters.embedded.frames import Frame, Kind, pack
from tallyport.adapters.embedded.store import Database, StoreError, Table, node_key
from tallyport.kernel.guard import FaultError
from tallyport.ledger.merkle import HASH_BYTES

_FLUSH_BYTES = 1 << 18
_NO_NODE = bytes(HASH_BYTES)  # Nothing hashes to zeros, so a missing node never fits.
_BEHIND_ALL = (b"\xff" * 10, b"")  # Longer than a node's key, and after each of them.
WITHOUT_ROWS = "--without-rows"


class DamagedError(FaultError):
    """The file leads in circles."""


def frames(folder: Path, *, with_rows: bool = True) -> Iterator[Frame]:
    """Yield everything in the ledger, as of one moment; its rows only if they are wanted."""
    try:
        database = Database(folder, is_writer=False)
        with database.reading() as transaction, ExitStack() as opened:
            yield from _snapshot(transaction, database, opened, with_rows=with_rows)
        yield Frame(Kind.END)
    except (StoreError, lmdb.Error, DamagedError) as error:
        yield Frame(Kind.DAMAGE, value=str(error).encode())


def _snapshot(
    transaction: lmdb.Transaction, database: Database, opened: ExitStack, *, with_rows: bool
) -> Iterator[Frame]:
    size, rows, nodes = (
        transaction.stat(table)["entries"]
        for table in (database.entries, database.rows, database.nodes)
    )
    yield Frame(Kind.SIZE, b"%d" % size, b"%d" % (rows if with_rows else 0))
    levels = _Levels(transaction, database, opened)
    for key, value in _walk(transaction, database.entries):
        closed = levels.closed(int.from_bytes(key, "big") - 1)
        nodes -= len(closed)
        yield Frame(Kind.ENTRY, key, value, b"".join(closed))
    if nodes != 0:
        for key, value in _walk(transaction, database.nodes):
            level, index = key[0], int.from_bytes(key[1:], "big")
            if key != node_key(level, index) or (index + 1) << level > size:
                yield Frame(Kind.NODE, key, value)
    for kind, table in ((Kind.ROW, database.rows), (Kind.META, database.meta)):
        if with_rows or kind is Kind.META:
            for key, value in _walk(transaction, table):
                yield Frame(kind, key, value)


def _walk(transaction: lmdb.Transaction, table: Table) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values in order."""
    with transaction.cursor(db=table) as cursor:
        yield from rising(_pairs(cursor.iternext()))


def _pairs(walk: Iterator[object]) -> Iterator[tuple[bytes, bytes]]:
    """Return `walk` as what it is: without views, keys and values come as bytes."""
    return cast("Iterator[tuple[bytes, bytes]]", walk)


def rising(pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield `pairs` while their keys rise.

    Raises:
        DamagedError: one does not: a damaged page could lead round in a circle for ever.
    """
    last = None
    for key, value in pairs:
        if last is not None and key <= last:
            raise DamagedError(f"a page leads back from {last!r} to {key!r}")
        last = key
        yield key, value


class _Levels:
    """The tree's nodes, level by level, each walked once: a look-up would climb down every time."""

    def __init__(
        self, transaction: lmdb.Transaction, database: Database, opened: ExitStack
    ) -> None:
        self._transaction, self._database, self._opened = transaction, database, opened
        self._walks: list[Iterator[tuple[bytes, bytes]]] = []
        self._next: list[tuple[bytes, bytes]] = []

    def closed(self, index: int) -> list[bytes]:
        """Return the stored heads of the perfect subtrees that end with leaf `index`."""
        nodes, level = list[bytes](), 0
        while True:
            nodes.append(self._node(level, index))
            if index % 2 == 0:
                return nodes
            index, level = index // 2, level + 1

    def _node(self, level: int, index: int) -> bytes:
        if level == len(self._walks):
            self._begin(level)
        wanted = node_key(level, index)
        key, node = self._next[level]
        while key < wanted:
            last = key
            key, node = self._next[level] = next(self._walks[level], _BEHIND_ALL)
            if key <= last:
                raise DamagedError(f"a page leads back from {last!r} to {key!r}")
        return node if key == wanted and len(node) == HASH_BYTES else _NO_NODE

    def _begin(self, level: int) -> None:
        cursor = self._opened.enter_context(self._transaction.cursor(db=self._database.nodes))
        found = cursor.set_range(node_key(level, 0))
        self._walks.append(_pairs(cursor.iternext()) if found else iter(()))
        self._next.append(next(self._walks[level], _BEHIND_ALL))


def write(out: BinaryIO, folder: Path, *, with_rows: bool = True) -> None:
    """Write the frames of the ledger in `folder`."""
    waiting, length = list[bytes](), 0
    for frame in frames(folder, with_rows=with_rows):
        data = pack(frame)
        waiting.append(data)
        length += len(data)
        if length > _FLUSH_BYTES:
            out.write(b"".join(waiting))
            out.flush()
            waiting, length = [], 0
    out.write(b"".join(waiting))
    out.flush()


if __name__ == "__main__":
    write(sys.stdout.buffer, Path(sys.argv[1]), with_rows=WITHOUT_ROWS not in sys.argv)
