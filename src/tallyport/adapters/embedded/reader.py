"""Reads a whole ledger for the audit, in a process of its own: a damaged page may kill the reader.

    python -m tallyport.adapters.embedded.reader FOLDER

LMDB trusts its file: where a page is damaged it can crash or walk in circles. So this process does
nothing but read one snapshot and write frames to its standard output; whoever listens knows the
last thing that was read well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import lmdb

from tallyport.adapters.embedded.frames import Frame, Kind, pack
from tallyport.adapters.embedded.store import Database, StoreError, Table, node_key
from tallyport.kernel.guard import FaultError
from tallyport.ledger.merkle import HASH_BYTES

_FLUSH_BYTES = 1 << 18
_NO_NODE = bytes(HASH_BYTES)  # Nothing hashes to zeros, so a missing node never fits.


class DamagedError(FaultError):
    """The file leads in circles."""


def frames(folder: Path) -> Iterator[Frame]:
    """Yield everything in the ledger, as of one moment."""
    try:
        database = Database(folder, is_writer=False)
        with database.reading() as transaction:
            yield from _snapshot(transaction, database)
        yield Frame(Kind.END)
    except (StoreError, lmdb.Error, DamagedError) as error:
        yield Frame(Kind.DAMAGE, value=str(error).encode())


def _snapshot(transaction: lmdb.Transaction, database: Database) -> Iterator[Frame]:
    size, rows, nodes = (
        transaction.stat(table)["entries"]
        for table in (database.entries, database.rows, database.nodes)
    )
    yield Frame(Kind.SIZE, b"%d" % size, b"%d" % rows)
    for key, value in _walk(transaction, database.entries):
        closed = _closed(transaction, database, int.from_bytes(key, "big") - 1)
        nodes -= len(closed)
        yield Frame(Kind.ENTRY, key, value, b"".join(closed))
    if nodes != 0:
        for key, value in _walk(transaction, database.nodes):
            level, index = key[0], int.from_bytes(key[1:], "big")
            if key != node_key(level, index) or (index + 1) << level > size:
                yield Frame(Kind.NODE, key, value)
    for kind, table in ((Kind.ROW, database.rows), (Kind.META, database.meta)):
        for key, value in _walk(transaction, table):
            yield Frame(kind, key, value)


def _walk(transaction: lmdb.Transaction, table: Table) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values in order."""
    with transaction.cursor(db=table) as cursor:
        yield from rising((bytes(key), bytes(value)) for key, value in cursor)


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


def _closed(transaction: lmdb.Transaction, database: Database, index: int) -> list[bytes]:
    """Return the stored heads of the perfect subtrees that end with leaf `index`."""
    nodes, level = list[bytes](), 0
    while True:
        node = transaction.get(node_key(level, index), db=database.nodes)
        nodes.append(bytes(node) if node is not None and len(node) == HASH_BYTES else _NO_NODE)
        if index % 2 == 0:
            return nodes
        index, level = index // 2, level + 1


def write(out: BinaryIO, folder: Path) -> None:
    """Write all frames of the ledger in `folder`."""
    waiting, length = list[bytes](), 0
    for frame in frames(folder):
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
    write(sys.stdout.buffer, Path(sys.argv[1]))
