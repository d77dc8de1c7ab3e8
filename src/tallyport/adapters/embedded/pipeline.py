"""Two threads between the clients and the disk: one reads the next batch while one commits.

    clients ──▶ waiting ──▶ reading: decode ──────────▶ writing: judge, commit, answer
                               └──▶ checkers (processes) ──▶┘

Batches keep their order, and so do the envelopes in them. When writing breaks, everybody who waits
is told, and nobody is let in any more.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from tallyport.adapters.embedded.checker import Checkers, Checking, Signed
from tallyport.adapters.embedded.log import Answer, Recorded, TimePassed
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import FaultError
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine

BATCH_MAX = 1_000  # Envelopes that share a commit: 8 ms of disk over a thousand is nothing.
WAITING_MAX = 20_000  # More waiting envelopes are turned away: a clear no beats a long wait.


class BusyError(FaultError):
    """Too many envelopes wait. Nothing happened; send it again later."""


class StoppedError(FaultError):
    """The engine has stopped. Nothing was recorded unless an answer says so; send it again."""


Read: TypeAlias = "Envelope | MalformedError | None"  # None: let time pass.
Waiting: TypeAlias = "tuple[bytes, Future[Recorded | TimePassed]]"
Fitting: TypeAlias = set[tuple[bytes, bytes, bytes]]  # Public key, message, signature.
Commit: TypeAlias = Callable[[list[Read], Fitting], list[Answer]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What shares a commit, read; its signatures are being checked."""

    waiting: list[Waiting]
    read: list[Read]
    signed: list[Signed]
    check: Checking

    def fitting(self) -> Fitting:
        """Wait for the checks and return what fits."""
        return {
            (one.public, one.message, one.signature)
            for one, fits in zip(self.signed, self.check.result(), strict=True)
            if fits
        }


class Pipeline:
    """Takes envelopes from any thread; `commit` is called from one."""

    def __init__(
        self,
        machine: Machine,
        book: Callable[[], AbstractContextManager[Book]],
        commit: Commit,
        *,
        after: Callable[[], None],
    ) -> None:
        self._machine, self._book, self._commit, self._after = machine, book, commit, after
        self._checkers = Checkers()
        self._door = threading.Condition()
        self._is_open = True
        self._broken: BaseException | None = None
        self._waiting: deque[Waiting] = deque()
        self._ready: queue.Queue[Batch | None] = queue.Queue(1)  # One is read ahead, not more.
        self._threads = [
            threading.Thread(target=run, name=f"ledger-{run.__name__.strip('_')}", daemon=True)
            for run in (self._reading, self._writing)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, raw: bytes) -> Future[Recorded | TimePassed]:
        """Queue an envelope.

        Raises:
            BusyError: too many wait.
            StoppedError: nobody is let in any more.
        """
        future: Future[Recorded | TimePassed] = Future()
        with self._door:
            if self._broken is not None or not self._is_open:
                raise self._stopped()
            if len(self._waiting) >= WAITING_MAX:
                message = f"{WAITING_MAX} envelopes wait already; send it again in a moment"
                raise BusyError(message)
            self._waiting.append((raw, future))
            self._door.notify()
        return future

    @property
    def waiting(self) -> int:
        """Envelopes that wait to be read."""
        return len(self._waiting)

    @property
    def is_running(self) -> bool:
        """Whether envelopes are let in."""
        return self._is_open and self._broken is None

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._door:
            self._is_open = False
            self._door.notify()
        for thread in self._threads:
            thread.join()
        self._checkers.close()

    def _stopped(self) -> StoppedError:
        return StoppedError(f"the ledger has stopped: {self._broken or 'closed'}")

    # Reading.

    def _reading(self) -> None:
        while batch := self._take():
            try:
                self._ready.put(self._read(batch))
            except BaseException as error:  # noqa: BLE001 - The edge of this thread: tell all.
                self._break(batch, error)
        self._ready.put(None)

    def _take(self) -> list[Waiting]:
        """Wait for an envelope, then take those behind it; nothing means that we are to stop."""
        with self._door:
            self._door.wait_for(lambda: self._waiting or not self._is_open)
            return [self._waiting.popleft() for _ in range(min(BATCH_MAX, len(self._waiting)))]

    def _read(self, batch: list[Waiting]) -> Batch:
        read: list[Read] = []
        for raw, _ in batch:
            try:
                read.append(self._machine.parse(raw) if raw else None)
            except MalformedError as error:
                read.append(error)
        signed = list[Signed]()
        with self._book() as book:
            for one in read:
                if isinstance(one, Envelope) and (signer := self._machine.signer(book, one)):
                    signed.append(Signed(signer.suite, signer.public, one.signed, one.signature))
        return Batch(batch, read, signed, self._checkers.start(signed))

    # Writing.

    def _writing(self) -> None:
        while (batch := self._ready.get()) is not None:
            if self._broken is not None:
                self._break(batch.waiting, self._broken)
                continue
            try:
                answers = self._commit(batch.read, batch.fitting())
            except BaseException as error:  # noqa: BLE001 - The edge of this thread: tell all.
                self._break(batch.waiting, error)
                continue
            for (_, future), answer in zip(batch.waiting, answers, strict=True):
                if isinstance(answer, Recorded | TimePassed):
                    future.set_result(answer)
                else:
                    future.set_exception(answer)
            try:
                self._after()
            except BaseException as error:  # noqa: BLE001 - What is on disk is acknowledged; stop.
                self._break([], error)

    def _break(self, batch: list[Waiting], error: BaseException) -> None:
        """Let nobody in any more, and tell `batch`."""
        with self._door:
            self._broken = self._broken or error
        for _, future in batch:
            future.set_exception(self._stopped())
