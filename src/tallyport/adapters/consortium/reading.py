"""What a node has read and checked lately (读取缓存): nobody pays twice for one envelope.

An envelope passes a node three times: when it comes in, when it is proposed, when it is ordered.
It is read once and its signature checked once; both answers depend on the bytes alone.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from tallyport.adapters.suites import verify as verify_signature
from tallyport.kernel.keys import Suite
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine

RECENT_MAX = 20_000  # Envelopes of a few blocks; those that are forgotten are read again.

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last few thousand things; two halves, of which the older is dropped whole."""

    def __init__(self, most: int = RECENT_MAX) -> None:
        self._half = most // 2
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return what was kept, or None."""
        value = self._new.get(key)
        return self._old.get(key) if value is None else value

    def keep(self, key: K, value: V) -> None:
        """Keep `value`."""
        if len(self._new) >= self._half:
            self._new, self._old = {}, self._new
        self._new[key] = value


class Reading:
    """Reads envelopes and checks signatures. Safe for several threads."""

    def __init__(self) -> None:
        self._envelopes = Recent[bytes, Envelope]()
        self._fitting = Recent[tuple[bytes, bytes, bytes], bool]()

    def envelope(self, machine: Machine, raw: bytes) -> Envelope:
        """Return the envelope.

        Raises:
            MalformedError: it is none.
        """
        found = self._envelopes.get(raw)
        if found is None:
            found = machine.parse(raw)
            self._envelopes.keep(raw, found)
        return found

    def verify(self, suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the signature fits."""
        key = (public, message, signature)
        if self._fitting.get(key):
            return True
        fits = verify_signature(suite, public, message, signature)
        if fits:
            self._fitting.keep(key, fits)
        return fits
