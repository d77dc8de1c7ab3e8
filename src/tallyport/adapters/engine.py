"""What every engine does (账本引擎): envelopes in, durable entries and proofs out.

    embedded    one process, one folder            adapters.embedded.engine
    consortium  several institutions, CometBFT     adapters.consortium.engine

Whoever stands above cannot tell which it has; both give the same bytes for the same entries.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import Entry
from tallyport.ledger.machine import Machine
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import Receipt


class LedgerEngine(Protocol):
    """One ledger, as a node of ours has it."""

    machine: Machine
    origin: str
    verifier_key: VerifierKey

    def submit(self, raw: bytes) -> Future[Recorded | TimePassed]:
        """Queue an envelope; the future answers when its entry is on disk. Empty: let time pass.

        Raises:
            BusyError: too many wait; nothing happened.
            StoppedError: the engine has stopped.
        """
        ...

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last sequence after every commit, from the engine's thread."""
        ...

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        ...

    @property
    def last_at(self) -> datetime | None:
        """Time of the last entry."""
        ...

    @property
    def waiting(self) -> int:
        """Envelopes that have no answer yet."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether it takes envelopes."""
        ...

    def book(self) -> AbstractContextManager[Book]:
        """Open the state as of the last commit."""
        ...

    def raw_entry(self, sequence: int) -> bytes:
        """Return the canonical bytes of an entry; raises KeyError when there is none."""
        ...

    def entries(self, after: int, most: int = 1_000) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        ...

    def checkpoint(self) -> str:
        """Return the signed note over what is on disk now."""
        ...

    def receipt(self, sequence: int) -> Receipt:
        """Return an entry's receipt under the present checkpoint; KeyError when there is none."""
        ...

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the tree of `old` entries begins the one of `new`; KeyError beyond the end."""
        ...

    def hashes(self, level: int, first: int, count: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees that stand side by side; KeyError beyond the end."""
        ...

    def close(self) -> None:
        """Stop and let go of the files."""
        ...
