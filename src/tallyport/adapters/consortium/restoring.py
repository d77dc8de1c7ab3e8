"""Entries become a ledger again (重放恢复): every one is executed and must give its own bytes.

Signatures are not checked again: the head of the tree is what a quorum has signed, and it covers
every byte of every entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import lmdb

from tallyport.adapters.embedded.store import Database, Rows
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import CommandEntry, Entry, entry_bytes, parse_entry
from tallyport.ledger.machine import Machine, Place
from tallyport.ledger.merkle import Frontier


class UnfitError(FaultError):
    """These entries are not the ledger that they are said to be."""


class Restoring:
    """Writes a ledger from its entries, into one transaction of the store."""

    def __init__(self, database: Database, machine: Machine) -> None:
        self._database, self._machine = database, machine
        self._rows = Rows(database, machine.rows)
        self._transaction: lmdb.Transaction | None = None
        self._tree = Frontier()
        self._last: Place | None = None

    @contextmanager
    def within(self, transaction: lmdb.Transaction) -> Iterator[Restoring]:
        """Write through `transaction`."""
        self._transaction = transaction
        with self._rows.within(transaction):
            yield self

    def take(self, entries: Iterable[bytes]) -> None:
        """Write the next entries.

        Raises:
            UnfitError: one does not follow, or does not give its own bytes.
            MalformedError: one is none.
        """
        if self._transaction is None:
            raise UnfitError("expected a transaction to write to")
        for data in entries:
            entry = parse_entry(data, self._machine.events)
            again = self._execute(entry)
            if again is None or entry_bytes(again, self._machine.events) != data:
                raise UnfitError(f"entry {entry.sequence} does not follow from those before it")
            self._tree = self._database.append(self._transaction, self._tree, entry.sequence, data)
            self._last = Place(sequence=entry.sequence, at=entry.at)

    def finish(self, size: int, head: bytes) -> None:
        """Check that this is the ledger of `size` entries with `head`.

        Raises:
            UnfitError: it is not.
        """
        if self._tree.size != size or self._tree.head != head or self._last is None:
            raise UnfitError(
                f"expected {size} entries with the head {head.hex()}, got {self._tree.size} with "
                f"{self._tree.head.hex()}"
            )
        if self._transaction is not None:
            self._database.put_last(self._transaction, self._last)

    def _execute(self, entry: Entry) -> Entry | None:
        place = self._machine.follow(self._last, entry.at)
        if place != Place(sequence=entry.sequence, at=entry.at):
            return None
        if not isinstance(entry, CommandEntry):
            self._machine.report_again(self._rows, entry)
            return self._machine.tick(self._rows, place)
        envelope = self._machine.parse(entry.envelope)
        signer = self._machine.signer(self._rows, envelope)
        if signer is None:
            return None
        return self._machine.execute(self._rows, envelope, signer.member, place)
