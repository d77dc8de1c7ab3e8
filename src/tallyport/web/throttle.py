"""Guessing passwords is slow (登录限速): so many failures a quarter of an hour, then no more tries.

Both the user and the address count: one address cannot try many users, many addresses cannot try
one user. Kept in memory: whoever can restart the server has other ways.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_SECONDS = 15 * 60
USER_FAILURES_MAX = 8  # Forgetful people need three; a guesser gets 768 a day.
ADDRESS_FAILURES_MAX = 40  # An office behind one address has several forgetful people.
WATCHED_MAX = 10_000  # Names remembered; the oldest go first, so that memory is bounded.


class Throttle:
    """Remembers failures by user and by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def is_open(self, user: str, address: str) -> bool:
        """Return whether another try is allowed."""
        with self._lock:
            return (
                len(self._recent(f"user {user.casefold()}")) < USER_FAILURES_MAX
                and len(self._recent(f"address {address}")) < ADDRESS_FAILURES_MAX
            )

    def failed(self, user: str, address: str) -> None:
        """Remember a failure."""
        with self._lock:
            for name in (f"user {user.casefold()}", f"address {address}"):
                self._failures[name] = [*self._recent(name), self._clock()]
                self._failures.move_to_end(name)
            while len(self._failures) > WATCHED_MAX:
                self._failures.popitem(last=False)

    def succeeded(self, user: str) -> None:
        """Forget what this user got wrong before."""
        with self._lock:
            self._failures.pop(f"user {user.casefold()}", None)

    def _recent(self, name: str) -> list[float]:
        since = self._clock() - WINDOW_SECONDS
        return [at for at in self._failures.get(name, []) if at > since]


LOGINS = Throttle()
