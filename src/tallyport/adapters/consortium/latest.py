"""The state as of the last block (最新状态), for short questions by the thousand: may this wait?

Rows that were decoded for one question serve the next, until another block is on disk: a question
costs a look at where the chain stands instead of reading keys and members again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tallyport.adapters.consortium import ground
from tallyport.adapters.consortium.ground import Ground
from tallyport.adapters.embedded.store import Database, Rows
from tallyport.ledger.machine import Machine


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the chain stands, and the rows that are decoded already."""

    ground: Ground
    rows: Rows


class Latest:
    """Answers as of the last committed block. Safe for several threads; they take turns."""

    def __init__(self, database: Database, machine: Machine) -> None:
        self._database, self._machine = database, machine
        self._turn = threading.Lock()
        self._seen: Seen | None = None

    @contextmanager
    def book(self) -> Iterator[Seen]:
        """Yield the state of one block, and which block that is."""
        with self._turn, self._database.reading() as transaction:
            now, seen = ground.read(self._database, transaction), self._seen
            if seen is None or seen.ground != now:
                seen = self._seen = Seen(now, Rows(self._database, self._machine.rows))
            with seen.rows.within(transaction):
                yield seen
