"""Envelopes that wait for their block (待上链): found by their bytes, or by their key."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.ledger.envelope import Envelope

DOUBLINGS_MAX = 3  # Half a minute: then a node that takes everything has lost it, not kept it.


@dataclass(slots=True, eq=False)
class Pending:
    """One transaction on its way, and who waits for it."""

    data: bytes
    envelope: Envelope | None  # None: a stroke of the clock.
    number: int | None  # In the outbox.
    height: int  # Of the chain when it set out.
    futures: list[Future[Recorded | TimePassed]] = field(default_factory=list)
    sent_at: float = 0.0
    times: int = 0  # How often the node has taken it.

    @property
    def key(self) -> str:
        """The idempotency key, empty for a stroke."""
        return "" if self.envelope is None else self.envelope.body.idempotency_key

    def fail(self, error: Exception) -> None:
        """Tell everybody who waits why nothing was recorded."""
        for future in self.futures:
            if not future.done():
                future.set_exception(error)


class Waiting:
    """All that is on its way. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[bytes, Pending] = {}  # By the hash of the transaction; oldest first.
        self._by_key: dict[str, list[Pending]] = {}
        self._over: list[int] = []

    def __len__(self) -> int:
        return len(self._all)

    def add(self, pending: Pending) -> bool:
        """Wait for it; False: the same bytes wait already, and will have the same answer."""
        name = hashlib.sha256(pending.data).digest()
        with self._lock:
            there = self._all.get(name)
            if there is not None:
                there.futures += pending.futures
                self._over_later(pending)
                return False
            self._all[name] = pending
            self._by_key.setdefault(pending.key, []).append(pending)
            return True

    def is_kept(self, pending: Pending, number: int) -> None:
        """Take note of its number in the outbox; it may have been answered meanwhile."""
        with self._lock:
            pending.number = number
            if self._all.get(hashlib.sha256(pending.data).digest()) is not pending:
                self._over_later(pending)

    def all(self) -> list[Pending]:
        """Return all, oldest first."""
        with self._lock:
            return list(self._all.values())

    def by_hash(self, name: bytes) -> Pending | None:
        """Return the one with these bytes."""
        return self._all.get(name)

    def by_key(self, key: str) -> list[Pending]:
        """Return those with this idempotency key."""
        with self._lock:
            return list(self._by_key.get(key, ()))

    def late(self, now: float, after_seconds: float, most: int) -> list[Pending]:
        """Return up to `most` that are in the outbox and did not come back soon enough.

        What a node has taken again and again waits in a line there: it is given ever more time.
        """
        with self._lock:
            found = []
            for pending in self._all.values():
                patience = after_seconds * 2 ** min(max(pending.times - 1, 0), DOUBLINGS_MAX)
                if pending.number is not None and pending.sent_at + patience < now:
                    found.append(pending)
                    if len(found) == most:
                        break
            return found

    def over(self) -> list[int]:
        """Return the numbers of those that were answered since the last call."""
        with self._lock:
            over, self._over = self._over, []
            return over

    def succeed(self, pending: Pending, answer: Recorded | TimePassed) -> None:
        """Answer, and wait no longer."""
        self._remove(pending)
        for future in pending.futures:
            if not future.done():
                future.set_result(answer)

    def fail(self, pending: Pending, error: Exception) -> None:
        """Answer that nothing was recorded, and wait no longer."""
        self._remove(pending)
        pending.fail(error)

    def _remove(self, pending: Pending) -> None:
        with self._lock:
            if self._all.pop(hashlib.sha256(pending.data).digest(), None) is None:
                return
            same = self._by_key[pending.key]
            same.remove(pending)
            if not same:
                del self._by_key[pending.key]
            self._over_later(pending)

    def _over_later(self, pending: Pending) -> None:
        if pending.number is not None:
            self._over.append(pending.number)
