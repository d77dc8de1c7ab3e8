"""The engine: envelopes in, durable entries out; many share one fsync (group commit, 组提交).

    1  take what waits, at most BATCH_MAX
    2  read it, have its signatures checked; the next batch is read while this one goes on
    3  fire due timers, judge each envelope, write entry, nodes and rows into one transaction
    4  commit: now it is on disk
    5  answer

Killed before 4 nothing happened; killed after it everything did, and whoever got no answer sends
the same envelope again and gets the first outcome. Only one thread writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from tallyport.adapters.clock import Clock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded import collector
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.entries import Entries
from tallyport.adapters.embedded.lock import Lock
from tallyport.adapters.embedded.log import Answer, Log, Recorded, TimePassed
from tallyport.adapters.embedded.pipeline import (
    BusyError,
    Fitting,
    Pipeline,
    Read,
    StoppedError,
)
from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.adapters.suites import verify as verify_signature
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Authority, Book, Contract
from tallyport.kernel.keys import Suite
from tallyport.ledger.entry import Entry
from tallyport.ledger.machine import Machine
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey, origin_of, parse_note
from tallyport.ledger.receipt import Receipt

__all__ = ["BusyError", "Engine", "StoppedError"]


class Engine:
    """One ledger in one folder."""

    def __init__(
        self,
        folder: Path,
        channel: str,
        contracts: tuple[Contract, ...],
        authority: Authority,
        *,
        clock: Clock,
        log_key: Signing,
    ) -> None:
        collector.relax()
        self.machine = Machine(channel, contracts, authority, self._verify)
        self.origin = origin_of(channel)
        self.verifier_key = VerifierKey(self.origin, log_key.public)
        self._log_key, self._clock = log_key, clock
        self._checkpoint_file = CheckpointFile(folder)
        with ExitStack() as opened:  # What fails half way lets go of what it had.
            self._lock = opened.enter_context(closing(Lock(folder / "writer.lock")))
            self._database = opened.enter_context(closing(Database(folder)))
            self._entries = Entries(self._database, self.machine)
            self._log = Log(self._database, self.machine)
            self._compare_checkpoint()
            opened.pop_all()
        self._fitting: Fitting = set()
        self._told = self.size
        self._listeners: list[Callable[[int], None]] = []
        self._pipeline = Pipeline(self.machine, self.book, self._commit, after=self._committed)

    # What a client does.

    def submit(self, raw: bytes) -> Future[Recorded | TimePassed]:
        """Queue an envelope; the future answers `Recorded` when its entry is on disk.

        The future raises `MalformedError` or `Rejected` when nothing was recorded. Empty bytes ask
        for nothing but that due timers fire.

        Raises:
            BusyError: too many wait.
            StoppedError: the engine has stopped.
        """
        return self._pipeline.submit(raw)

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last sequence after every commit, from the ledger's thread."""
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        """Envelopes that wait to be read."""
        return self._pipeline.waiting

    @property
    def is_running(self) -> bool:
        """Whether it takes envelopes."""
        return self._pipeline.is_running

    # What a reader does.

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        return self._log.tree.size

    @property
    def last_at(self) -> datetime | None:
        """Time of the last entry."""
        last = self._log.last
        return last.at if last else None

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

    def entries(self, after: int, most: int = 1_000) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        return self._entries.after(after, most)

    def checkpoint(self) -> str:
        """Return the signed note over what is on disk now."""
        tree = self._log.tree
        checkpoint = Checkpoint(self.origin, tree.size, tree.head)
        signature = self._log_key.sign(checkpoint.text.encode())
        line = Signature(self.origin, self.verifier_key.hash, signature)
        return str(Note(checkpoint.text, (line,)))

    def receipt(self, sequence: int) -> Receipt:
        """Return the receipt of an entry under the present checkpoint.

        Raises:
            KeyError: there is no such entry.
        """
        return self._entries.receipt(self.checkpoint(), sequence)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `old` entries is a prefix of the one of `new`.

        Raises:
            KeyError: not 0 < old <= new <= size.
        """
        return self._entries.consistency(old, new, self.size)

    def hashes(self, level: int, first: int, count: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees that stand side by side; KeyError beyond the end."""
        return self._entries.hashes(level, first, count, self.size)

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        self._pipeline.close()
        self._database.close()
        self._lock.close()

    def _compare_checkpoint(self) -> None:
        """See that the ledger is not older than the last checkpoint that was signed for it."""
        note = self._checkpoint_file.read()
        if note is None:
            return
        try:
            checkpoint = Checkpoint.parse(parse_note(note).text)
        except MalformedError:
            return  # The audit says so; a torn file must not keep a good ledger shut.
        if checkpoint.origin != self.origin or checkpoint.size > self.size:
            raise StoreError(
                f"a checkpoint of {checkpoint.origin} was signed for {checkpoint.size} entries, "
                f"this ledger has {self.size}: is it an old copy? If that is meant, remove the "
                "file `checkpoint` beside it"
            )

    # What the ledger's own thread does.

    def _commit(self, read: list[Read], fitting: Fitting) -> list[Answer]:
        self._fitting = fitting
        return self._log.commit(read, self._clock.now())

    def _committed(self) -> None:
        """Tell what is new on disk."""
        size = self.size
        if size > self._told:
            self._told = size
            self._checkpoint_file.write(self.checkpoint())
            for listener in self._listeners:
                listener(size)

    def _verify(self, suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
        """Answer from the batch's checks, or check now: an earlier entry may have added the key."""
        if (public, message, signature) in self._fitting:
            return True
        return verify_signature(suite, public, message, signature)
