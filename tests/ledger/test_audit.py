"""The audit: whatever was changed, it is found, and the first wrong entry is named.

Goal: no changed byte of an entry, a node or a row stays unseen; a good ledger has no findings.
Method: a small ledger with commands, refusals and timers; each byte of it is changed in turn, and
things are taken out, put in and swapped; then histories that fit together but were not possible.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.toy import (
    ALI,
    BEK,
    CHANNEL,
    START,
    TOY,
    Add,
    Added,
    Alarm,
    Playroom,
    Tally,
    authority,
    enrolment,
    sealed,
)
from tallyport.adapters.ed25519 import verify
from tallyport.kernel.contract import Book, Context, Events, Timer
from tallyport.ledger.audit import FINDINGS_MAX, Audit, Report
from tallyport.ledger.entry import (
    CommandEntry,
    Fired,
    Outcome,
    TimerEntry,
    entry_bytes,
    parse_entry,
)
from tallyport.ledger.merkle import Frontier, leaf_hash
from tallyport.ledger.note import Checkpoint
from tallyport.ledger.replay import Check, Replay
from tallyport.ledger.state import row_bytes, row_name

HOUR = timedelta(hours=1)


def history() -> list[bytes]:
    """Return the entries of a small ledger."""
    room = Playroom()
    room.feed(sealed(ALI, "enrol", enrolment(ALI)))
    room.feed(sealed(ALI, "enrol-bek", enrolment(BEK)))
    room.feed(sealed(BEK, "k1", Add(name="x", amount=5), Add(name="y", amount=1)))
    room.feed(sealed(BEK, "k2", Add(name="x", amount=1), Add(name="x", amount=-9)))
    room.feed(sealed(ALI, "k3", Alarm(name="中文", due=START + HOUR)))
    room.at += HOUR
    room.feed(sealed(BEK, "k4", Add(name="x", amount=-2), valid_until=START + 2 * HOUR))
    return room.data


class Copy:
    """What a store holds: it can be changed before it is audited."""

    def __init__(self, entries: list[bytes]) -> None:
        self.entries = dict(enumerate(entries, start=1))
        self.nodes: dict[int, bytes] = {}
        self.heads = [Frontier().head]
        tree = Frontier()
        replay = Replay(CHANNEL, (TOY,), authority)
        for sequence, data in self.entries.items():
            tree, closed = tree.append(leaf_hash(data))
            self.nodes[sequence] = b"".join(head for _, _, head in closed)
            self.heads.append(tree.head)
            replay.entry(sequence, data)
        self.rows = {name: replay.row(table, key) for name, table, key in replay.names()}

    def audit(self, *sizes: int, is_whole: bool = True) -> Report:
        """Audit everything against the checkpoints over so many entries."""
        checkpoints = [Checkpoint("tallyport/toys", size, self.heads[size]) for size in sizes]
        course = Audit(Replay(CHANNEL, (TOY,), authority), checkpoints)
        for sequence, data in sorted(self.entries.items()):
            course.entry(sequence, data, self.nodes.get(sequence, b""))
        for claim in course.claims():
            if not verify(claim.suite, claim.public, claim.message, claim.signature):
                course.find(Check.SIGNATURE, claim.sequence, "has a signature that does not fit")
        for name, data in sorted(self.rows.items()):
            course.row(name, data)
        return course.report(is_whole=is_whole)

    def tree(self, *sizes: int) -> Report:
        """Follow the tree only."""
        checkpoints = [Checkpoint("tallyport/toys", size, self.heads[size]) for size in sizes]
        course = Audit(None, checkpoints)
        for sequence, data in sorted(self.entries.items()):
            course.entry(sequence, data, self.nodes.get(sequence, b""))
        course.row(b"x", b"unread")
        assert course.claims() == []
        return course.report()


HISTORY = history()


@pytest.fixture
def copy() -> Copy:
    """Return a good copy."""
    return Copy(HISTORY)


def flipped(data: bytes, at: int, bit: int = 1) -> bytes:
    """Return `data` with one bit changed."""
    return data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]


def test_a_good_ledger_has_no_findings(copy: Copy) -> None:
    """And everything was counted."""
    report = copy.audit(*range(len(HISTORY) + 1))
    assert report.is_clean
    assert report.first_wrong is None
    counts = report.counts
    assert (counts.entries, counts.accepted, counts.refused, counts.timers) == (7, 5, 1, 1)
    assert counts.rows == len(copy.rows)
    assert counts.checkpoints == 8
    assert report.head == copy.heads[-1]
    assert copy.tree(*range(8)).is_clean


def test_an_empty_ledger_has_no_findings() -> None:
    """It had one head, the empty one."""
    report = Copy([]).audit(0)
    assert report.is_clean
    assert report.counts.entries == 0


@pytest.mark.parametrize("sequence", range(1, len(HISTORY) + 1))
def test_every_changed_byte_of_an_entry(sequence: int) -> None:
    """The tree sees it, and so does the replay: the first wrong entry is this one."""
    copy = Copy(HISTORY)
    good = copy.entries[sequence]
    for at in range(len(good)):
        copy.entries[sequence] = flipped(good, at)
        report = copy.audit()
        assert report.first_wrong == sequence
        assert copy.tree().first_wrong == sequence


@pytest.mark.parametrize("sequence", range(1, len(HISTORY) + 1))
def test_every_changed_byte_of_an_entry_whose_nodes_were_changed_too(sequence: int) -> None:
    """Without the tree's help replay and signatures find it; only the time is the engine's word."""
    good = HISTORY[sequence - 1]
    moment = range(good.index(b"2024"), good.index(b'Z","channel"'))
    for at in sorted(set(range(0, len(good), 3)) - set(moment)):
        copy = Copy(HISTORY)
        copy.entries[sequence] = flipped(good, at)
        tree = Frontier()
        for number, data in copy.entries.items():
            tree, closed = tree.append(leaf_hash(data))
            copy.nodes[number] = b"".join(head for _, _, head in closed)
        report = copy.audit()
        assert report.first_wrong == sequence
        assert not any(finding.check is Check.TREE for finding in report.findings)


def test_every_changed_byte_of_a_node(copy: Copy) -> None:
    """It is named by the entry that closed it; the entry itself is replayed and good."""
    for sequence, good in list(copy.nodes.items()):
        for at in range(len(good)):
            copy.nodes[sequence] = flipped(good, at)
            [finding] = copy.audit(7).findings
            assert (finding.check, finding.sequence) == (Check.TREE, sequence)
            assert f"tree: entry {sequence} and " in str(finding)
        for wrong in (good + bytes(32), good[:-1], b""):
            copy.nodes[sequence] = wrong
            [finding] = copy.audit(7).findings
            assert (finding.check, finding.sequence) == (Check.TREE, sequence)
        copy.nodes[sequence] = good


def test_every_changed_byte_of_a_row(copy: Copy) -> None:
    """It is named by the entry that wrote it last."""
    for name, good in list(copy.rows.items()):
        for at in range(len(good)):
            copy.rows[name] = flipped(good, at)
            [finding] = copy.audit().findings
            assert finding.check is Check.ROWS
            assert finding.sequence
            assert name.decode() in finding.message
        copy.rows[name] = good


def test_a_changed_row_names_its_entry(copy: Copy) -> None:
    """The tally x was written last by the last entry."""
    name = row_name("tally", "x").encode()
    copy.rows[name] = row_bytes(Tally(name="x", total=1_000_000))
    report = copy.audit()
    assert report.first_wrong == 7
    assert '"total":3' in report.findings[0].message
    assert '"total":1000000' in report.findings[0].message


def test_rows_that_are_missing_or_too_many(copy: Copy) -> None:
    """First, last and between."""
    names = sorted(copy.rows)
    for name in names:
        data = copy.rows.pop(name)
        [finding] = copy.audit().findings
        assert "which is missing" in finding.message
        copy.rows[name] = data
    for extra in (b"a", names[3] + b"x", b"zzz"):
        copy.rows[extra] = b"{}"
        [finding] = copy.audit().findings
        assert finding.sequence is None
        assert "no entry led to it" in finding.message
        del copy.rows[extra]


def test_a_ledger_that_could_not_be_read_to_its_end_misses_nothing(copy: Copy) -> None:
    """What was not handed over is not reported as missing: the damage is."""
    copy.rows.clear()
    assert copy.audit(7, is_whole=False).is_clean


def test_entries_that_are_missing_doubled_or_swapped(copy: Copy) -> None:
    """The gap is named, and nothing behind it."""
    del copy.entries[3]
    [finding] = copy.audit(7).findings
    assert (finding.check, finding.sequence) == (Check.ORDER, 3)
    copy = Copy(HISTORY)
    copy.entries[4] = copy.entries[3]
    assert copy.audit().first_wrong == 4
    copy = Copy(HISTORY)
    copy.entries[3], copy.entries[4] = copy.entries[4], copy.entries[3]
    assert copy.audit().first_wrong == 3
    copy = Copy(HISTORY)
    copy.entries[0] = copy.entries.pop(1)
    assert copy.audit().first_wrong == 1


def test_a_tail_that_was_cut_off_is_missed_by_a_checkpoint() -> None:
    """With rows and nodes to fit, only the signed head knows."""
    copy, short = Copy(HISTORY), Copy(HISTORY[:5])
    assert short.audit().is_clean
    short.heads = copy.heads
    [finding] = short.audit(3, 7).findings
    assert (finding.check, finding.sequence) == (Check.CHECKPOINT, 6)
    assert "7 entries" in finding.message


def test_another_history_is_not_what_was_signed_for(copy: Copy) -> None:
    """It fits together, but its heads are others."""
    room = Playroom()
    room.feed(sealed(ALI, "enrol", enrolment(ALI)))
    room.feed(sealed(ALI, "k", Add(name="x", amount=1)))
    other = Copy(room.data)
    assert other.audit(0, 1, 2).is_clean
    other.heads = copy.heads
    report = other.audit(1, 2)
    assert [(one.check, one.sequence) for one in report.findings] == [(Check.CHECKPOINT, 2)]


# Histories that were not possible, each whole in itself: bytes, tree and numbers fit.


def forged(sequence: int, data: bytes) -> Report:
    """Return the audit of a ledger whose entry `sequence` says something else."""
    copy = Copy(HISTORY[: sequence - 1])
    copy.entries[sequence] = data
    tree = Frontier()
    for number, one in copy.entries.items():
        tree, closed = tree.append(leaf_hash(one))
        copy.nodes[number] = b"".join(head for _, _, head in closed)
    return copy.audit()


EVENTS = Playroom().machine.events


def command(sequence: int) -> CommandEntry:
    """Return an entry of the history."""
    entry = parse_entry(HISTORY[sequence - 1], EVENTS)
    assert isinstance(entry, CommandEntry)
    return entry


RING = Timer(due=START + HOUR, name="toy.ring", subject="中文")
LATE = START + 2 * HOUR
IMPOSSIBLE = [
    (Check.REPLAY, 3, replace(command(3), outcome=Outcome.REFUSED, reason="toy.x", events=())),
    (Check.REPLAY, 3, replace(command(3), events=command(3).events[:1])),
    (Check.REPLAY, 3, replace(command(3), events=(Added(name="x", amount=9),))),
    (Check.REPLAY, 4, replace(command(4), outcome=Outcome.ACCEPTED, reason=None)),
    (Check.REPLAY, 4, replace(command(4), reason="toy.another")),
    (Check.REPLAY, 3, replace(command(3), channel="main")),
    (Check.REPLAY, 4, replace(command(3), sequence=4)),
    (Check.ORDER, 3, replace(command(3), at=START - HOUR)),
    (Check.REPLAY, 3, replace(command(3), at=LATE)),
    (Check.REPLAY, 6, replace(command(7), sequence=6)),
    (Check.REPLAY, 3, TimerEntry(sequence=3, at=START, channel=CHANNEL, fired=())),
    (
        Check.REPLAY,
        6,
        TimerEntry(sequence=6, at=LATE, channel=CHANNEL, fired=(Fired(timer=RING, events=()),)),
    ),
    (Check.SIGNATURE, 2, replace(command(3), sequence=2)),
    (Check.REPLAY, 3, replace(command(3), envelope=b"{}")),
    (Check.SIGNATURE, 3, replace(command(3), envelope=command(3).envelope[:-6] + b'AA=="}')),
]


@pytest.mark.parametrize(("check", "sequence", "entry"), IMPOSSIBLE)
def test_an_impossible_entry_is_found(
    check: Check, sequence: int, entry: CommandEntry | TimerEntry
) -> None:
    """One line of IMPOSSIBLE."""
    report = forged(sequence, entry_bytes(entry, EVENTS))
    assert report.first_wrong == sequence
    assert report.findings[0].check is check


def test_a_broken_promise_has_its_label(copy: Copy) -> None:
    """The contract that decided was another than the one that is audited with."""

    def greedy(_book: Book, command: Add, _context: Context) -> Events:
        return (Added(name="x", amount=-command.amount),)

    other = replace(TOY, commands=dict(TOY.commands) | {Add: greedy})
    course = Audit(Replay(CHANNEL, (other,), authority))
    for sequence, data in copy.entries.items():
        course.entry(sequence, data, copy.nodes[sequence])
    [finding] = course.report().findings
    assert (finding.check, finding.sequence) == (Check.PROMISE, 3)
    assert finding.message == "breaks the promise TOY-1"


def test_a_contract_that_trips_is_a_finding(copy: Copy) -> None:
    """Whatever it raises, the audit follows the tree on; signatures before it are checked."""

    def trips(_book: Book, _command: Add, _context: Context) -> Events:
        raise ZeroDivisionError

    odd = replace(TOY, commands=dict(TOY.commands) | {Add: trips})
    course = Audit(Replay(CHANNEL, (odd,), authority))
    for sequence, data in copy.entries.items():
        course.entry(sequence, data, copy.nodes[sequence])
    [finding] = course.report().findings
    assert finding.sequence == 3
    assert "ZeroDivisionError" in finding.message
    assert [claim.sequence for claim in course.claims()] == [1, 2, 3]
    assert course.counts.entries == 7


@given(st.binary(max_size=300))
def test_any_bytes_can_be_audited(data: bytes) -> None:
    """Nothing but findings comes out."""
    assert forged(3, data).first_wrong == 3


def test_the_list_of_findings_ends() -> None:
    """Who has a hundred does not need more."""
    course = Audit()
    for number in range(FINDINGS_MAX + 50):
        course.find(Check.STORE, 1000 - number, "x")
    findings = course.report().findings
    assert len(findings) == FINDINGS_MAX
    assert [one.sequence or 0 for one in findings] == sorted(one.sequence or 0 for one in findings)
