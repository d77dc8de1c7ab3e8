"""The writer's side of the ledger: a batch of envelopes in, one durable commit, answers out.

Not for several threads: the engine gives it batches from one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import lmdb

from tallyport.adapters.embedded.store import Database, Rows
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import CommandEntry, Entry, parse_entry
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Machine, Place, Rejected
from tallyport.ledger.merkle import frontier


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where an envelope ended: its entry, and whether it was there already."""

    entry: CommandEntry
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing was asked but that due timers fire."""


Answer = Recorded | TimePassed | MalformedError | Rejected


class Log:
    """Appends entries. `tree` and `last` say what is on disk."""

    def __init__(self, database: Database, machine: Machine) -> None:
        self._database, self._machine = database, machine
        self.rows = Rows(database, machine.rows)
        with database.writing() as transaction:
            database.belong(transaction, machine.channel)
            self.last = database.last(transaction)
            size = self.last.sequence if self.last else 0
            self.tree = frontier(size, database.node(transaction))
        self._next_due: datetime | None = None

    def commit(
        self, batch: Sequence[Envelope | MalformedError | None], now: datetime
    ) -> list[Answer]:
        """Judge `batch` in order at `now` and return when all of it is on disk.

        None stands for "let time pass". Raises whatever broke; then nothing of the batch happened.
        """
        with self._database.writing() as transaction, self.rows.within(transaction):
            page = _Page(last=self.last)
            answers = [self._judge(transaction, page, one, now) for one in batch]
            tree = self._database.append_all(transaction, self.tree, page.entries)
            if page.last is not None and page.last != self.last:
                self._database.put_last(transaction, page.last)
        self.tree, self.last = tree, page.last
        return answers

    def _judge(
        self,
        transaction: lmdb.Transaction,
        page: _Page,
        envelope: Envelope | MalformedError | None,
        now: datetime,
    ) -> Answer:
        self._fire(page, now)
        if envelope is None:
            return TimePassed()
        if isinstance(envelope, MalformedError):
            return envelope
        place = self._machine.follow(page.last, now)
        try:
            member, done = self._machine.admit(self.rows, envelope, place.at)
        except (Rejected, MalformedError) as error:
            return error
        if done is not None:
            return Recorded(self._command(transaction, page, done.sequence), is_repeat=True)
        entry = self._machine.execute(self.rows, envelope, member, place)
        self._write(page, entry)
        return Recorded(entry, is_repeat=False)

    def _fire(self, page: _Page, now: datetime) -> None:
        """Write timer entries until nothing is due."""
        while True:
            if self.rows.timers_changed:
                self._next_due = self._machine.next_due(self.rows)
                self.rows.timers_changed = False
            at = now if page.last is None else max(now, page.last.at)
            if self._next_due is None or self._next_due > at:
                return
            entry = self._machine.tick(self.rows, self._machine.follow(page.last, now))
            if entry is not None:
                self._write(page, entry)

    def _write(self, page: _Page, entry: Entry) -> None:
        page.entries.append((entry.sequence, self._machine.bytes_of(entry)))
        page.last = Place(sequence=entry.sequence, at=entry.at)

    def _command(self, transaction: lmdb.Transaction, page: _Page, sequence: int) -> CommandEntry:
        if sequence > self.tree.size:  # Of this very batch.
            data: bytes | None = page.entries[sequence - self.tree.size - 1][1]
        else:
            data = self._database.entry(transaction, sequence)
        entry = None if data is None else parse_entry(data, self._machine.events)
        if not isinstance(entry, CommandEntry):
            message = f"entry {sequence} is not the command that its key remembers; run the audit"
            raise FaultError(message)
        return entry


@dataclass(slots=True)
class _Page:
    """What a batch has led to so far; counts only once it is on disk."""

    last: Place | None
    entries: list[tuple[int, bytes]] = field(default_factory=list)
