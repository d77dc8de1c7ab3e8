"""What can be read of a ledger whose application runs elsewhere (只读账本): from the same store.

Readers see the last committed block, from any process of the machine, and never make the
application wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tallyport.adapters.consortium import ground
from tallyport.adapters.consortium.cosigning import Cosigner
from tallyport.adapters.consortium.ground import Ground
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.entries import Entries
from tallyport.adapters.embedded.store import Database
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import Entry
from tallyport.ledger.machine import Machine, Place
from tallyport.ledger.receipt import Receipt


class Reader:
    """Entries, state and proofs as of the last committed block."""

    def __init__(self, database: Database, machine: Machine, log_key: Signing) -> None:
        self.machine, self._database = machine, database
        self._entries = Entries(database, machine)
        self._cosigner = Cosigner(database, machine.channel, log_key)
        self.verifier_key = self._cosigner.verifier_key
        self.origin = self.verifier_key.name

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        return self._cosigner.size

    @property
    def last_at(self) -> datetime | None:
        """Time of the last entry."""
        last = self.last
        return last.at if last else None

    @property
    def last(self) -> Place | None:
        """Where the last entry stands."""
        return self._entries.last()

    @property
    def ground(self) -> Ground:
        """Where the chain stands."""
        with self._database.reading() as transaction:
            return ground.read(self._database, transaction)

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Yield the state as of the last commit."""
        with self._entries.book() as book:
            yield book

    def raw_entry(self, sequence: int) -> bytes:
        """Return the canonical bytes of an entry.

        Raises:
            KeyError: there is no such entry.
        """
        return self._entries.raw(sequence)

    def raw_entries(self, after: int, most: int = 1_000) -> list[bytes]:
        """Return the canonical bytes of up to `most` entries that follow sequence `after`."""
        return self._entries.raw_after(after, most)

    def entries(self, after: int, most: int = 1_000) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        return self._entries.after(after, most)

    def checkpoint(self) -> str:
        """Return the signed note over what is on disk now."""
        return self._cosigner.now()

    def receipt(self, sequence: int) -> Receipt:
        """Return the receipt of an entry under the present checkpoint.

        Raises:
            KeyError: there is no such entry.
        """
        return self.receipt_under(self.checkpoint(), sequence)

    def receipt_under(self, checkpoint: str, sequence: int) -> Receipt:
        """Return the receipt of an entry under a checkpoint of this ledger.

        Raises:
            KeyError: the checkpoint does not cover such an entry.
        """
        return self._entries.receipt(checkpoint, sequence)

    def hashes(self, level: int, first: int, count: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees that stand side by side; KeyError beyond the end."""
        return self._entries.hashes(level, first, count, self.size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `old` entries is a prefix of the one of `new`.

        Raises:
            KeyError: not 0 < old <= new <= size.
        """
        return self._entries.consistency(old, new, self.size)
