"""The state machine: one envelope, one entry, the same everywhere.

Goal: what is not admitted leaves no trace, what is refused changes no row, linked commands happen
all or none, a retry is answered and never done twice, timers fire in order and on time. Method: a
state machine of random envelopes and pauses against a plain dictionary, replayed into a second
state after every run; then a table of rejections in the order of the checks, and the edges of time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from support.toy import (
    ALI,
    BEK,
    RING,
    START,
    TOY,
    Add,
    Added,
    Alarm,
    Playroom,
    Refusal,
    Tally,
    authority,
    enrolment,
    machine,
    sealed,
)
from tallyport.kernel.contract import Contract, Timer
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite
from tallyport.ledger import machine as machine_module
from tallyport.ledger.entry import CommandEntry, Outcome, TimerEntry, parse_entry
from tallyport.ledger.machine import (
    FIRED_EVENTS_MAX,
    FIRED_MAX,
    VALID_FOR_MAX,
    Done,
    Machine,
    Place,
    Rejected,
    Rejection,
)
from tallyport.ledger.state import Memory

HOUR = timedelta(hours=1)
names = st.sampled_from(["x", "y", "z"])
additions = st.builds(Add, name=names, amount=st.integers(-3, 3))


def playroom(*members: MemberId) -> Playroom:
    """Return a playroom with these members in."""
    room = Playroom()
    for member in members or (ALI,):
        signer = ALI if room.entries else member
        room.feed(sealed(signer, f"enrol-{member}", enrolment(member)))
    return room


def anything(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    """Let every signature pass."""
    return bool(suite or public or message or signature)


def accepted(room: Playroom, raw: bytes) -> CommandEntry:
    """Feed an envelope that is to be accepted."""
    entry = room.feed(raw)
    assert isinstance(entry, CommandEntry)
    assert entry.outcome is Outcome.ACCEPTED
    return entry


class Playing(RuleBasedStateMachine):
    """Tallies as the ledger keeps them, and as a dictionary does."""

    def __init__(self) -> None:
        super().__init__()
        self.room = playroom(ALI, BEK)
        self.tallies: dict[str, int] = {}
        self.alarms: list[tuple[datetime, str]] = []
        self.sent: list[tuple[bytes, int]] = []

    @rule(member=st.sampled_from([ALI, BEK]), commands=st.lists(additions, min_size=1, max_size=4))
    def add(self, member: MemberId, commands: list[Add]) -> None:
        """Linked additions: all or none."""
        after = dict(self.tallies)
        refused_at = None
        for number, one in enumerate(commands):
            after[one.name] = after.get(one.name, 0) + one.amount
            if after[one.name] < 0:
                refused_at = number
                break
        raw = sealed(member, f"k{len(self.sent)}", *commands, valid_until=self.room.at + HOUR)
        entry = self.room.feed(raw)
        assert isinstance(entry, CommandEntry)
        self.sent.append((raw, entry.sequence))
        if refused_at is None:
            self.tallies = after
            assert entry.outcome is Outcome.ACCEPTED
            assert entry.reason is None
            assert len(entry.events) == len(commands)
        else:
            assert entry.outcome is Outcome.REFUSED
            assert entry.reason == f"toy.{Refusal.BELOW_ZERO.value}"
            assert entry.events == ()

    @rule(name=names, minutes=st.integers(1, 90))
    def set_alarm(self, name: str, minutes: int) -> None:
        """A timer that will add one."""
        due = self.room.at + timedelta(minutes=minutes)
        key = f"a{len(self.sent)}"
        raw = sealed(ALI, key, Alarm(name=name, due=due), valid_until=self.room.at + HOUR)
        self.sent.append((raw, accepted(self.room, raw).sequence))
        if (due, name) not in self.alarms:
            self.alarms.append((due, name))

    @rule(minutes=st.integers(0, 60))
    def pause(self, minutes: int) -> None:
        """Time passes; what was due has fired, in order."""
        self.room.at += timedelta(minutes=minutes)
        due = sorted(alarm for alarm in self.alarms if alarm[0] <= self.room.at)
        known = len(self.room.entries)
        self.room.tick()
        fired = [
            one.timer
            for entry in self.room.entries[known:]
            if isinstance(entry, TimerEntry)
            for one in entry.fired
        ]
        assert [(timer.due, timer.subject) for timer in fired] == due
        self.alarms = [alarm for alarm in self.alarms if alarm not in due]
        for _, name in due:
            self.tallies[name] = self.tallies.get(name, 0) + 1

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """What was sent once is answered with its own entry, however late; nothing is recorded."""
        if not self.sent:
            return
        raw, sequence = data.draw(st.sampled_from(self.sent))
        self.room.tick()
        known = len(self.room.entries)
        assert self.room.feed(raw).sequence == sequence
        assert len(self.room.entries) == known

    @invariant()
    def the_tallies_agree(self) -> None:
        """The state is what it should be, and entries are in order."""
        assert {row.name: row.total for row in self.room.state.scan(Tally)} == self.tallies
        assert [one.sequence for one in self.room.entries] == list(
            range(1, len(self.room.entries) + 1)
        )
        moments = [one.at for one in self.room.entries]
        assert moments == sorted(moments)

    def teardown(self) -> None:
        """Entry by entry, another machine comes to the same bytes and the same rows."""
        again = Playroom()
        for data in self.room.data:
            entry = parse_entry(data, again.machine.events)
            again.at = entry.at
            if isinstance(entry, CommandEntry):
                again.feed(entry.envelope)
            else:
                again.tick()
        assert again.data == self.room.data
        assert again.state.rows == self.room.state.rows


TestPlaying = Playing.TestCase


def test_a_refused_envelope_changes_no_row() -> None:
    """Neither the commands before the refused one nor their timers; only the key is remembered."""
    room = playroom()
    due = START + HOUR
    before = {name: dict(rows) for name, rows in room.state.rows.items() if name != Done.TABLE}
    entry = room.feed(
        sealed(
            ALI, "k", Add(name="x", amount=5), Alarm(name="x", due=due), Add(name="x", amount=-6)
        )
    )
    after = {name: dict(rows) for name, rows in room.state.rows.items() if name != Done.TABLE}
    assert isinstance(entry, CommandEntry)
    assert entry.reason == f"toy.{Refusal.BELOW_ZERO.value}"
    assert before == after
    assert room.state.get(Done, f"{ALI}|k") is not None


def test_later_commands_see_what_earlier_ones_changed() -> None:
    """Five in, five out: fine in this order, refused in the other."""
    room = playroom()
    accepted(room, sealed(ALI, "k1", Add(name="x", amount=5), Add(name="x", amount=-5)))
    entry = room.feed(sealed(ALI, "k2", Add(name="x", amount=-5), Add(name="x", amount=5)))
    assert isinstance(entry, CommandEntry)
    assert entry.outcome is Outcome.REFUSED


def test_a_refusal_is_remembered_too() -> None:
    """The same wish gets the same no, though by now it could be a yes."""
    room = playroom()
    raw = sealed(ALI, "k", Add(name="x", amount=-1))
    refused = room.feed(raw)
    accepted(room, sealed(ALI, "more", Add(name="x", amount=10)))
    assert room.feed(raw) == refused


def test_two_members_may_choose_the_same_key() -> None:
    """An idempotency key is its member's own."""
    room = playroom(ALI, BEK)
    for member in (ALI, BEK):
        accepted(room, sealed(member, "same", Add(name="x", amount=1)))
    assert room.total("x") == 2


