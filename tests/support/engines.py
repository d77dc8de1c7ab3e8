"""The embedded engine with the toys of `support.toy`, for tests of adapters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from support.toy import CHANNEL, START, TOY, authority
from tallyport.adapters.clock import Clock, ManualClock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.engine import Engine
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.ledger.entry import CommandEntry

LOG_KEY = Signing(hashlib.sha256(b"log").digest())
ANSWER_SECONDS = 60


@contextmanager
def engine(folder: Path, clock: Clock | None = None) -> Iterator[Engine]:
    """Yield an engine and close it."""
    made = Engine(
        folder, CHANNEL, (TOY,), authority, clock=clock or ManualClock(START), log_key=LOG_KEY
    )
    try:
        yield made
    finally:
        made.close()


def answer(future: Future[Recorded | TimePassed]) -> CommandEntry:
    """Wait for an envelope's entry."""
    recorded = future.result(ANSWER_SECONDS)
    assert isinstance(recorded, Recorded)
    return recorded.entry


def submit_all(made: Engine, envelopes: Iterable[bytes]) -> list[CommandEntry]:
    """Submit all, then wait for all: they share commits."""
    return [answer(future) for future in [made.submit(raw) for raw in envelopes]]
