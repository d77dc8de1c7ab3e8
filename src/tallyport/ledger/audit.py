"""Audit (审计): everything is done again from entry 1, and has to come out the same.

    order        entries are numbered 1, 2, 3 ... and none precedes another in time
    tree         every stored node is the hash of what is below it
    replay       each envelope and each timer, executed again, gives the same bytes
    signature    each envelope is signed by a key that was in force
    promise      no invariant of a contract is broken on the way
    rows         the state that comes out is the state that is stored, to the last row
    checkpoint   the tree had the heads that were signed for

A byte that was changed anywhere is found by one of them; the report names the first entry that is
wrong. Behind it the state is unknown, so the replay ends there; the tree is followed to its end.

Not found without a checkpoint from outside: that the last entries were cut off together with their
rows and nodes, or that all was written anew by somebody who has the keys of every member.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tallyport.ledger.entry import CommandEntry, Entry, Outcome
from tallyport.ledger.merkle import HASH_BYTES, Frontier, grow, leaf_hash
from tallyport.ledger.note import Checkpoint
from tallyport.ledger.replay import Check, Claim, Replay, WrongError

FINDINGS_MAX = 100  # Who has a hundred findings needs a backup, not a longer list.
_SHOWN = 200  # Characters of a row that are shown.


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, and the entry that it is about, if it is about one."""

    check: Check
    sequence: int | None
    message: str

    def __str__(self) -> str:
        place = "" if self.sequence is None else f"entry {self.sequence} "
        return f"{self.check.value}: {place}{self.message}"


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was looked at."""

    entries: int = 0
    accepted: int = 0
    refused: int = 0
    timers: int = 0
    signatures: int = 0
    nodes: int = 0
    rows: int = 0
    checkpoints: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was looked at, and what was found."""

    counts: Counts
    head: bytes
    findings: tuple[Finding, ...] = field(default=())  # By entry; those about none come last.

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first_wrong(self) -> int | None:
        """The first entry with a finding."""
        return next((f.sequence for f in self.findings if f.sequence is not None), None)


