"""A seeded simulation of clients and faults (模拟): a bad year of a ledger from one integer.

Time is virtual, chance is one generator, everything runs in one thread, and the parts under test
are the real ones: the log, the store, LMDB. So a run that fails is played again from its seed:

    cd tests && python -m support.simulation 4711        or `make chaos SEED=4711 ROUNDS=1`

Clients keep what they sent until it is answered, send it again and twice at once, and strangers
send forgeries. The disk fills up, a write breaks half way, the process dies before a commit and
after it, the clock jumps both ways. What must hold all the time:

SIM-1  kept      what was acknowledged stays: the same entry, the same bytes
SIM-2  once      a key has one entry, however often it was sent; a forgery has none
SIM-3  together  tallies are the sum of what entries say: linked commands happened all or not at all
SIM-4  forward   the time of entries never goes back, and each head extends the one before
SIM-5  whole     after a fault the audit of every byte is clean
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum, unique
from pathlib import Path

import lmdb

from support.toy import (
    ALI,
    BEK,
    CHANNEL,
    START,
    TOY,
    Add,
    Added,
    Alarm,
    Tally,
    authority,
    enrolment,
    machine,
    sealed,
)
from tallyport.adapters.embedded.audit import Depth, audit
from tallyport.adapters.embedded.log import Log, Recorded
from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.kernel.ids import MemberId
from tallyport.ledger.entry import CommandEntry, Entry, parse_entry
from tallyport.ledger.machine import Rejected, Rejection
from tallyport.ledger.merkle import Frontier, consistency_proof, is_consistent

STEPS = 120
NAMES = ("x", "y", "z")
VALID_FOR = timedelta(hours=12)
OUT_OF_TIME = (Rejection.TOO_LATE, Rejection.TOO_EARLY)  # The clock jumped since it was signed.


class Killed(BaseException):
    """The process is no more: nobody catches it and goes on."""


@unique
class Fault(StrEnum):
    """What breaks while a batch is written."""

    FULL = "the disk is full"
    TORN = "writing breaks between two entries"
    BEFORE = "killed before the commit"
    AFTER = "killed after the commit and before the answer"


class Disk(Database):
    """The real store, on a disk that breaks when told."""

    fault: Fault | None = None

    @contextmanager
    def writing(self) -> Iterator[lmdb.Transaction]:
        """Die before the commit, or after it."""
        with super().writing() as transaction:
            yield transaction
            if self.fault is Fault.BEFORE:
                raise Killed
        if self.fault is Fault.AFTER:
            raise Killed

    def append_all(
        self, transaction: lmdb.Transaction, tree: Frontier, entries: Sequence[tuple[int, bytes]]
    ) -> Frontier:
        """Break with half of them written, or with none."""
        if self.fault is Fault.TORN:
            super().append_all(transaction, tree, entries[: len(entries) // 2])
            raise lmdb.DiskError("simulated")
        if self.fault is Fault.FULL:
            raise lmdb.MapFullError("simulated")
        return super().append_all(transaction, tree, entries)


class Simulation:
    """One ledger's life. `head` is equal for equal seeds."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)  # noqa: S311 - To be repeated.
        self.at, self.machine = START, machine()
        self.wishes = dict[str, tuple[MemberId, tuple[object, ...]]]()
        self.sent = dict[str, bytes]()
        self.waiting = dict[str, None]()  # Keys without an answer, in order.
        self.answers = dict[str, CommandEntry]()
        self.heads = [(0, b"")]
        self.faults = Counter[str]()
        self._open()
        self._ask(ALI, enrolment(ALI))
        self._ask(ALI, enrolment(BEK))
        self._deliver(list(self.waiting))

    def run(self, steps: int = STEPS) -> None:
        """Live for so many steps, then heal, settle and be judged."""
        for _ in range(steps):
            step = self.chance.choice((self._want, self._want, self._send, self._send, self._age))
            step()
        for _ in range(2):  # Those that are out of time are signed again.
            self._deliver(list(self.waiting))
        assert not self.waiting, "SIM-1: what waits is answered once the disk is whole"
        self._reopen()
        self._judge()
        self.database.close()

    @property
    def head(self) -> bytes:
        """The head of the tree."""
        return self.log.tree.head

    # What happens.

    def _want(self) -> None:
        """A client wants something new, of one to four linked commands."""
        commands: list[object] = [
            Add(name=self.chance.choice(NAMES), amount=self.chance.randint(-2, 3))
            for _ in range(self.chance.randint(1, 3))
        ]
        if self.chance.random() < 0.2:
            due = self.at + timedelta(minutes=self.chance.randint(-5, 600))
            commands.append(Alarm(name=self.chance.choice(NAMES), due=due))
        self._ask(self.chance.choice((ALI, BEK)), *commands)

    def _send(self) -> None:
        """Part of what waits arrives, some of it twice, some old, some forged, in any order."""
        keys = [key for key in self.waiting for _ in range(self.chance.choice((0, 1, 1, 2)))]
        keys += [key for key in self.answers if self.chance.random() < 0.03]
        keys += ["forged"] * self.chance.choice((0, 0, 1))
        self.chance.shuffle(keys)
        is_bad_day = self.chance.random() < 0.3
        self._deliver(keys, self.chance.choice(tuple(Fault)) if is_bad_day else None)

    def _age(self) -> None:
        """Time passes, or the clock jumps: days ahead, days back. Now and then a clean restart."""
        hours = self.chance.choice((0.01, 0.1, 1, 30, -40))
        self.at = max(START, self.at + timedelta(hours=hours))
        if self.chance.random() < 0.1:
            self._reopen()

    # How it happens.

    def _open(self) -> None:
        self.database = Disk(self.folder)
        self.log = Log(self.database, self.machine)

    def _reopen(self) -> None:
        self.database.fault = None
        self.database.close()
        self._open()
        self._extend()

    def _ask(self, member: MemberId, *commands: object) -> None:
        key = f"k{len(self.wishes)}"
        self.wishes[key] = (member, commands)
        self.waiting[key] = None
        self._seal(key)

    def _seal(self, key: str) -> None:
        """Sign a wish; one that is out of time is signed again, under the same key."""
        member, commands = self.wishes[key]
        last = self.log.last
        now = self.at if last is None else max(self.at, last.at)
        self.sent[key] = sealed(member, key, *commands, valid_until=now + VALID_FOR)

    def _deliver(self, keys: Sequence[str], fault: Fault | None = None) -> None:
        """Have a batch committed; after a fault, come up again and look at every byte."""
        self.database.fault = fault
        batch = [self.machine.parse(self._raw(key)) for key in keys]
        try:
            answers = self.log.commit([*batch, None], self.at)
        except (Killed, StoreError):
            assert fault, "SIM-5: it broke by itself"
            self.faults[fault] += 1
            self._reopen()
            self._audit()
            return
        self.database.fault = None
        for key, answer in zip(keys, answers, strict=False):  # The last one let time pass.
            if key == "forged":
                assert isinstance(answer, Rejected), "SIM-2: a forgery has no entry"
            elif isinstance(answer, Rejected) and answer.reason in OUT_OF_TIME:
                assert key in self.waiting, "SIM-1: a retry is answered at any time"
                self._seal(key)
            else:
                assert isinstance(answer, Recorded), f"SIM-1: {key} was turned away: {answer}"
                first = self.answers.setdefault(key, answer.entry)
                assert first == answer.entry, f"SIM-2: {key} has two entries"
                self.waiting.pop(key, None)
        self._extend()

    def _raw(self, key: str) -> bytes:
        if key != "forged":
            return self.sent[key]
        raw = bytearray(self.sent[self.chance.choice(list(self.sent))])
        at = raw.rindex(b'"signature":"') + len(b'"signature":"')
        raw[at] = ord("0") if raw[at] != ord("0") else ord("1")
        return bytes(raw)

    # What must hold.

    def _extend(self) -> None:
        old, head = self.heads[-1]
        tree = self.log.tree
        assert tree.size >= old, "SIM-1: the ledger became shorter"
        if old:
            with self.database.reading() as transaction:
                proof = consistency_proof(old, tree.size, self.database.node(transaction))
            assert is_consistent(old, tree.size, proof, head, tree.head), "SIM-4"
        self.heads.append((tree.size, tree.head))

    def _audit(self) -> None:
        done = audit(self.folder, CHANNEL, (TOY,), authority, depth=Depth.REPLAY)
        assert done.report.is_clean, f"SIM-5: {done.report.findings}"

    def _judge(self) -> None:
        entries = self._entries()
        by_key = dict[str, list[Entry]]()
        for entry in entries:
            if isinstance(entry, CommandEntry):
                by_key.setdefault(
                    self.machine.parse(entry.envelope).body.idempotency_key, []
                ).append(entry)
        assert set(by_key) == set(self.sent), "SIM-1, SIM-2: the keys are those that were sent"
        for key, found in by_key.items():
            assert found == [self.answers[key]], f"SIM-1, SIM-2: {key}"
        moments = [entry.at for entry in entries]
        assert moments == sorted(moments), "SIM-4"
        sums = Counter[str]()
        for entry in entries:
            for event in entry.events:
                if isinstance(event, Added):
                    sums[event.name] += event.amount
        with self.database.reading() as transaction, self.log.rows.within(transaction):
            tallies = {row.name: row.total for row in self.log.rows.scan(Tally)}
        assert tallies == {name: sums[name] for name in tallies}, "SIM-3"
        assert sum(tallies.values()) == sums.total(), "SIM-3"
        self._audit()

    def _entries(self) -> list[Entry]:
        with self.database.reading() as transaction:
            found = [
                self.database.entry(transaction, sequence)
                for sequence in range(1, self.log.tree.size + 1)
            ]
        return [parse_entry(data, self.machine.events) for data in found if data is not None]


def main(first: str, rounds: str = "1") -> None:
    """Play so many seeds from the first on, and say how each ended."""
    for seed in range(int(first), int(first) + int(rounds)):
        with tempfile.TemporaryDirectory() as folder:
            print(f"seed {seed}: ", end="", flush=True)  # noqa: T201 - A program.
            played = Simulation(Path(folder), seed)
            played.run()
            broke = ", ".join(f"{count} x {name}" for name, count in sorted(played.faults.items()))
            print(f"{played.log.tree.size} entries, {broke}")  # noqa: T201 - A program.


if __name__ == "__main__":
    main(*sys.argv[1:])