GOOD = Add(name="x", amount=1)
UNTIL = START + HOUR
STRANGER = MemberId("stranger")


def forged() -> bytes:
    """Return an envelope with the signature of another."""
    raw, other = sealed(ALI, "k", GOOD), sealed(ALI, "k", Add(name="x", amount=2))
    mark = b'"signature":"'
    return raw.partition(mark)[0] + mark + other.partition(mark)[2]


REJECTED: list[tuple[Rejection, bytes]] = [
    (Rejection.WRONG_CHANNEL, sealed(ALI, "k", GOOD, channel="main", valid_until=START - HOUR)),
    (
        Rejection.TOO_LATE,
        sealed(STRANGER, "k", GOOD, valid_until=START - timedelta(microseconds=1)),
    ),
    (
        Rejection.TOO_EARLY,
        sealed(STRANGER, "k", GOOD, valid_until=START + VALID_FOR_MAX + timedelta(microseconds=1)),
    ),
    (Rejection.UNKNOWN_KEY, sealed(STRANGER, "used", GOOD)),
    (Rejection.BAD_SIGNATURE, forged()),
    (Rejection.KEY_REUSED, sealed(ALI, "used", GOOD)),
    (Rejection.KEY_REUSED, sealed(ALI, "used", GOOD, Add(name="y", amount=1))),
]


