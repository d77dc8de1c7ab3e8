"""Blocks become entries (区块执行): judged when decided, on disk when committed, nothing between.

    finalize   open a transaction of the store, judge every envelope in order, return the new head
    commit     close the transaction: entries, tree, rows and height are on disk together
    drop       let the transaction go: nothing of the block ever was

A node that dies between the first and the second finds the height of the block before and is
given the block again. The store's transaction belongs to the thread that opened it: that of the
consensus connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

import lmdb

from tallyport.adapters.consortium import ground
from tallyport.adapters.consortium.reading import Reading
from tallyport.adapters.consortium.transaction import (
    Code,
    Part,
    Result,
    check_dated,
    parse,
    result,
    together,
    turned_away,
)
from tallyport.adapters.embedded.store import Database, Rows
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import CommandEntry, Entry, parse_entry
from tallyport.ledger.machine import Machine, Place, Rejected
from tallyport.ledger.merkle import Frontier, frontier

STROKE = "STROKE"  # Why a stroke of the clock left no entry: it was none that does.

Powers: TypeAlias = dict[bytes, int]  # Public key of a validator (Ed25519) to its voting power.
Validators: TypeAlias = Callable[[Book], Powers]


class BlockError(FaultError):
    """The chain asked for a block that cannot follow what is on disk."""


@dataclass(slots=True)
class Block:
    """A block in the making."""

    height: int
    at: datetime
    transaction: lmdb.Transaction
    leaving: ExitStack
    thread: int
    tree: Frontier
    last: Place | None
    results: list[Result] = field(default_factory=list)
    away: list[tuple[bytes, str]] = field(default_factory=list)
    updates: Powers = field(default_factory=dict)
    written: list[tuple[int, bytes]] = field(default_factory=list)  # Entries, not stored yet.


class Blocks:
    """The writer's side under consensus. `ground`, `tree`, `last`: what is on disk."""

    def __init__(
        self,
        database: Database,
        machine: Machine,
        reading: Reading,
        *,
        validators: Validators,
        on_guilty: str,
        snapshot_blocks: int,
    ) -> None:
        self._database, self._machine, self._reading = database, machine, reading
        self._validators, self._snapshot_blocks = validators, snapshot_blocks
        self._on_guilty = on_guilty
        self._rows = Rows(database, machine.rows)
        self._next_due: datetime | None = None
        self._block: Block | None = None
        self.load()

    def load(self) -> None:
        """Learn what is on disk."""
        with self._database.writing() as transaction:
            self._database.belong(transaction, self._machine.channel)
            self.ground = ground.read(self._database, transaction)
            self.last = self._database.last(transaction)
            size = self.last.sequence if self.last else 0
            self.tree = frontier(size, self._database.node(transaction))
        self._rows = Rows(self._database, self._machine.rows)

    def begin(self, *, is_trial: bool) -> None:
        """Take what the genesis says; it is on disk with the first block."""
        self.ground = replace(self.ground, is_trial=is_trial)

    def finalize(
        self,
        height: int,
        at: datetime,
        transactions: Sequence[bytes],
        guilty: Sequence[tuple[bytes, int]] = (),
    ) -> Block:
        """Judge a block and return it with its results and its tree; nothing is stored.

        `guilty`: address and height of validators against whom the chain has evidence.

        Raises:
            BlockError: the block before it is not on disk, or the last one is decided again.
        """
        self.drop()
        if self.ground.height and height != self.ground.height + 1:
            message = f"expected block {self.ground.height + 1}, got block {height}"
            raise BlockError(message)
        leaving = ExitStack()
        transaction = leaving.enter_context(self._database.writing())
        leaving.enter_context(self._rows.within(transaction))
        block = Block(
            height=height,
            at=at,
            transaction=transaction,
            leaving=leaving,
            thread=threading.get_ident(),
            tree=self.tree,
            last=self.last,
        )
        self._block = block
        before = self._validators(self._rows)
        if guilty and self._on_guilty:
            self._report(block, self._on_guilty, guilty)
        if not self.ground.is_trial:
            self._fire(block, at)
        for data in transactions:
            try:
                parts = parse(data)
            except MalformedError as error:
                block.away.append((data, f"{Code.MALFORMED.name} {error}"))
                block.results.append(turned_away(Code.MALFORMED, ""))
                continue
            block.results.append(together([self._judge(block, part) for part in parts]))
        block.tree = self._database.append_all(block.transaction, block.tree, block.written)
        block.updates = updates(before, self._validators(self._rows))
        return block

    def commit(self) -> None:
        """Put the block on disk.

        Raises:
            BlockError: there is no block in the making.
        """
        block, self._block = self._block, None
        if block is None:
            raise BlockError("expected a block to be decided before it is committed")
        after = replace(self.ground, height=block.height, app_hash=block.tree.head)
        with block.leaving:
            if block.last is not None and block.last != self.last:
                self._database.put_last(block.transaction, block.last)
            ground.write(self._database, block.transaction, after)
            ground.turn_away(self._database, block.transaction, block.height, block.away)
            if block.height % self._snapshot_blocks == 0 and block.tree.size:
                ground.put_snapshot(
                    self._database, block.transaction, block.height, block.tree.size
                )
        self.ground, self.tree, self.last = after, block.tree, block.last

    def drop(self) -> None:
        """Forget the block in the making, if this thread makes one."""
        block = self._block
        if block is None or block.thread != threading.get_ident():
            return
        self._block = None
        error = BlockError("the block was dropped")
        try:
            with block.leaving:
                raise error
        except BlockError as raised:
            if raised is not error:
                raise

    def _report(self, block: Block, name: str, guilty: Sequence[tuple[bytes, int]]) -> None:
        """Let the contracts know what the chain has proved, before anything else of the block."""
        now = self._now(block, None)
        for address, height in guilty:
            at = self._machine.follow(block.last, now).at
            self._machine.report(self._rows, name, f"{address.hex()}|{height}", at)
        self._fire(block, now)

    def _judge(self, block: Block, part: Part) -> Result:
        data = part.data
        try:
            check_dated(part, is_trial=self.ground.is_trial)
            now = self._now(block, part.at)
            self._fire(block, now)
            if not part.envelope:
                block.away.append((data, STROKE))
                return {"code": int(Code.ACCEPTED), "data": b""}
            envelope = self._reading.envelope(self._machine, part.envelope)
            place = self._machine.follow(block.last, now)
            member, done = self._machine.admit(self._rows, envelope, place.at)
        except MalformedError as error:
            block.away.append((data, f"{Code.MALFORMED.name} {error}"))
            return turned_away(Code.MALFORMED, "")
        except Rejected as rejected:
            block.away.append((data, f"{Code.REJECTED.name} {rejected.reason.value}"))
            return turned_away(Code.REJECTED, rejected.reason.value)
        if done is not None:
            return result(self._command(block, done.sequence))
        entry = self._machine.execute(self._rows, envelope, member, place)
        self._write(block, entry)
        return result(entry)

    def _now(self, block: Block, stated: datetime | None) -> datetime:
        """Return the time of a transaction: the block's, or in a trial the story's."""
        if not self.ground.is_trial:
            return block.at
        if stated is not None:
            return stated
        return block.last.at if block.last is not None else block.at

    def _fire(self, block: Block, now: datetime) -> None:
        """Write timer entries until nothing is due."""
        while True:
            if self._rows.timers_changed:
                self._next_due = self._machine.next_due(self._rows)
                self._rows.timers_changed = False
            at = now if block.last is None else max(now, block.last.at)
            if self._next_due is None or self._next_due > at:
                return
            entry = self._machine.tick(self._rows, self._machine.follow(block.last, now))
            if entry is not None:
                self._write(block, entry)

    def _write(self, block: Block, entry: Entry) -> None:
        block.written.append((entry.sequence, self._machine.bytes_of(entry)))
        block.last = Place(sequence=entry.sequence, at=entry.at)

    def _command(self, block: Block, sequence: int) -> CommandEntry:
        if sequence > self.tree.size:  # Of this very block.
            data: bytes | None = block.written[sequence - self.tree.size - 1][1]
        else:
            data = self._database.entry(block.transaction, sequence)
        entry = None if data is None else parse_entry(data, self._machine.events)
        if not isinstance(entry, CommandEntry):
            message = f"entry {sequence} is not the command that its key remembers; run the audit"
            raise FaultError(message)
        return entry


def updates(before: Powers, after: Powers) -> Powers:
    """Return what changes between two sets of validators, power 0 for one that leaves.

    A chain without validators stands still for ever: an empty set changes nothing.
    """
    if not after:
        return {}
    gone = {public: 0 for public in before if public not in after}
    new = {public: power for public, power in after.items() if before.get(public) != power}
    return dict(sorted((gone | new).items()))


def no_validators(_book: Book) -> Powers:
    """Return nothing: the validators are those of the genesis."""
    return {}