class Audit:
    """One audit. Feed it the entries in order, then the rows in order, then ask for the report."""

    def __init__(
        self, replay: Replay | None = None, checkpoints: Iterable[Checkpoint] = ()
    ) -> None:
        self.counts = Counts()
        self._replay = (
            replay  # None: only the tree is followed, from the start or from an error on.
        )
        self._heads: list[bytes] | None = []  # None: the order is broken, nothing fits any more.
        self._head = Frontier().head
        self._checkpoints = sorted(checkpoints, key=lambda one: one.size)
        self._findings: list[Finding] = []
        self._claims: list[Claim] = []
        self._rows: list[tuple[bytes, str, str]] | None = None
        self._compare_heads()

    def find(self, check: Check, sequence: int | None, message: str) -> None:
        """Note a finding; after FINDINGS_MAX of them the list ends."""
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(check=check, sequence=sequence, message=message))

    def entry(self, sequence: int, data: bytes, nodes: bytes) -> None:
        """Take the entry stored as `sequence`; `nodes`: what is stored of those that it closes."""
        heads = self._heads
        if heads is None:
            return
        expected = self.counts.entries + 1
        if sequence != expected or not data.endswith(b',"sequence":%d,"version":1}' % expected):
            self.find(Check.ORDER, expected, "is missing, another stands in its place")
            self._heads = None
            self._claims, self._replay = self.claims(), None
            return
        self.counts.entries = expected
        closed = grow(heads, expected - 1, leaf_hash(data))
        self.counts.nodes += len(closed)
        if b"".join([head for _, _, head in closed]) != nodes:
            self._find_node(expected, closed, nodes)
        if self._replay is not None:
            try:
                self._count(self._replay.entry(expected, data))
            except WrongError as error:
                self._stop(expected, error.check, str(error))
            except Exception as error:  # noqa: BLE001 - What was forged may trip a contract anywhere.
                self._stop(expected, Check.REPLAY, f"cannot be executed: {error!r}")
        self._compare_heads()

    def _stop(self, sequence: int, check: Check, message: str) -> None:
        self.find(check, sequence, message)
        self._claims, self._replay = self.claims(), None

    def _find_node(
        self, sequence: int, closed: Sequence[tuple[int, int, bytes]], nodes: bytes
    ) -> None:
        stored = [nodes[at : at + HASH_BYTES] for at in range(0, len(nodes), HASH_BYTES)]
        pairs = zip_longest(closed, stored, fillvalue=None)
        wrong = next((node for node, head in pairs if node is None or node[2] != head), None)
        match wrong:
            case (0, _, _):
                what = "and its leaf"
            case (level, index, _):
                what = f"and the node {level}/{index} that it closes"
            case _:
                what = "and the nodes that it closes"
        message = f"{what} do not fit: one of them was changed, or is missing"
        self.find(Check.TREE, sequence, message)

    def _compare_heads(self) -> None:
        # audit: loop: takes one checkpoint a round
        while self._heads is not None and self.counts.checkpoints < len(self._checkpoints):
            checkpoint = self._checkpoints[self.counts.checkpoints]
            if checkpoint.size > self.counts.entries:
                return
            self.counts.checkpoints += 1
            if checkpoint.head != self._tree(self._heads).head:
                message = "or one before it is not what the checkpoint was signed for"
                self.find(Check.CHECKPOINT, checkpoint.size, message)

    def _tree(self, heads: list[bytes]) -> Frontier:
        return Frontier(self.counts.entries, tuple(heads))

    def _count(self, entry: Entry) -> None:
        if not isinstance(entry, CommandEntry):
            self.counts.timers += len(entry.fired)
        elif entry.outcome is Outcome.ACCEPTED:
            self.counts.accepted += 1
        else:
            self.counts.refused += 1

    def claims(self) -> list[Claim]:
        """Return the signatures since the last call; those that are bad are to be reported back."""
        claims, self._claims = self._claims, []
        return claims if self._replay is None else claims + self._replay.claims()

    def row(self, name: bytes, data: bytes) -> None:
        """Take a stored row; they come in order of their names, after the last entry."""
        if self._replay is None:
            return
        self.counts.rows += 1
        expected = self._expected(self._replay)
        while expected and expected[-1][0] < name:  # audit: loop: takes one row a round
            self._find_missing(self._replay, expected.pop())
        if not expected or expected[-1][0] != name:
            self.find(Check.ROWS, None, f"row {_shown(name)} is there, but no entry led to it")
            return
        _, table, key = expected.pop()
        made = self._replay.row(table, key)
        if made != data:
            message = f"led to {_shown(name)} = {_shown(made)}, but stored is {_shown(data)}"
            self.find(Check.ROWS, self._replay.writer(table, key), message)

    def _expected(self, replay: Replay) -> list[tuple[bytes, str, str]]:
        """Return the rows that are still to come, the next one last."""
        if self._rows is None:
            self._rows = replay.names()
            self._rows.reverse()
        return self._rows

    def _find_missing(self, replay: Replay, row: tuple[bytes, str, str]) -> None:
        name, table, key = row
        message = f"led to the row {_shown(name)}, which is missing"
        self.find(Check.ROWS, replay.writer(table, key), message)

    def report(self, *, is_whole: bool = True) -> Report:
        """Return the report: everything was handed over, or all that could be read."""
        if self._replay is not None and is_whole:
            while rest := self._expected(self._replay):  # audit: loop: takes one row a round
                self._find_missing(self._replay, rest.pop())
        if self._heads is not None:
            self._head = self._tree(self._heads).head
            for checkpoint in self._checkpoints[self.counts.checkpoints :] if is_whole else ():
                message = f"is missing: a checkpoint was signed for {checkpoint.size} entries"
                self.find(Check.CHECKPOINT, self.counts.entries + 1, message)
        order = sorted(self._findings, key=lambda f: (f.sequence is None, f.sequence or 0))
        return Report(counts=self.counts, head=self._head, findings=tuple(order))


def _shown(data: bytes) -> str:
    return data.decode(errors="replace")[:_SHOWN]
