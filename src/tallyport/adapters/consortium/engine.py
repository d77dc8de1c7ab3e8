"""The gateway (网关): the embedded engine's face before a ledger that institutions run together.

    1  answer at once what is recorded already, and what no node would take
    2  keep the envelope in the outbox                          now it survives a restart
    3  hand it to this institution's node
    4  wait until its entry is on this node's disk              acknowledged means committed
    5  forget it

What does not come back is sent again until it is recorded or its time is over. Sending twice is
harmless: an idempotency key leads to one entry.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import lmdb

from tallyport.adapters.clock import Clock
from tallyport.adapters.consortium import ground
from tallyport.adapters.consortium.admission import check
from tallyport.adapters.consortium.application import Rules
from tallyport.adapters.consortium.blocks import STROKE
from tallyport.adapters.consortium.cosigning import enough, gather
from tallyport.adapters.consortium.latest import Latest
from tallyport.adapters.consortium.outbox import Outbox
from tallyport.adapters.consortium.pending import Pending, Waiting
from tallyport.adapters.consortium.reader import Reader
from tallyport.adapters.consortium.reading import Reading
from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.adapters.consortium.sending import Sender
from tallyport.adapters.consortium.transaction import (
    Code,
    dated,
    parse_part,
    stroke,
)
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded import collector
from tallyport.adapters.embedded.engine import BusyError, StoppedError
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.adapters.embedded.store import Database
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import CommandEntry, Entry, parse_entry
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine, Rejected, Rejection
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import Receipt

WAITING_MAX = 10_000  # Half of what a node's mempool takes: a clear no beats a long wait.
_LOOK_SECONDS = 0.01  # Between looks at the store: a fifth of a short block.
_KEY = b'"idempotency_key":"'
_ENVELOPE = b'"envelope":'  # Before it stand a moment and a channel, which hold no quotes.
_SWEEP_SECONDS = 1.0  # Between looks at what should have come long ago.

Answer = Recorded | TimePassed


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a gateway finds on this machine, and where it keeps what is on its way."""

    ledger: Database
    outbox: Path
    is_shared: bool = False  # The ledger's store is somebody else's to close.


