"""The state machine (状态机): one envelope in, one entry out, the same on every node.

It admits (form, channel, time, key, signature, retry), runs the commands over a draft, and either
hands the draft to the store or drops it. It knows no contract: those come in a table.

    admit     malformed, foreign, unsigned, late: `Rejected`, nothing is recorded
    decide    a contract says no: an entry with the reason, and nothing else changed
    evolve    every event in order, each seeing what the ones before it changed

LED-1  order      an entry follows the one before it in number and never precedes it in time
LED-4  seen       an engine reports only what a contract has declared as reported
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.kernel.calendar import business_date
from tallyport.kernel.contract import (
    Authority,
    Book,
    Context,
    Contract,
    Gone,
    Row,
    Timer,
)
from tallyport.kernel.form import Codec, tagged
from tallyport.kernel.guard import Refused, invariant
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Signer, Verify
from tallyport.ledger.entry import (
    ENTRY_BYTES_MAX,
    CommandEntry,
    Entry,
    Fired,
    Outcome,
    TimerEntry,
    entry_bytes,
)
from tallyport.ledger.envelope import Envelope, parse
from tallyport.ledger.state import Draft, Store
from tallyport.ledger.verbs import Table

VALID_FOR_MAX = timedelta(days=1)  # How long a captured envelope could be played at the most.
FIRED_MAX = 500  # Timers in one entry; more of them fire in the next one.
FIRED_EVENTS_MAX = 1_000  # Events of timers in one entry: one more timer, then the next entry.
FIRED_TEXT_MAX = ENTRY_BYTES_MAX // 4  # The same for their text, of up to four bytes a character.
LEDGER = MemberId("ledger")  # The actor of timers.


@unique
class Rejection(StrEnum):
    """Why an envelope is not admitted, in the order of the checks. Nothing is recorded."""

    WRONG_CHANNEL = "channel_must_be_this_one"
    TOO_LATE = "envelope_must_not_be_past_its_time"
    TOO_EARLY = "valid_until_must_be_within_a_day"
    UNKNOWN_KEY = "key_must_be_known_and_in_force"
    BAD_SIGNATURE = "signature_must_fit_the_body"
    KEY_REUSED = "idempotency_key_must_not_carry_another_wish"


@unique
class Refusal(StrEnum):
    """Why the ledger itself refuses what contracts have accepted. It is recorded."""

    TOO_LARGE = "entry_must_not_exceed_maximum"


class Rejected(Exception):  # noqa: N818 - Says no, as a refusal does; but nobody recorded it.
    """The envelope was not admitted; nothing happened."""

    def __init__(self, reason: Rejection) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Row: this member's idempotency key led to this entry."""

    TABLE: ClassVar[str] = "done"

    member: MemberId
    idempotency_key: str
    content: str
    sequence: int

    @property
    def key(self) -> str:
        """A key is a member's own: two members may choose the same."""
        return f"{self.member}|{self.idempotency_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the next entry stands."""

    sequence: int
    at: datetime


