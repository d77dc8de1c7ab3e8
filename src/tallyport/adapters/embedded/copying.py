"""Copies a ledger while a node writes it (在线复制): one moment of it, whole.

LMDB keeps the pages of a moment for as long as somebody reads them, so a copy never waits for the
writer, nor the writer for it. A process of its own copies, as one process may open a ledger but
once:

    python -m tallyport.adapters.embedded.copying FOLDER TO
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import lmdb

from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.store import FORMAT, Database, StoreError
from tallyport.ledger.merkle import frontier

DATA = "data.mdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a ledger holds: channel, number of entries, head."""

    channel: str
    entries: int
    head: bytes


def copy_ledger(folder: Path, to: Path) -> Extent:
    """Copy the ledger in `folder` into the new folder `to`, and return what the copy holds.

    Raises:
        StoreError: it cannot be read or written.
    """
    if not (folder / DATA).exists():
        raise StoreError(f"no ledger in {folder}: expected a file {DATA} there")
    beside = CheckpointFile(folder).read()  # Before the ledger, so that it is not the newer one.
    command = [sys.executable, "-m", "tallyport.adapters.embedded.copying", str(folder), str(to)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Ours.
    if ended.returncode != 0:
        why = ended.stderr.strip().rpartition("\n")[2]
        raise StoreError(f"cannot copy {folder} to {to}: {why}; is the disk full?")
    if beside is not None:
        CheckpointFile(to).write(beside)
    return extent(to)


def extent(folder: Path) -> Extent:
    """Return what the ledger in `folder` holds.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if not (folder / DATA).exists():
        raise StoreError(f"no ledger in {folder}: expected a file {DATA} there")
    database = Database(folder, is_writer=False)
    try:
        with database.reading() as transaction:
            last = database.last(transaction)
            size = last.sequence if last else 0
            channel = transaction.get(b"channel", db=database.meta)
            head = frontier(size, database.node(transaction)).head
    finally:
        database.close()
    return Extent(channel=bytes(channel or b"").decode(), entries=size, head=head)


def is_current(folder: Path) -> bool:
    """Return whether the ledger in `folder` is kept as this release keeps it.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if not (folder / DATA).exists():
        raise StoreError(f"no ledger in {folder}: expected a file {DATA} there")
    database = Database(folder, is_writer=False)
    try:
        with database.reading() as transaction:
            return transaction.get(b"format", db=database.meta) in (None, FORMAT.encode())
    finally:
        database.close()


@contextmanager
def reading_heads(folder: Path) -> Iterator[tuple[int, Callable[[int], bytes]]]:
    """Yield the number of entries in `folder` and the heads over the first n, as of one moment.

    Raises:
        StoreError: there is no ledger, or this process has it open already.
    """
    if not (folder / DATA).exists():
        raise StoreError(f"no ledger in {folder}: expected a file {DATA} there")
    database = Database(folder, is_writer=False)
    try:
        with database.reading() as transaction:
            last, node = database.last(transaction), database.node(transaction)
            yield (last.sequence if last else 0), lambda size: frontier(size, node).head
    finally:
        database.close()


def main(folder: Path, to: Path) -> None:
    """Copy; a fault ends this process with its words."""
    database = Database(folder, is_writer=False)
    try:
        to.mkdir(parents=True)
        database.env.copy(str(to), compact=True)
    except (lmdb.Error, OSError) as error:
        sys.exit(str(error))
    finally:
        database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
