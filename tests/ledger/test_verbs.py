"""Versions of a contract: an entry is judged under what was in force at its own time.

Goal: old entries come out the same for ever; a version counts from its moment, not before; releases
with and without it agree until then, and afterwards the one without it stops. Method: toys in two
versions, a contract that activates, the log replayed by both; forged tables and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from support.toy import (
    ALI,
    CHANNEL,
    RING,
    START,
    TOY,
    Add,
    Added,
    Alarm,
    Playroom,
    authority,
    enrolment,
    sealed,
    signing,
    total,
)
from tallyport.adapters import ed25519
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import (
    Activation,
    Book,
    Changes,
    Context,
    Contract,
    Events,
    Step,
    Timer,
)
from tallyport.kernel.guard import InvariantError
from tallyport.ledger.entry import CommandEntry, Outcome
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal
from tallyport.ledger.machine import Machine
from tallyport.ledger.replay import Check, Replay, WrongError
from tallyport.ledger.verbs import OutdatedError, Table

DAY = timedelta(days=1)
SEEN = "switch.seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate:
    """Command: version 2 of the toys, from a moment on."""

    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """Event."""

    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """Command of version 2."""

    name: str


def activate(_book: Book, command: Activate, _context: Context) -> Events:
    """Judge nothing."""
    return (Activated(since=command.since),)


def activated(_book: Book, event: Activated) -> Changes:
    """Return the row that the ledger acts on."""
    return (Activation(steps=(Step(contract="toy", version=2, since=event.since),)),)


def double(book: Book, command: Double, _context: Context) -> Events:
    """Judge nothing."""
    return (Added(name=command.name, amount=total(book, command.name)),)


def add_ten(_book: Book, command: Add, _context: Context) -> Events:
    """Version 2 counts in tens."""
    return (Added(name=command.name, amount=10 * command.amount),)


def seen(_book: Book, timer: Timer, _context: Context) -> Events:
    """Count what the engine has seen."""
    return (Added(name=timer.subject, amount=1),)


SWITCH = Contract(
    name="switch",
    commands={Activate: activate},
    events={Activated: activated},
    rows=(),
    timers={SEEN: seen},
    reports=frozenset({SEEN}),
)
TOY_2 = Contract(name="toy", version=2, commands={Add: add_ten, Double: double}, events={}, rows=())
OLD, NEW = (TOY, SWITCH), (TOY, SWITCH, TOY_2)


def room(contracts: tuple[Contract, ...]) -> Playroom:
    """Return a ledger with Ali in it."""
    made = Playroom()
    made.machine = Machine(CHANNEL, contracts, authority, ed25519.verify)
    made.feed(sealed(ALI, "enrol", enrolment(ALI)))
    return made


def said(made: Playroom, key: str, command: object, forms: tuple[Contract, ...] = NEW) -> bytes:
    """Return an envelope of Ali's, by the forms of a release."""
    body = Body(
        channel=CHANNEL,
        key_id=signing(ALI).key_id,
        idempotency_key=key,
        valid_until=made.at + timedelta(hours=1),
        commands=(command,),
    )
    data = body_bytes(body, Machine(CHANNEL, forms, authority, ed25519.verify).commands)
    return seal(data, signing(ALI).sign(DOMAIN + data))


def lived() -> Playroom:
    """Return a ledger that changed its version in the middle."""
    made = room(NEW)
    made.feed(said(made, "one", Add(name="x", amount=1)))
    made.feed(said(made, "go", Activate(since=START + DAY)))
    made.feed(said(made, "ring", Alarm(name="x", due=START + 2 * DAY)))
    made.at += DAY
    made.feed(said(made, "two", Add(name="x", amount=1)))
    made.feed(said(made, "three", Double(name="x")))
    return made


def test_a_version_counts_from_its_moment() -> None:
    """One by one before, ten by ten after; a timer of the old one still rings."""
    made = lived()
    assert made.total("x") == 22
    made.at = START + 2 * DAY
    made.tick()
    assert made.total("x") == 23


