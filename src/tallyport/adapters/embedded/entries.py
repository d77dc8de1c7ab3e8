"""What can be read of a ledger on disk (账本读取): entries, state and proofs, from any process.

Readers see the last commit and never make the writer wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tallyport.adapters.embedded.store import Database, Rows
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import Entry, parse_entry
from tallyport.ledger.machine import Machine, Place
from tallyport.ledger.merkle import consistency_proof, inclusion_proof
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.ledger.receipt import Receipt


class Entries:
    """Entries, state and proofs as of the last commit."""

    def __init__(self, database: Database, machine: Machine) -> None:
        self._database, self._machine = database, machine

    def last(self) -> Place | None:
        """Return where the last entry stands."""
        with self._database.reading() as transaction:
            return self._database.last(transaction)

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Yield the state as of the last commit."""
        rows = Rows(self._database, self._machine.rows)
        with self._database.reading() as transaction, rows.within(transaction):
            yield rows

    def raw(self, sequence: int) -> bytes:
        """Return the canonical bytes of an entry.

        Raises:
            KeyError: there is no such entry.
        """
        with self._database.reading() as transaction:
            data = self._database.entry(transaction, sequence)
        if data is None:
            raise KeyError(sequence)
        return data

    def raw_after(self, after: int, most: int) -> list[bytes]:
        """Return the canonical bytes of up to `most` entries that follow sequence `after`."""
        found = []
        with self._database.reading() as transaction:
            for sequence in range(after + 1, after + 1 + most):
                data = self._database.entry(transaction, sequence)
                if data is None:
                    break
                found.append(data)
        return found

    def after(self, after: int, most: int) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        return [parse_entry(data, self._machine.events) for data in self.raw_after(after, most)]

    def receipt(self, checkpoint: str, sequence: int) -> Receipt:
        """Return the receipt of an entry under a checkpoint of this ledger.

        Raises:
            KeyError: the checkpoint does not cover such an entry.
        """
        size = Checkpoint.parse(parse_note(checkpoint).text).size
        with self._database.reading() as transaction:
            data = self._database.entry(transaction, sequence)
            if data is None or not 0 < sequence <= size:
                raise KeyError(sequence)
            proof = inclusion_proof(sequence - 1, size, self._database.node(transaction))
        return Receipt(entry=data, index=sequence - 1, proof=proof, checkpoint=checkpoint)

    def hashes(self, level: int, first: int, count: int, size: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees of the tree of `size`, side by side in their level.

        Raises:
            KeyError: the tree does not have so many.
        """
        if first < 0 or level < 0 or first + count > size >> level:
            raise KeyError((level, first, count))
        with self._database.reading() as transaction:
            node = self._database.node(transaction)
            return tuple(node(level, index) for index in range(first, first + count))

    def consistency(self, old: int, new: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `old` entries is a prefix of the one of `new`.

        Raises:
            KeyError: not 0 < old <= new <= size.
        """
        if not 0 < old <= new <= size:
            raise KeyError((old, new))
        with self._database.reading() as transaction:
            return consistency_proof(old, new, self._database.node(transaction))