@pytest.mark.parametrize(("reason", "raw"), REJECTED)
def test_a_rejected_envelope_leaves_no_trace(reason: Rejection, raw: bytes) -> None:
    """One line of REJECTED: no entry, no row."""
    room = playroom()
    accepted(room, sealed(ALI, "used", Add(name="x", amount=7)))
    rows = {name: dict(table) for name, table in room.state.rows.items()}
    with pytest.raises(Rejected, match=reason.value) as rejected:
        room.feed(raw)
    assert rejected.value.reason is reason
    assert room.state.rows == rows
    assert len(room.entries) == 2


def test_every_rejection_is_tried_in_order() -> None:
    """The order of the enum is the order of the checks."""
    assert list(dict.fromkeys(reason for reason, _ in REJECTED)) == list(Rejection)


@pytest.mark.parametrize("until", [START, START + VALID_FOR_MAX])
def test_the_edges_of_validity(until: datetime) -> None:
    """Up to the very moment, and up to a day ahead."""
    accepted(playroom(), sealed(ALI, "k", GOOD, valid_until=until))


def test_a_retry_is_answered_when_its_time_is_over() -> None:
    """Who got no answer asks again, perhaps tomorrow; a new wish would be too late."""
    room = playroom()
    raw = sealed(ALI, "k", GOOD)
    first = accepted(room, raw)
    room.at += timedelta(days=7)
    assert room.feed(raw) == first
    with pytest.raises(Rejected, match=Rejection.TOO_LATE.value):
        room.feed(sealed(ALI, "k2", GOOD))


def test_a_retry_wants_its_signature_too() -> None:
    """Nobody learns the outcome of a wish by guessing its key."""
    room = playroom()
    raw = sealed(ALI, "k", GOOD)
    accepted(room, raw)
    other = sealed(ALI, "k", Add(name="x", amount=2))
    mark = b'"signature":"'
    with pytest.raises(Rejected, match=Rejection.BAD_SIGNATURE.value):
        room.feed(raw.partition(mark)[0] + mark + other.partition(mark)[2])


def test_a_retry_may_be_sealed_anew() -> None:
    """Another time to live, the same wish under the same key."""
    room = playroom()
    first = accepted(room, sealed(ALI, "k", GOOD))
    assert room.feed(sealed(ALI, "k", GOOD, valid_until=UNTIL + HOUR)) == first


def test_a_key_that_was_let_in_signs_from_the_next_entry_on() -> None:
    """Not before it."""
    room = playroom()
    raw = sealed(BEK, "k", GOOD)
    with pytest.raises(Rejected, match=Rejection.UNKNOWN_KEY.value):
        room.feed(raw)
    accepted(room, sealed(ALI, "enrol", enrolment(BEK)))
    accepted(room, raw)


# Timers.