def test_old_entries_replay_under_their_own_version() -> None:
    """The same bytes, entry by entry."""
    made = lived()
    replay = Replay(CHANNEL, NEW, authority)
    for sequence, data in enumerate(made.data, start=1):
        replay.entry(sequence, data)


def test_a_command_that_is_not_in_force_leaves_no_trace() -> None:
    """Too early, as if it were unknown, as it is to the old release; later it is not known more."""
    made = room(NEW)
    raw = said(made, "early", Double(name="x"))
    with pytest.raises(MalformedError, match="expected a command in force, got Double"):
        made.feed(raw)
    with pytest.raises(MalformedError):
        room(OLD).feed(raw)
    made = lived()
    with pytest.raises(MalformedError, match="got Alarm"):
        made.feed(said(made, "late", Alarm(name="y", due=made.at + DAY)))


def test_a_retry_is_answered_under_every_version() -> None:
    """What was recorded is recorded."""
    made = room(NEW)
    raw = said(made, "ring", Alarm(name="x", due=START + 9 * DAY))
    first = made.feed(raw)
    made.feed(said(made, "go", Activate(since=START + timedelta(minutes=1))))
    made.at += timedelta(minutes=2)
    assert made.feed(raw) == first


def test_a_release_without_the_version_agrees_until_the_moment_and_stops_then() -> None:
    """Before: the same bytes. After: it says what to install, and writes nothing."""
    new, old = room(NEW), room(OLD)
    for made in (new, old):
        made.feed(said(made, "one", Add(name="x", amount=1)))
        made.feed(said(made, "go", Activate(since=START + DAY)))
    assert new.data == old.data
    for made in (new, old):
        made.at += DAY
    new.feed(said(new, "two", Add(name="x", amount=1)))
    with pytest.raises(OutdatedError, match=r"version 2 of the contract 'toy'.*install a release"):
        old.feed(said(old, "two", Add(name="x", amount=1)))
    assert len(old.data) == 3
    with pytest.raises(OutdatedError, match="has none"):
        Table((SWITCH,)).at(old.state, old.at)


def test_forms_keep_the_version_that_brought_them() -> None:
    """Bytes of the first version stay as they are."""
    forms = Machine(CHANNEL, NEW, authority, ed25519.verify).command_forms
    assert forms["toy.Add/1"] is Add
    assert forms["toy.Double/2"] is Double
    assert "toy.Add/2" not in forms


def test_a_table_holds_each_version_once() -> None:
    """Two of one number cannot both count."""
    with pytest.raises(InvariantError, match="LED-3"):
        Table((TOY, TOY))
    with pytest.raises(InvariantError, match="LED-2"):
        Table((TOY, replace(TOY, name="other")))


def test_what_the_engine_has_seen_is_an_entry_that_replays() -> None:
    """A report is a timer that nobody set; the entry says that it came."""
    made = room(NEW)
    made.machine.report(made.state, SEEN, "x", made.at)
    made.tick()
    assert made.total("x") == 1
    replay = Replay(CHANNEL, NEW, authority)
    for sequence, data in enumerate(made.data, start=1):
        replay.entry(sequence, data)
    forged = made.data[-1].replace(b'"subject":"x"', b'"subject":"y"')
    again = Replay(CHANNEL, NEW, authority)
    again.entry(1, made.data[0])
    with pytest.raises(WrongError) as wrong:
        again.entry(2, forged)
    assert wrong.value.check is Check.REPLAY


def test_only_what_is_declared_is_reported() -> None:
    """LED-4: a report cannot ring an alarm of a member's."""
    made = room(NEW)
    with pytest.raises(InvariantError, match="LED-4"):
        made.machine.report(made.state, RING, "x", made.at)


def test_an_outcome_is_that_of_its_time() -> None:
    """A refusal that version 2 would not have made stays a refusal."""
    made = room(NEW)
    entry = made.feed(said(made, "no", Add(name="x", amount=-1)))
    assert isinstance(entry, CommandEntry)
    assert entry.outcome is Outcome.REFUSED
