"""LMDB as the ledger's store: entries, tree nodes and rows in one file, one transaction each.

    entry   sequence, 8 bytes big-endian              canonical bytes of the entry
    node    level 1 byte, index 8 bytes big-endian    32 bytes, head of that perfect subtree
    row     table/key                                 canonical JSON of the row
    meta    format, channel, last (sequence and time of the last entry)

Keys that arrive in order are what LMDB is fast at: random 32-byte keys cost ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import lmdb

from tallyport.kernel.canonical import decode
from tallyport.kernel.contract import Row, Timer
from tallyport.kernel.form import codec, decode_moment, encode_moment
from tallyport.kernel.guard import FaultError
from tallyport.ledger.machine import Place
from tallyport.ledger.merkle import Frontier, grow, leaf_hash
from tallyport.ledger.state import row_bytes, row_name

R = TypeVar("R", bound=Row)
Table = lmdb._Database  # noqa: SLF001 - The library gives its type no other name.

MAP_BYTES_MAX = (
    1 << 36
)  # Address space, not disk: 64 GiB, raised by a setting when a log outgrows it.
READERS_MAX = 126  # LMDB's own default; more means that somebody forgets to close.
CACHE_ROWS_MAX = 200_000  # About 200 MiB of decoded rows at the most.
FORMAT = "tallyport-embedded/2"  # 1 kept pledges under the names as they were written.


class StoreError(FaultError):
    """The store cannot be read or written. Says what was tried and what to do."""


def marks(channel: str) -> dict[bytes, bytes]:
    """Return what a ledger says of itself from the first moment on."""
    return {b"format": FORMAT.encode(), b"channel": channel.encode()}


def last_bytes(place: Place) -> bytes:
    """Return how the place of the last entry is kept."""
    return f"{place.sequence} {encode_moment(place.at)}".encode()


def node_key(level: int, index: int) -> bytes:
    """Return where the head of a perfect subtree is kept."""
    return bytes((level,)) + index.to_bytes(8, "big")


class Database:
    """The file. One process writes at a time; readers see the last commit."""

    def __init__(self, folder: Path, *, is_writer: bool = True) -> None:
        try:
            if is_writer:
                folder.mkdir(parents=True, exist_ok=True)
            self.env = lmdb.open(
                str(folder),
                map_size=MAP_BYTES_MAX,
                max_dbs=4,
                max_readers=READERS_MAX,
                readonly=not is_writer,
                writemap=False,
                metasync=True,
                sync=True,
            )
            self.entries = self.env.open_db(b"entry", create=is_writer)
            self.nodes = self.env.open_db(b"node", create=is_writer)
            self.rows = self.env.open_db(b"row", create=is_writer)
            self.meta = self.env.open_db(b"meta", create=is_writer)
        except (lmdb.Error, OSError) as error:
            message = f"cannot open the ledger in {folder}: {error}; is it a ledger's folder?"
            raise StoreError(message) from error

    @contextmanager
    def reading(self) -> Iterator[lmdb.Transaction]:
        """Yield a snapshot; a library's error leaves as ours."""
        try:
            with self.env.begin(buffers=False) as transaction:
                yield transaction
        except lmdb.Error as error:
            raise StoreError(f"cannot read the ledger: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[lmdb.Transaction]:
        """Yield a transaction that is durable when the block ends, and gone when it raises."""
        try:
            with self.env.begin(write=True, buffers=False) as transaction:
                yield transaction
        except lmdb.MapFullError as error:
            message = "the ledger's file is full; give it more room (setting map_bytes)"
            raise StoreError(message) from error
        except lmdb.Error as error:
            raise StoreError(f"cannot write the ledger: {error}") from error

    def entry(self, transaction: lmdb.Transaction, sequence: int) -> bytes | None:
        """Return the bytes of an entry."""
        return _bytes(transaction.get(sequence.to_bytes(8, "big"), db=self.entries))

    def node(self, transaction: lmdb.Transaction) -> Callable[[int, int], bytes]:
        """Return a reader of tree nodes."""

        def read(level: int, index: int) -> bytes:
            data = _bytes(transaction.get(node_key(level, index), db=self.nodes))
            if data is None:
                message = f"the tree lacks its node {level}/{index}; run `tallyport audit`"
                raise StoreError(message)
            return data

        return read

    def last(self, transaction: lmdb.Transaction) -> Place | None:
        """Return where the last entry stands, or None before the first."""
        data = _bytes(transaction.get(b"last", db=self.meta))
        if data is None:
            return None
        number, _, at = data.decode().partition(" ")
        return Place(sequence=int(number), at=decode_moment(at))

    def belong(self, transaction: lmdb.Transaction, channel: str) -> None:
        """Mark a new ledger as one of `channel`, or see that this one is.

        Raises:
            StoreError: it is another's, or of another release.
        """
        if self.last(transaction) is None:
            for name, value in marks(channel).items():
                transaction.put(name, value, db=self.meta)
        for name, value in marks(channel).items():
            found = _bytes(transaction.get(name, db=self.meta))
            if found != value:
                raise StoreError(
                    f"expected a ledger with {name.decode()} {value.decode()}, found {found!r}; "
                    "is it another node's folder, or of an earlier release? Then run "
                    "`tallyport upgrade`"
                )

    def put_last(self, transaction: lmdb.Transaction, place: Place) -> None:
        """Remember where the last entry stands."""
        transaction.put(b"last", last_bytes(place), db=self.meta)

    def append(
        self, transaction: lmdb.Transaction, tree: Frontier, sequence: int, data: bytes
    ) -> Frontier:
        """Write an entry and the nodes it closes; return the tree that has it."""
        return self.append_all(transaction, tree, [(sequence, data)])

    def append_all(
        self,
        transaction: lmdb.Transaction,
        tree: Frontier,
        entries: Sequence[tuple[int, bytes]],
    ) -> Frontier:
        """Write entries and the nodes they close; return the tree that has them."""
        nodes = list[tuple[bytes, bytes]]()
        heads, size = list(tree.heads), tree.size
        for _, data in entries:
            closed = grow(heads, size, leaf_hash(data))
            size += 1
            nodes += [(node_key(level, index), head) for level, index, head in closed]
        nodes.sort()
        named = [(sequence.to_bytes(8, "big"), data) for sequence, data in entries]
        with transaction.cursor(db=self.entries) as cursor:
            cursor.putmulti(named, append=True)
        with transaction.cursor(db=self.nodes) as cursor:
            cursor.putmulti(nodes)
        return Frontier(size, tuple(heads))

    def close(self) -> None:
        """Let go of the file."""
        self.env.close()


def _bytes(data: bytes | memoryview[int] | None) -> bytes | None:
    """Return what LMDB found as bytes; its own type allows views, which we never ask for."""
    return None if data is None else bytes(data)


class Rows:
    """The rows, seen through one transaction.

    Decoded ones are kept, as rows never change in place; so is what was looked for in vain. Changed
    ones are written when the block ends, or before somebody walks through their table: a row that
    a thousand commands change is encoded once.
    """

    def __init__(self, database: Database, tables: Mapping[str, type[Row]]) -> None:
        self._database = database
        self._tables = tables
        self._cache: dict[str, dict[str, Row | None]] = {name: {} for name in tables}
        self._changed: dict[str, set[str]] = {name: set() for name in tables}
        self._transaction: lmdb.Transaction | None = None
        self.timers_changed = True

    @contextmanager
    def within(self, transaction: lmdb.Transaction) -> Iterator[Rows]:
        """Read and write through `transaction`; when the block raises, forget what was decoded."""
        if sum(map(len, self._cache.values())) > CACHE_ROWS_MAX:
            self._forget()
        self._transaction = transaction
        try:
            yield self
            for table in self._tables:
                self._write(table)
        except BaseException:
            self._forget()
            self.timers_changed = True
            raise
        finally:
            self._transaction = None

    def _forget(self) -> None:
        for table in self._tables:
            self._cache[table].clear()
            self._changed[table].clear()

    @property
    def _open(self) -> lmdb.Transaction:
        if self._transaction is None:
            raise StoreError("rows can only be read inside a transaction")
        return self._transaction

    def get(self, table: type[R], key: str) -> R | None:
        """Return the row, or None."""
        cache = self._cache[table.TABLE]
        try:
            row = cache[key]
        except KeyError:
            name = row_name(table.TABLE, key).encode()
            data = _bytes(self._open.get(name, db=self._database.rows))
            row = cache[key] = None if data is None else self._decode(table.TABLE, data)
        return row if isinstance(row, table) else None

    def scan(self, table: type[R], prefix: str = "") -> Iterator[R]:
        """Yield rows in order of their keys."""
        self._write(table.TABLE)
        cache, before = self._cache[table.TABLE], len(row_name(table.TABLE, "").encode())
        start = row_name(table.TABLE, prefix).encode()
        with self._open.cursor(db=self._database.rows) as cursor:
            found = cursor.set_range(start)
            while found and (name := bytes(cursor.key())).startswith(start):
                key = name[before:].decode()
                row = cache.get(key)
                if row is None:
                    row = self._decode(table.TABLE, bytes(cursor.value()))
                    if len(cache) < CACHE_ROWS_MAX:  # Whoever walks through millions keeps few.
                        cache[key] = row
                if isinstance(row, table):
                    yield row
                found = cursor.next()

    def put(self, row: Row) -> None:
        """Write `row`."""
        self.keep(row.TABLE, row.key, row)

    def keep(self, table: str, key: str, row: Row) -> None:
        """Write `row` where it belongs."""
        self._change(table, key, row)

    def drop(self, table: type[Row], key: str) -> None:
        """Remove a row."""
        self._change(table.TABLE, key, None)

    def _change(self, table: str, key: str, row: Row | None) -> None:
        self._cache[table][key] = row
        self._changed[table].add(key)
        if table == Timer.TABLE:
            self.timers_changed = True

    def _write(self, table: str) -> None:
        """Bring the changed rows of a table into the transaction, in order: LMDB likes that."""
        changed, cache = self._changed[table], self._cache[table]
        if not changed:
            return
        written = list[tuple[bytes, bytes]]()
        for key in sorted(changed):
            row, name = cache[key], row_name(table, key).encode()
            if row is None:
                self._open.delete(name, db=self._database.rows)
            else:
                written.append((name, row_bytes(row)))
        with self._open.cursor(db=self._database.rows) as cursor:
            cursor.putmulti(written)
        changed.clear()

    def _decode(self, table: str, data: bytes) -> Row:
        row: Row = codec(self._tables[table]).decode(decode(data))
        return row