class ConsortiumEngine:
    """One ledger, run by several institutions, as this institution's node has it."""

    def __init__(
        self,
        stores: Stores,
        rules: Rules,
        nodes: Sequence[Rpc],
        *,
        log_key: Signing,
        clock: Clock,
    ) -> None:
        """Speak with `nodes`: our own first, then those of the peers."""
        collector.relax()
        self._reading = Reading()
        self.machine = Machine(
            rules.channel, rules.contracts, rules.authority, self._reading.verify
        )
        self._stores, self._database, self._clock = stores, stores.ledger, clock
        own, *self._peers = nodes
        self._reader = Reader(self._database, self.machine, log_key)
        self.origin, self.verifier_key = self._reader.origin, self._reader.verifier_key
        self._latest = Latest(self._database, self.machine)
        self._waiting = Waiting()
        self._listeners: list[Callable[[int], None]] = []
        self._broken: BaseException | None = None
        self._closing = threading.Event()
        self._sender = Sender(Outbox(stores.outbox), own, self._waiting)
        for number, data in self._sender.left_over():
            self._waiting.add(self._pending(data, number, self._height()))
        self._seen, self._seen_height = self._reader.size, self._reader.ground.height
        self._threads = [
            threading.Thread(target=self._edge, args=(run,), name=name, daemon=True)
            for name, run in (("gateway-send", self._send), ("gateway-watch", self._watch))
        ]
        for thread in self._threads:
            thread.start()

    # What a client does.

    def submit(self, raw: bytes) -> Future[Answer]:
        """Send an envelope on its way; the future answers `Recorded` when its entry is committed.

        The future raises `MalformedError` or `Rejected` when nothing was recorded. Empty bytes ask
        for nothing but that due timers fire.

        Raises:
            BusyError: too many are on their way.
            StoppedError: the engine has stopped.
        """
        if self._broken is not None or self._closing.is_set():
            raise StoppedError(f"the gateway has stopped: {self._broken or 'closed'}")
        if len(self._waiting) >= WAITING_MAX:
            message = f"{WAITING_MAX} envelopes wait already; send it again in a moment"
            raise BusyError(message)
        future: Future[Answer] = Future()
        try:
            with self._latest.book() as seen:
                data = self._transaction(raw, is_trial=seen.ground.is_trial)
                pending = self._pending(data, None, seen.ground.height)
                known = pending.envelope and self._known(seen.rows, pending.envelope)
        except (MalformedError, Rejected) as error:
            future.set_exception(error)
            return future
        if known:
            future.set_result(known)
            return future
        pending.futures.append(future)
        if self._waiting.add(pending):
            self._sender.put(pending)
        return future

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last sequence after every commit, from the watcher's thread."""
        self._listeners.append(listener)

    @property
    def waiting(self) -> int:
        """Envelopes that have no answer yet."""
        return len(self._waiting)

    @property
    def is_running(self) -> bool:
        """Whether it takes envelopes."""
        return self._broken is None and not self._closing.is_set()

    # What a reader does.

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        return self._reader.size

    @property
    def last_at(self) -> datetime | None:
        """Time of the last entry."""
        return self._reader.last_at

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Yield the state as of the last commit."""
        with self._reader.book() as book:
            yield book

    def raw_entry(self, sequence: int) -> bytes:
        """Return the canonical bytes of an entry.

        Raises:
            KeyError: there is no such entry.
        """
        return self._reader.raw_entry(sequence)

    def entries(self, after: int, most: int = 1_000) -> list[Entry]:
        """Return up to `most` entries that follow sequence `after`."""
        return self._reader.entries(after, most)

    def checkpoint(self) -> str:
        """Return the note over what is on disk now, signed by this institution."""
        return self._reader.checkpoint()

    def receipt(self, sequence: int) -> Receipt:
        """Return the receipt of an entry under the present checkpoint.

        Raises:
            KeyError: there is no such entry.
        """
        return self._reader.receipt(sequence)

    def hashes(self, level: int, first: int, count: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees that stand side by side; KeyError beyond the end."""
        return self._reader.hashes(level, first, count)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `old` entries is a prefix of the one of `new`.

        Raises:
            KeyError: not 0 < old <= new <= size.
        """
        return self._reader.consistency(old, new)

    def cosigned_checkpoint(self, keys: Sequence[VerifierKey], quorum: int) -> str:
        """Return the present checkpoint with `quorum` signatures of the institutions that answer.

        Raises:
            UnprovenError: fewer than `quorum` of `keys` have signed it.
        """
        note = self.checkpoint()
        notes, size = [note], note.split("\n")[1].encode()
        for peer in self._peers:
            try:
                notes.append(peer.query("/cosign", size).decode())
            except RpcError:
                continue  # It is down, or a block behind; the quorum says whether that matters.
        return enough(gather(notes), keys, quorum)

    def cosigned_receipt(self, sequence: int, keys: Sequence[VerifierKey], quorum: int) -> Receipt:
        """Return the receipt of an entry under a checkpoint that a quorum has signed.

        Raises:
            KeyError: there is no such entry.
            UnprovenError: fewer than `quorum` of `keys` have signed.
        """
        return self._reader.receipt_under(self.cosigned_checkpoint(keys, quorum), sequence)

    def close(self) -> None:
        """Stop; what is on its way stays in the outbox."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        for pending in self._waiting.all():
            pending.fail(StoppedError("the gateway was closed; send the same again to learn more"))
        for peer in self._peers:
            peer.close()
        self._sender.close()
        if not self._stores.is_shared:
            self._database.close()

    # Before an envelope is sent.

    def _transaction(self, raw: bytes, *, is_trial: bool) -> bytes:
        if not raw:
            return stroke(self._clock.now(), os.urandom(6).hex().encode())
        return dated(self._clock.now(), raw) if is_trial else raw

    def _pending(self, data: bytes, number: int | None, height: int) -> Pending:
        """Return what waits for `data`; raises MalformedError when it is no transaction."""
        raw = parse_part(data).envelope
        envelope = self._reading.envelope(self.machine, raw) if raw else None
        return Pending(data=data, envelope=envelope, number=number, height=height)

    def _height(self) -> int:
        return self._reader.ground.height

    def _known(self, book: Book, envelope: Envelope) -> Recorded | None:
        """Return what an envelope's wish led to before; raises Rejected when it may not wait."""
        _, done = check(self.machine, self._reading, book, envelope)
        if done is None:
            return None
        entry = parse_entry(self._reader.raw_entry(done.sequence), self.machine.events)
        if not isinstance(entry, CommandEntry):
            return None
        return Recorded(entry, is_repeat=entry.envelope != envelope.raw)

    # The threads.

    def _send(self) -> None:
        while not self._closing.is_set():
            self._sender.round()

    def _watch(self) -> None:
        swept = time.monotonic()
        while not self._closing.wait(_LOOK_SECONDS):
            self._look()
            if time.monotonic() - swept > _SWEEP_SECONDS:
                self._sweep()
                swept = time.monotonic()

    def _look(self) -> None:
        """Answer those whose block has come."""
        height = self._height()
        if height == self._seen_height:
            return
        before = self._seen
        while entries := self._reader.raw_entries(self._seen):
            self._answer(entries)
            self._seen += len(entries)
        with self._database.reading() as transaction:
            for one in range(self._seen_height + 1, height + 1):
                for name in ground.away_at(self._database, transaction, one):
                    if (pending := self._waiting.by_hash(name)) is not None:
                        self._turned_away(transaction, pending)
        self._seen_height = height
        if self._seen > before:
            for listener in self._listeners:
                listener(self._seen)

    def _answer(self, entries: Sequence[bytes]) -> None:
        """Answer those who wait for these entries; whom this misses is found by the sweep."""
        if not len(self._waiting):
            return
        with self._reader.book() as book:
            for data in entries:
                for pending in self._waiting.by_key(key_in(data)):
                    if pending.envelope is not None and holds(data, pending.envelope.raw):
                        self._recorded(pending, data)  # Nobody need look for it.
                    else:
                        self._try(book, pending)

    def _recorded(self, pending: Pending, data: bytes) -> None:
        """Answer with the entry whose bytes are `data`."""
        entry = parse_entry(data, self.machine.events)
        if isinstance(entry, CommandEntry):
            self._waiting.succeed(pending, Recorded(entry, is_repeat=False))

    def _try(self, book: Book, pending: Pending) -> None:
        """Answer if the wish is recorded."""
        if pending.envelope is None:
            return
        try:
            known = self._known(book, pending.envelope)
        except Rejected as rejected:
            self._waiting.fail(pending, rejected)
            return
        if known is not None:
            self._waiting.succeed(pending, known)

    def _turned_away(self, transaction: lmdb.Transaction, pending: Pending) -> None:
        away = ground.away(self._database, transaction, pending.data)
        if away is None or away.height <= pending.height:
            return  # That was an earlier one of the same bytes.
        if away.reason == STROKE:
            self._waiting.succeed(pending, TimePassed())
            return
        kind, _, reason = away.reason.partition(" ")
        if kind == Code.REJECTED.name:
            self._waiting.fail(pending, Rejected(Rejection(reason)))
        else:
            self._waiting.fail(pending, MalformedError(reason))

    def _sweep(self) -> None:
        """Look after those whose answer was missed, and those whose time is over."""
        last_at, before = self.last_at, time.monotonic() - _SWEEP_SECONDS
        late = [one for one in self._waiting.all() if one.sent_at <= before]
        if not late:
            return  # The blocks of the others are being made.
        with self._reader.book() as book, self._database.reading() as transaction:
            for pending in late:
                self._try(book, pending)
                self._turned_away(transaction, pending)
                envelope = pending.envelope
                if envelope is None or last_at is None:
                    continue
                if envelope.body.valid_until < last_at:
                    self._waiting.fail(pending, Rejected(Rejection.TOO_LATE))

    def _edge(self, run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - The edge of a thread: stop, tell all.
            self._broken = error
            for pending in self._waiting.all():
                pending.fail(StoppedError(f"the gateway has stopped: {error!r}"))


def key_in(entry: bytes) -> str:
    """Return the idempotency key in the canonical bytes of an entry, or nothing.

    Reading whole entries only to find whose they are would cost a gateway more than its own.
    """
    end = entry.rfind(b'","key_id":"', 0, max(0, entry.find(b'"},"signature":"')))
    start = entry.rfind(_KEY, 0, end)
    return "" if end < 0 or start < 0 else entry[start + len(_KEY) : end].decode()


def holds(entry: bytes, envelope: bytes) -> bool:
    """Return whether this very envelope is in the canonical bytes of an entry."""
    return entry.startswith(envelope, entry.find(_ENVELOPE) + len(_ENVELOPE))