class Machine:
    """Runs contracts. Holds no state of its own: that is in the store it is given."""

    def __init__(
        self, channel: str, contracts: tuple[Contract, ...], authority: Authority, verify: Verify
    ) -> None:
        self.channel = channel
        self._authority = authority
        self._verify = verify
        self._last: tuple[Entry | None, bytes] = None, b""  # Only so that none is spelled twice.
        self.table = Table(contracts)
        self.rows: dict[str, type[Row]] = {Done.TABLE: Done, **self.table.rows}
        self.command_forms, self.event_forms = self.table.commands, self.table.events
        self.commands: Codec = tagged(self.command_forms)
        self.events: Codec = tagged(self.event_forms)

    def parse(self, raw: bytes) -> Envelope:
        """Read an envelope as it came.

        Raises:
            MalformedError: it is none, or holds a command that no contract knows.
        """
        return parse(raw, self.commands)

    def signer(self, book: Book, envelope: Envelope) -> Signer | None:
        """Return whose key the envelope names, or None; says nothing about the signature."""
        return self._authority(book, envelope.body.key_id, envelope.body.commands)

    def admit(self, book: Book, envelope: Envelope, at: datetime) -> tuple[MemberId, Done | None]:
        """Return who signed, and what a retry of the same wish led to the first time.

        Raises:
            Rejected: the envelope may not even be judged.
            MalformedError: it holds a command that is not in force.
        """
        body = envelope.body
        if body.channel != self.channel:
            raise Rejected(Rejection.WRONG_CHANNEL)
        signer = self.signer(book, envelope)
        if signer is not None:
            done = book.get(Done, f"{signer.member}|{body.idempotency_key}")
            if done is not None and done.content == envelope.content:
                self._check_signature(envelope, signer)
                return signer.member, done  # A retry is answered even when its time is over.
        self.check_version(book, envelope, at)
        if body.valid_until < at:
            raise Rejected(Rejection.TOO_LATE)
        if body.valid_until > at + VALID_FOR_MAX:
            raise Rejected(Rejection.TOO_EARLY)
        if signer is None:
            raise Rejected(Rejection.UNKNOWN_KEY)
        self._check_signature(envelope, signer)
        if book.get(Done, f"{signer.member}|{body.idempotency_key}") is not None:
            raise Rejected(Rejection.KEY_REUSED)
        return signer.member, None

    def check_version(self, book: Book, envelope: Envelope, at: datetime) -> None:
        """See that the commands are of versions in force at that time.

        Raises:
            MalformedError: one is not.
            OutdatedError: a version in force is unknown here.
        """
        self.table.check(self.table.at(book, at), envelope.body.commands)

    def _check_signature(self, envelope: Envelope, signer: Signer) -> None:
        signed, signature = envelope.signed, envelope.signature
        if not self._verify(signer.suite, signer.public, signed, signature):
            raise Rejected(Rejection.BAD_SIGNATURE)

    def execute(
        self, store: Store, envelope: Envelope, member: MemberId, place: Place
    ) -> CommandEntry:
        """Judge an admitted envelope; write what it changed, if it changed anything."""
        draft, events, reason = self._judged(store, envelope, member, place)
        entry = self._entry(envelope, place, events, reason)
        if len(self.bytes_of(entry)) > ENTRY_BYTES_MAX:
            draft = Draft(store)
            entry = self._entry(envelope, place, (), f"ledger.{Refusal.TOO_LARGE.value}")
        draft.hand_to(store)
        done = Done(
            member=member,
            idempotency_key=envelope.body.idempotency_key,
            content=envelope.content,
            sequence=place.sequence,
        )
        store.keep(Done.TABLE, done.key, done)
        return entry

    def _judged(
        self, store: Store, envelope: Envelope, member: MemberId, place: Place
    ) -> tuple[Draft, tuple[object, ...], str | None]:
        """Return what the commands change, their events, and why one was refused, if one was."""
        context = Context(
            actor=member, at=place.at, today=business_date(place.at), sequence=place.sequence
        )
        verbs = self.table.at(store, place.at)
        draft = Draft(store)
        events = list[object]()
        for command in envelope.body.commands:
            name, decide = verbs.decide[type(command)]
            try:
                decided = decide(draft, command, context)
            except Refused as refused:
                return Draft(store), (), f"{name}.{refused.reason.value}"
            for event in decided:
                draft.write(verbs.evolve[type(event)](draft, event))
                events.append(event)
        return draft, tuple(events), None

    def _entry(
        self, envelope: Envelope, place: Place, events: tuple[object, ...], reason: str | None
    ) -> CommandEntry:
        return CommandEntry(
            sequence=place.sequence,
            at=place.at,
            channel=self.channel,
            envelope=envelope.raw,
            outcome=Outcome.ACCEPTED if reason is None else Outcome.REFUSED,
            reason=reason,
            events=events,
        )

    def bytes_of(self, entry: Entry) -> bytes:
        """Return the canonical bytes of an entry; those of the last one are at hand."""
        last, data = self._last
        if last is not entry:
            data = entry_bytes(entry, self.events)
            self._last = entry, data
        return data

    def next_timer(self, book: Book) -> Timer | None:
        """Return the timer that fires next, or None when there is none."""
        return next(iter(book.scan(Timer)), None)

    def next_due(self, book: Book) -> datetime | None:
        """Return the moment of the earliest timer, or None when there is none."""
        timer = self.next_timer(book)
        return None if timer is None else timer.due

    def tick(self, store: Store, place: Place) -> TimerEntry | None:
        """Fire the timers that are due at `place`, at most FIRED_MAX; None when none is."""
        fired: list[Fired] = []
        context = Context(
            actor=LEDGER, at=place.at, today=business_date(place.at), sequence=place.sequence
        )
        verbs = self.table.at(store, place.at)
        made = length = 0
        while len(fired) < FIRED_MAX and made < FIRED_EVENTS_MAX and length < FIRED_TEXT_MAX:
            timer = self.next_timer(store)
            if timer is None or timer.due > place.at:
                break
            draft = Draft(store)
            draft.write((Gone(table=Timer, key=timer.key),))
            events = verbs.fire[timer.name](draft, timer, context)
            for event in events:
                draft.write(verbs.evolve[type(event)](draft, event))
            draft.hand_to(store)
            fired.append(Fired(timer=timer, events=events))
            made += len(events)
            length += sum(len(self.events.spell(event)) for event in events)
        if not fired:
            return None
        return TimerEntry(
            sequence=place.sequence, at=place.at, channel=self.channel, fired=tuple(fired)
        )

    def report(self, store: Store, name: str, subject: str, at: datetime) -> None:
        """Set a timer, due at once, for something that only the engine has seen; `tick` fires it.

        Nothing signs a report but the head of the tree: whoever replays believes it as the time.
        """
        invariant(name in self.table.reports, "LED-4")
        store.put(Timer(due=at, name=name, subject=subject))

    def report_again(self, store: Store, entry: TimerEntry) -> None:
        """Set the reports that `entry` has fired: nothing before it says that they came."""
        for fired in entry.fired:
            if fired.timer.name in self.table.reports:
                store.put(fired.timer)

    def follow(self, last: Place | None, at: datetime) -> Place:
        """Return the place after `last`; a clock that went back does not take time back."""
        if last is None:
            return Place(sequence=1, at=at)
        place = Place(sequence=last.sequence + 1, at=max(at, last.at))
        invariant(place.sequence == last.sequence + 1 and place.at >= last.at, "LED-1")
        return place