def test_timers_fire_by_moment_name_and_subject() -> None:
    """Before the command that meets them, in one entry, in declared order."""
    room = playroom()
    moments = [START + timedelta(minutes=m) for m in (30, 10, 20, 10)]
    alarms = [Alarm(name=name, due=due) for name, due in zip("cbaa", moments, strict=True)]
    accepted(room, sealed(ALI, "k", *alarms))
    room.at = START + timedelta(minutes=25)
    accepted(room, sealed(ALI, "k2", Add(name="b", amount=-1)))
    fired = room.entries[-2]
    assert isinstance(fired, TimerEntry)
    order = [(one.timer.due.minute, one.timer.subject) for one in fired.fired]
    assert order == [(10, "a"), (10, "b"), (20, "a")]
    assert fired.at == room.at
    assert {row.subject for row in room.state.scan(Timer)} == {"c"}


def test_a_timer_may_have_nothing_to_do() -> None:
    """The world moved on: it fires, is gone, and made no event."""
    room = playroom()
    accepted(room, sealed(ALI, "k", Add(name="x", amount=100), Alarm(name="x", due=UNTIL)))
    room.at = UNTIL
    room.tick()
    fired = room.entries[-1]
    assert isinstance(fired, TimerEntry)
    assert fired.events == ()
    assert room.machine.next_due(room.state) is None


def test_a_timer_fires_at_its_moment_not_before() -> None:
    """To the microsecond."""
    room = playroom()
    accepted(room, sealed(ALI, "k", Alarm(name="x", due=UNTIL)))
    assert room.machine.next_due(room.state) == UNTIL
    room.at = UNTIL - timedelta(microseconds=1)
    room.tick()
    assert room.total("x") == 0
    room.at = UNTIL
    room.tick()
    assert room.total("x") == 1


def test_many_timers_take_several_entries() -> None:
    """FIRED_MAX each, none lost."""
    machine_, state = machine(), Memory()
    for number in range(FIRED_MAX + 7):
        state.put(Timer(due=START, name=RING, subject=f"t{number:04}"))
    place = Place(sequence=1, at=START)
    sizes = []
    while (entry := machine_.tick(state, place)) is not None:
        sizes.append(len(entry.fired))
    assert sizes == [FIRED_MAX, 7]
    assert sum(row.total for row in state.scan(Tally)) == FIRED_MAX + 7


def test_timers_with_many_events_take_several_entries() -> None:
    """So that no entry grows without bound."""
    each = 400
    loud = Contract(
        name="toy",
        commands=TOY.commands,
        events=TOY.events,
        rows=TOY.rows,
        timers={RING: lambda _book, timer, _context: (Added(name=timer.subject, amount=1),) * each},
    )
    machine_, state = Machine("toys", (loud,), authority, anything), Memory()
    for number in range(7):
        state.put(Timer(due=START, name=RING, subject=f"t{number}"))
    sizes = []
    while (entry := machine_.tick(state, Place(sequence=1, at=START))) is not None:
        sizes.append(len(entry.events))
    assert sizes == [1_200, 1_200, 400]
    assert all(size < FIRED_EVENTS_MAX + each for size in sizes)


def test_timers_with_long_events_take_several_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is begun once there is text enough; none is lost."""
    machine_, state = machine(), Memory()
    for number in range(7):
        state.put(Timer(due=START, name=RING, subject=f"t{number:04}"))
    event = len(machine_.events.spell(Added(name="t0000", amount=1)))
    monkeypatch.setattr(machine_module, "FIRED_TEXT_MAX", 2 * event + 1)
    sizes = []
    while (entry := machine_.tick(state, Place(sequence=1, at=START))) is not None:
        sizes.append(len(entry.fired))
    assert sizes == [3, 3, 1]


def test_an_entry_that_would_be_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is recorded as refused, nothing else changed, and the ledger goes on."""
    room = playroom()
    small = accepted(room, sealed(ALI, "k1", *[GOOD] * 3))
    bound = len(room.data[-1]) + 10
    tallies = list(room.state.scan(Tally))
    monkeypatch.setattr(machine_module, "ENTRY_BYTES_MAX", bound)

    raw = sealed(ALI, "k2", *[GOOD] * 4)
    entry = room.feed(raw)

    assert isinstance(entry, CommandEntry)
    assert (entry.outcome, entry.events) == (Outcome.REFUSED, ())
    assert entry.reason == "ledger.entry_must_not_exceed_maximum"
    assert len(room.data[-1]) <= bound
    assert list(room.state.scan(Tally)) == tallies
    assert parse_entry(room.data[-1], room.machine.events) == entry
    assert len(accepted(room, sealed(ALI, "k3", *[GOOD] * 3)).events) == len(small.events)


