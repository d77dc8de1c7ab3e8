"""A node (节点): what members say goes in, what is true comes out.

    submit   sign commands as a member, wait until they are on disk and in the views
    settle   let reactors follow what happened, until nothing more follows

Idempotency keys come from the caller. Sending the same wish under the same key again gives the
first outcome; that is what makes it safe to be killed and started again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tallyport.adapters.clock import Clock
from tallyport.adapters.documents import Documents
from tallyport.adapters.embedded.engine import BusyError
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.adapters.engine import LedgerEngine
from tallyport.adapters.keystore import NoKeyError
from tallyport.adapters.suites import Signing
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId
from tallyport.ledger.entry import CommandEntry, Entry, Outcome
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal
from tallyport.ledger.machine import Rejected, Rejection
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.projections.projection import Views

VALID_FOR = timedelta(hours=1)  # What we sign is judged at once or not at all.
ANSWER_SECONDS_MAX = 60  # A commit takes milliseconds; a minute means that the disk is gone.
ROUNDS_MAX = 1_000  # Reactors that never come to rest feed each other: stop and say so.


# Why a wish is given up: the member has another key by now, or (after a kill) it was sent already
# and the amount has changed since.
NOT_OURS = frozenset({Rejection.UNKNOWN_KEY, Rejection.KEY_REUSED})
log = logging.getLogger("tallyport.node")


class SilentError(FaultError):
    """The ledger did not answer in time; send the same wish again to learn how it ended."""


class RestlessError(FaultError):
    """Reactors keep causing each other; the rules that drive them need a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a reactor wants done: by whom, under which key, derived from what happened."""

    member: MemberId
    key: str
    commands: tuple[object, ...]


class Reactor(Protocol):
    """Reads an entry, wants things done. It keeps no state: the book has it."""

    def react(self, entry: Entry, book: Book) -> Iterable[Wish]:
        """Yield what follows from `entry`; the same entry yields the same keys."""
        ...


class Meter:
    """Is told what a node does; this one keeps nothing (see `app.metrics`)."""

    def folded(self, entries: Sequence[Entry]) -> None:
        """Take entries that are new in the views, each once, in order."""

    def answered(self, seconds: float) -> None:
        """Take how long a command waited for its durable answer."""

    def turned_away(self, reason: str) -> None:
        """Take why an envelope was not even judged."""


class Node:
    """An engine, the views, the keys of the members that sign here, the reactors."""

    def __init__(
        self,
        engine: LedgerEngine,
        views: Views,
        clock: Clock,
        *,
        documents: Documents,
        key_of: Callable[[MemberId], Signing],
        reactors: Sequence[Reactor],
    ) -> None:
        self.engine, self.views, self.clock = engine, views, clock
        self.documents = documents
        self._key_of, self._reactors = key_of, reactors
        self._folding = threading.Lock()
        self.meter = Meter()
        self.catch_up()

    # Commands.

    def key(self, name: str) -> Signing:
        """Return a key that is kept here, for example the one that a member decrypts with.

        Raises:
            NoKeyError: there is none of this name.
        """
        return self._key_of(MemberId(name))

    def seal(self, member: MemberId, key: str, commands: Sequence[object]) -> bytes:
        """Return an envelope with `commands`, signed for `member`."""
        signing = self._key_of(member)
        body = body_bytes(
            Body(
                channel=self.engine.machine.channel,
                key_id=signing.key_id,
                idempotency_key=key,
                valid_until=self._now() + VALID_FOR,
                commands=tuple(commands),
            ),
            self.engine.machine.commands,
        )
        return seal(body, signing.sign(DOMAIN + body))

    def _now(self) -> datetime:
        """Return the time as the ledger will see it: a clock that went back does not count."""
        now, last = self.clock.now(), self.engine.last_at
        return now if last is None else max(now, last)

    def submit(self, member: MemberId, key: str, *commands: object) -> CommandEntry:
        """Have linked `commands` judged as `member`; return their entry, on disk and in the views.

        Raises:
            Rejected: not even judged, for example the key was used for another wish.
            FaultError: the ledger did not answer; the same call again is safe.
        """
        return self.record(self.seal(member, key, commands)).entry

    def submit_all(
        self, member: MemberId, wishes: Iterable[tuple[str, Sequence[object]]]
    ) -> list[CommandEntry]:
        """Submit many (key, commands) side by side; they share commits and keep their order."""
        futures = [self.engine.submit(self.seal(member, key, commands)) for key, commands in wishes]
        recorded = [self._wait(future) for future in futures]
        self.catch_up()
        return [one.entry for one in recorded]

    def record(self, raw: bytes) -> Recorded:
        """Have an envelope judged that somebody else signed.

        Raises:
            MalformedError: it is none.
            Rejected: not even judged.
        """
        if not raw:  # To the engine nothing means that time is to pass.
            raise MalformedError("expected an envelope, got nothing")
        begun = time.monotonic()
        try:
            recorded = self._wait(self.engine.submit(raw))
        except (Rejected, BusyError) as turned:
            self.meter.turned_away(turned.reason.value if isinstance(turned, Rejected) else "busy")
            raise
        self.meter.answered(time.monotonic() - begun)
        self.catch_up()
        return recorded

    def pass_time(self) -> None:
        """Let timers fire that are due by now."""
        self._result(self.engine.submit(b""))
        self.catch_up()

    def _wait(self, future: Future[Recorded | TimePassed]) -> Recorded:
        result = self._result(future)
        if not isinstance(result, Recorded):
            raise SilentError("the ledger answered something else than an entry")
        return result

    @staticmethod
    def _result(future: Future[Recorded | TimePassed]) -> Recorded | TimePassed:
        try:
            return future.result(ANSWER_SECONDS_MAX)
        except TimeoutError:
            raise SilentError(
                f"no answer from the ledger in {ANSWER_SECONDS_MAX} s; send the same again"
            ) from None

    # Views and reactors.

    def catch_up(self) -> None:
        """Fold into the views what is on disk."""
        with self._folding:
            while entries := self.engine.entries(self.views.position):
                self.views.apply(entries)
                self.meter.folded(entries)

    def settle(self) -> int:
        """Let reactors follow everything that happened; return how many wishes they sent."""
        sent = 0
        for _ in range(ROUNDS_MAX):
            if self.engine.size == self.views.reacted:
                return sent
            for entry in self.engine.entries(self.views.reacted):
                for wish in self._wishes(entry):
                    self._follow(wish)
                    sent += 1
                with self._folding:  # The views have one writer.
                    self.views.set_reacted(entry.sequence)
        raise RestlessError(f"reactors sent {sent} commands and want more")

    def _follow(self, wish: Wish) -> None:
        """Send a wish. One member whose key is not here must not keep the others waiting."""
        try:
            self.submit(wish.member, wish.key, *wish.commands)
        except NoKeyError as error:
            log.warning("%s has to send %s itself: %s", wish.member, wish.key, error)
        except Rejected as rejected:
            if rejected.reason not in NOT_OURS:
                raise
            log.warning("%s was not sent for %s: %s", wish.key, wish.member, rejected)

    def _wishes(self, entry: Entry) -> list[Wish]:
        if isinstance(entry, CommandEntry) and entry.outcome is Outcome.REFUSED:
            return []
        with self.engine.book() as book:
            return [wish for reactor in self._reactors for wish in reactor.react(entry, book)]

    # Reading.

    @property
    def head(self) -> str:
        """Head of the ledger in hex: two nodes with one head have one ledger."""
        return Checkpoint.parse(parse_note(self.engine.checkpoint()).text).head.hex()

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Yield the state as of the last commit; pages read views instead."""
        with self.engine.book() as book:
            yield book

    def close(self) -> None:
        """Finish what waits and let go of everything."""
        self.engine.close()
        self.views.close()
