"""The engine: envelopes in, durable entries out; many share one fsync (group commit, 组提交).

    1  take what waits, at most BATCH_MAX
    2  read it, check its signatures side by side
    3  fire due timers, judge each envelope, write entry, nodes and rows into one transaction
    4  commit: now it is on disk
    5  answer

Killed before 4 nothing happened; killed after it everything did, and whoever got no answer sends
the same envelope again and gets the first outcome. Only one thread writes.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from tallyport.adapters.clock import Clock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.lock import Lock
from tallyport.adapters.embedded.log import Log, Recorded, TimePassed
from tallyport.adapters.embedded.store import Database, Rows, StoreError
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Authority, Book, Contract
from tallyport.kernel.guard import FaultError
from tallyport.kernel.keys import Suite
from tallyport.ledger.entry import Entry, parse_entry
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine
from tallyport.ledger.merkle import consistency_proof, inclusion_proof
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey, origin_of, parse_note
from tallyport.ledger.receipt import Receipt

BATCH_MAX = 1_000  # Envelopes that share a commit: 8 ms of disk over a thousand is nothing.
WAITING_MAX = 20_000  # More waiting envelopes are turned away: a clear no beats a long wait.
CHECKERS = 2  # Threads that check signatures; libsodium works outside the interpreter's lock.


class BusyError(FaultError):
    """Too many envelopes wait. Nothing happened; send it again later."""


class StoppedError(FaultError):
    """The engine has stopped. Nothing was recorded unless an answer says so; send it again."""


Waiting = tuple[bytes, "Future[Recorded | TimePassed]"]


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
        self.machine = Machine(channel, contracts, authority, self._verify)
        self.origin = origin_of(channel)
        self.verifier_key = VerifierKey(self.origin, log_key.public)
        self._log_key, self._clock = log_key, clock
        self._checkpoint_file = CheckpointFile(folder)
        with ExitStack() as opened:  # What fails half way lets go of what it had.
            self._lock = opened.enter_context(closing(Lock(folder / "writer.lock")))
            self._database = opened.enter_context(closing(Database(folder)))
            self._log = Log(self._database, self.machine)
            self._compare_checkpoint()
            opened.pop_all()
        self._fitting: set[tuple[bytes, bytes, bytes]] = set()
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING_MAX)
        self._listeners: list[Callable[[int], None]] = []
        self._checkers = ThreadPoolExecutor(CHECKERS, thread_name_prefix="verify")
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    # What a client does.

    def submit(self, raw: bytes) -> Future[Recorded | TimePassed]:
        """Queue an envelope; the future answers `Recorded` when its entry is on disk.

        The future raises `MalformedError` or `Rejected` when nothing was recorded. Empty bytes ask
        for nothing but that due timers fire.

        Raises:
            BusyError: too many wait.
            StoppedError: the engine has stopped.
        """
        if self._broken is not None or not self._thread.is_alive():
            raise StoppedError(f"the ledger has stopped: {self._broken or 'closed'}")
        future: Future[Recorded | TimePassed] = Future()
        try:
            self._waiting.put_nowait((raw, future))
        except queue.Full:
            message = f"{WAITING_MAX} envelopes wait already; send it again in a moment"
            raise BusyError(message) from None
        return future

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last sequence after every commit, from the ledger's thread."""
        self._listeners.append(listener)

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
        rows = Rows(self._database, self.machine.rows)
        with self._database.reading() as transaction, rows.within(transaction):
            yield rows

    def raw_entry(self, sequence: int) -> bytes:
        """Return the canonical bytes of an entry.

        Raises:
            KeyError: there is no such entry.
        """
        with self._database.reading() as transaction:
            data = self._database.entry(transaction, sequence)
        if data is None:
            raise KeyError(sequence)
        return data

    def entries(self, after: int, most: int = 1_000) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        found = []
        with self._database.reading() as transaction:
            for sequence in range(after + 1, after + 1 + most):
                data = self._database.entry(transaction, sequence)
                if data is None:
                    break
                found.append(data)
        return [parse_entry(data, self.machine.events) for data in found]

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
        checkpoint = self.checkpoint()
        size = Checkpoint.parse(checkpoint).size
        with self._database.reading() as transaction:
            data = self._database.entry(transaction, sequence)
            if data is None or not 0 < sequence <= size:
                raise KeyError(sequence)
            proof = inclusion_proof(sequence - 1, size, self._database.node(transaction))
        return Receipt(entry=data, index=sequence - 1, proof=proof, checkpoint=checkpoint)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `old` entries is a prefix of the one of `new`.

        Raises:
            KeyError: not 0 < old <= new <= size.
        """
        if not 0 < old <= new <= self.size:
            raise KeyError((old, new))
        with self._database.reading() as transaction:
            return consistency_proof(old, new, self._database.node(transaction))

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        self._checkers.shutdown()
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

    def _run(self) -> None:
        try:
            while batch := self._take():
                self._commit(batch)
        except BaseException as error:  # noqa: BLE001 - The edge of this thread: stop, tell all.
            self._broken = error
        while not self._waiting.empty():
            if (one := self._waiting.get()) is not None:
                one[1].set_exception(StoppedError(f"the ledger has stopped: {self._broken!r}"))

    def _take(self) -> list[Waiting]:
        """Wait for an envelope, then take those behind it; nothing means that we are to stop."""
        batch: list[Waiting] = []
        while len(batch) < BATCH_MAX and not (batch and self._waiting.empty()):
            one = self._waiting.get()
            if one is None:
                if batch:
                    self._waiting.put(None)  # Stop after this batch.
                break
            batch.append(one)
        return batch

    def _commit(self, batch: list[Waiting]) -> None:
        size = self.size
        try:
            answers = self._log.commit(self._read([raw for raw, _ in batch]), self._clock.now())
        except BaseException as error:
            for _, future in batch:
                future.set_exception(StoppedError(f"the ledger has stopped: {error!r}"))
            raise
        self._fitting.clear()
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, Recorded | TimePassed):
                future.set_result(answer)
            else:
                future.set_exception(answer)
        if self.size > size:
            self._checkpoint_file.write(self.checkpoint())
            for listener in self._listeners:
                listener(self.size)

    def _read(self, batch: list[bytes]) -> list[Envelope | MalformedError | None]:
        """Read the batch and check its signatures side by side; what fits is remembered."""
        read: list[Envelope | MalformedError | None] = []
        for raw in batch:
            try:
                read.append(self.machine.parse(raw) if raw else None)
            except MalformedError as error:
                read.append(error)
        signed = []
        with self.book() as book:
            for envelope in read:
                if isinstance(envelope, Envelope):
                    signer = self.machine.signer(book, envelope)
                    if signer is not None and signer.suite is Suite.ED25519:
                        signed.append((signer.public, envelope.signed, envelope.signature))
        share = -(-len(signed) // CHECKERS) or 1
        shares = [signed[at : at + share] for at in range(0, len(signed), share)]
        for fitting in self._checkers.map(_fitting, shares):
            self._fitting.update(fitting)
        return read

    def _verify(self, suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
        """Answer from the batch's checks, or check now: an earlier entry may have added the key."""
        if (public, message, signature) in self._fitting:
            return True
        return verify_ed25519(suite, public, message, signature)


def _fitting(signed: list[tuple[bytes, bytes, bytes]]) -> list[tuple[bytes, bytes, bytes]]:
    """Return those of (public key, message, signature) that fit."""
    return [one for one in signed if verify_ed25519(Suite.ED25519, *one)]