# Promises.


def test_a_clock_that_goes_back_does_not_take_time_back() -> None:
    """LED-1: entries never precede each other in time."""
    room = playroom()
    room.at = START + HOUR
    accepted(room, sealed(ALI, "k1", GOOD, valid_until=START + 2 * HOUR))
    room.at = START
    entry = accepted(room, sealed(ALI, "k2", GOOD, valid_until=START + 2 * HOUR))
    assert entry.at == START + HOUR
    with pytest.raises(Rejected, match=Rejection.TOO_LATE.value):
        room.feed(sealed(ALI, "k3", GOOD, valid_until=START))


class _Odd(datetime):
    """A moment that claims to be later than everything, and is not."""

    def __ge__(self, other: object) -> bool:
        return False


def test_a_place_that_precedes_the_last_stops_us() -> None:
    """LED-1, should the clock be able to lie that well."""
    last = Place(sequence=1, at=START)
    odd = _Odd(2030, 1, 1, tzinfo=START.tzinfo)
    with pytest.raises(InvariantError, match="LED-1"):
        machine().follow(last, odd)


@pytest.mark.parametrize(
    "twin",
    [
        Contract(name="twin", commands=TOY.commands, events={}, rows=()),
        Contract(name="twin", commands={}, events=TOY.events, rows=()),
        Contract(name="twin", commands={}, events={}, rows=TOY.rows),
        Contract(name="twin", commands={}, events={}, rows=(), timers=TOY.timers),
    ],
)
def test_no_two_contracts_claim_one_thing(twin: Contract) -> None:
    """LED-2: command, event, row, timer."""
    with pytest.raises(InvariantError, match="LED-2"):
        Machine("toys", (TOY, twin), authority, anything)


def test_a_broken_promise_stops_the_machine() -> None:
    """An event that its contract would never decide is not evolved; nothing is written."""
    greedy = Contract(
        name="toy",
        commands={Add: lambda _book, command, _context: (Added(name="x", amount=command.amount),)},
        events=TOY.events,
        rows=TOY.rows,
    )
    machine_, state = Machine("toys", (greedy,), authority, anything), Memory()
    envelope = machine_.parse(sealed(ALI, "k", Add(name="x", amount=-1)))
    with pytest.raises(InvariantError, match="TOY-1"):
        machine_.execute(state, envelope, ALI, Place(sequence=1, at=START))
    assert not state.rows


# Determinism.

SCRIPT = """
from support.toy import *
room = Playroom()
members = [MemberId(name) for name in sorted({"ali", "bek", "can", "dan"})]
room.feed_all(sealed(members[0], f"enrol-{one}", enrolment(one)) for one in members)
for number in range(40):
    member = members[number % 4]
    due = START + timedelta(minutes=number % 7 + 1)
    commands = (Add(name=f"n{number % 5}", amount=number % 9 - 3), Alarm(name=member, due=due))
    room.feed(sealed(member, f"k{number}", *commands))
room.at = START + timedelta(days=1)
room.tick()
from tallyport.ledger.merkle import Frontier, leaf_hash
tree = Frontier()
for data in room.data:
    tree = tree.append(leaf_hash(data))[0]
print(tree.size, tree.head.hex())
"""


@pytest.mark.determinism
def test_the_head_does_not_depend_on_hash_order() -> None:
    """Equal input, equal head, whatever PYTHONHASHSEED is."""
    tests = Path(__file__).parents[1]
    heads = set()
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(tests)}
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        heads.add(done.stdout)
    assert len(heads) == 1
