"""A toy contract for tests of the ledger, which knows no contract: tallies, alarms, seats.

Add      changes a tally; refused when it would fall below zero
Alarm    sets a timer; when it rings, the tally goes up by one
Enrol    gives a member a key, signed with a key that is in already; the first enrols itself
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.adapters import ed25519
from tallyport.adapters.ed25519 import Signing
from tallyport.kernel.contract import Book, Changes, Context, Contract, Events, Timer
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Signer, Suite, Verify, key_id
from tallyport.ledger.entry import Entry, entry_bytes
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal
from tallyport.ledger.machine import Machine, Place
from tallyport.ledger.state import Memory

START = datetime(2024, 4, 4, 1, 0, tzinfo=UTC)
CHANNEL = "toys"
ALI, BEK = MemberId("ali"), MemberId("bek")
RING = "toy.ring"


@unique
class Refusal(StrEnum):
    """Why a toy is refused."""

    BELOW_ZERO = "tally_must_not_fall_below_zero"
    NOT_LATER = "alarm_must_be_later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Row: a number with a name."""

    TABLE: ClassVar[str] = "tally"

    name: str
    total: int

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Row: whose key it is."""

    TABLE: ClassVar[str] = "seat"

    key_id: KeyId
    member: MemberId
    public_hex: str

    @property
    def key(self) -> str:
        """The key's id."""
        return self.key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Command."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Command."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Command."""

    member: MemberId
    public_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Event."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSet:
    """Event."""

    name: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """Event."""

    member: MemberId
    public_hex: str


def total(book: Book, name: str) -> int:
    """Return a tally; one that was never used is zero."""
    tally = book.get(Tally, name)
    return 0 if tally is None else tally.total


def add(book: Book, command: Add, _context: Context) -> Events:
    """Judge an addition."""
    require(total(book, command.name) + command.amount >= 0, Refusal.BELOW_ZERO)
    return (Added(name=command.name, amount=command.amount),)


def added(book: Book, event: Added) -> Changes:
    """Keep the tally above zero: the invariant TOY-1."""
    after = total(book, event.name) + event.amount
    invariant(after >= 0, "TOY-1")
    return (Tally(name=event.name, total=after),)


def alarm(_book: Book, command: Alarm, context: Context) -> Events:
    """Judge an alarm."""
    require(command.due > context.at, Refusal.NOT_LATER)
    return (AlarmSet(name=command.name, due=command.due),)


def alarm_set(_book: Book, event: AlarmSet) -> Changes:
    """Return the timer."""
    return (Timer(due=event.due, name=RING, subject=event.name),)


def ring(book: Book, timer: Timer, _context: Context) -> Events:
    """Count, unless the tally is at a hundred already: then the world has moved on."""
    if total(book, timer.subject) >= 100:
        return ()
    return (Added(name=timer.subject, amount=1),)


def enrol(_book: Book, command: Enrol, _context: Context) -> Events:
    """Judge nothing."""
    return (Enrolled(member=command.member, public_hex=command.public_hex),)


def enrolled(_book: Book, event: Enrolled) -> Changes:
    """Return the seat."""
    name = key_id(Suite.ED25519, bytes.fromhex(event.public_hex))
    return (Seat(key_id=name, member=event.member, public_hex=event.public_hex),)


TOY = Contract(
    name="toy",
    commands={Add: add, Alarm: alarm, Enrol: enrol},
    events={Added: added, AlarmSet: alarm_set, Enrolled: enrolled},
    rows=(Tally, Seat),
    timers={RING: ring},
)


def authority(book: Book, name: KeyId, commands: Events) -> Signer | None:
    """Return whose key it is; before anybody is in, the first enrols itself."""
    seat = book.get(Seat, name)
    if seat is None and next(iter(book.scan(Seat)), None) is None:
        if isinstance(first := commands[0], Enrol):
            public = bytes.fromhex(first.public_hex)
            return Signer(member=first.member, suite=Suite.ED25519, public=public)
        return None
    if seat is None:
        return None
    public = bytes.fromhex(seat.public_hex)
    return Signer(member=seat.member, suite=Suite.ED25519, public=public)


def signing(member: MemberId) -> Signing:
    """Return a member's key."""
    return Signing(hashlib.sha256(member.encode()).digest())


def enrolment(member: MemberId) -> Enrol:
    """Return the command that lets a member in."""
    return Enrol(member=member, public_hex=signing(member).public.hex())


def machine(verify: Verify = ed25519.verify) -> Machine:
    """Return the state machine of the toys."""
    return Machine(CHANNEL, (TOY,), authority, verify)


FORMS = machine().commands


def sealed(
    member: MemberId,
    key: str,
    *commands: object,
    valid_until: datetime = START + timedelta(hours=1),
    channel: str = CHANNEL,
) -> bytes:
    """Return an envelope, signed."""
    mine = signing(member)
    body = body_bytes(
        Body(
            channel=channel,
            key_id=mine.key_id,
            idempotency_key=key,
            valid_until=valid_until,
            commands=commands,
        ),
        FORMS,
    )
    return seal(body, mine.sign(DOMAIN + body))


class Playroom:
    """The state machine with a state in memory, fed one envelope after the other."""

    def __init__(self) -> None:
        self.machine = machine()
        self.state = Memory()
        self.at = START
        self.last: Place | None = None
        self.entries: list[Entry] = []
        self.data: list[bytes] = []

    def feed(self, raw: bytes) -> Entry:
        """Judge an envelope; a retry returns the entry of the first time."""
        self.tick()
        envelope = self.machine.parse(raw)
        place = self.machine.follow(self.last, self.at)
        member, done = self.machine.admit(self.state, envelope, place.at)
        if done is not None:
            return self.entries[done.sequence - 1]
        return self._keep(self.machine.execute(self.state, envelope, member, place))

    def tick(self) -> None:
        """Fire what is due."""
        place = self.machine.follow(self.last, self.at)
        while (entry := self.machine.tick(self.state, place)) is not None:
            self._keep(entry)
            place = self.machine.follow(self.last, self.at)

    def feed_all(self, envelopes: Iterable[bytes]) -> None:
        """Judge them in order."""
        for raw in envelopes:
            self.feed(raw)

    def total(self, name: str) -> int:
        """Return a tally."""
        return total(self.state, name)

    def _keep(self, entry: Entry) -> Entry:
        self.last = Place(sequence=entry.sequence, at=entry.at)
        self.entries.append(entry)
        self.data.append(entry_bytes(entry, self.machine.events))
        return entry
