"""One line of the ledger (账本条目): what was asked or came due, and what followed from it.

A *command entry* keeps the envelope as it came, with `accepted` and its events or `refused` and a
stable reason; a refused one changed nothing but is remembered. A *timer entry* keeps what fired.

    {"at":"...","channel":"main","envelope":{...},"events":[...],"outcome":"accepted",
     "reason":null,"sequence":12,"version":1}
    {"at":"...","channel":"main","fired":[{"events":[...],"timer":{...}}],"sequence":13,"version":1}

Its canonical bytes are the leaf of the Merkle tree: nothing about an entry is outside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import TypeAlias

from tallyport.kernel.canonical import Json, MalformedError, decode, encode, read_at, utf8
from tallyport.kernel.contract import Timer
from tallyport.kernel.form import Codec, codec, decode_moment, encode_moment

VERSION = 1
ENTRY_BYTES_MAX = 64 << 20  # Far more than an envelope of 1 MiB leads to; stops a forged file.
_AT = slice(len('{"at":"'), len('{"at":"2024-04-04T01:02:03.000004Z'))
_TIMER_NAMES = frozenset({"at", "channel", "fired", "sequence", "version"})
_COMMAND_NAMES = frozenset(
    {"at", "channel", "envelope", "events", "outcome", "reason", "sequence", "version"}
)
_timer, _text, _reason = codec(Timer), codec(str), codec(str | None)


@unique
class Outcome(StrEnum):
    """How a command ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


_outcome = codec(Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A timer whose moment had come, and the events it made."""

    timer: Timer
    events: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """An envelope and its outcome."""

    sequence: int  # 1, 2, 3, ... without gaps; leaf `sequence - 1` of the tree.
    at: datetime
    channel: str
    envelope: bytes
    outcome: Outcome
    reason: str | None  # contract.reason, when refused
    events: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerEntry:
    """Timers that fired together, in order."""

    sequence: int
    at: datetime
    channel: str
    fired: tuple[Fired, ...]

    @property
    def events(self) -> tuple[object, ...]:
        """All events, in order: views need not know who caused them."""
        return tuple(event for one in self.fired for event in one.events)


Entry: TypeAlias = CommandEntry | TimerEntry


def entry_bytes(entry: Entry, events: Codec) -> bytes:
    """Return the canonical bytes of `entry`, whose events `events` encodes."""
    place = f'{{"at":"{encode_moment(entry.at)}","channel":{_text.spell(entry.channel)}'
    tail = f'"sequence":{entry.sequence},"version":{VERSION}}}'
    match entry:
        case CommandEntry():
            # The envelope is canonical already: its bytes go in between, unread.
            made = _spelled(entry.events, events)
            end = f'"outcome":"{entry.outcome}","reason":{_reason.spell(entry.reason)},{tail}'
            return utf8(f'{place},"envelope":') + entry.envelope + utf8(f',"events":{made},{end}')
        case TimerEntry():
            fired = ",".join(
                f'{{"events":{_spelled(one.events, events)},"timer":{_timer.spell(one.timer)}}}'
                for one in entry.fired
            )
            return utf8(f'{place},"fired":[{fired}],{tail}')


def _spelled(made: tuple[object, ...], events: Codec) -> str:
    return f"[{','.join([events.spell(event) for event in made])}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skimmed:
    """What a replay needs of an entry: the rest comes out of it again, or the entry is wrong."""

    at: datetime
    channel: str
    envelope: bytes | None  # None: timers fired.
    value: Json  # What the envelope's bytes mean.


def skim(data: bytes) -> Skimmed:
    """Read the beginning of an entry, up to and with its envelope.

    Raises:
        MalformedError: these are not the bytes of an entry.
    """
    text = data.decode(errors="replace")
    at = decode_moment(text[_AT])
    name, _, rest = text[_AT.stop :].removeprefix('","channel":"').partition('",')
    start = len(text) - len(rest)
    if text[: _AT.start] != '{"at":"' or not rest.startswith(('"envelope":', '"fired":')):
        raise MalformedError('expected an entry {"at":...,"channel":...,"envelope" or "fired":...')
    if rest.startswith('"fired":'):
        return Skimmed(at=at, channel=name, envelope=None, value=None)
    start += len('"envelope":')
    value, end = read_at(text, start)
    envelope = encode(value)
    if text[start:end].encode() != envelope:
        raise MalformedError("expected a canonical envelope")
    return Skimmed(at=at, channel=name, envelope=envelope, value=value)


def parse_entry(data: bytes, events: Codec) -> Entry:
    """Read the canonical bytes of an entry.

    Raises:
        MalformedError: these are not the bytes of an entry.
    """
    value = decode(data, ENTRY_BYTES_MAX)
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise MalformedError(f"expected an entry of version {VERSION}")
    names = _TIMER_NAMES if "fired" in value else _COMMAND_NAMES
    if value.keys() != names:
        raise MalformedError(f"expected an entry with exactly {sorted(names)}")
    sequence, at, channel = value["sequence"], decode_moment(value["at"]), value["channel"]
    if type(sequence) is not int or not isinstance(channel, str):
        raise MalformedError("expected the entry's number and channel")
    if "fired" in value:
        fired = _fired(value["fired"], events)
        return TimerEntry(sequence=sequence, at=at, channel=channel, fired=fired)
    outcome, reason = value["outcome"], value["reason"]
    if not (reason is None or isinstance(reason, str)):
        raise MalformedError("expected a reason, or null")
    return CommandEntry(
        sequence=sequence,
        at=at,
        channel=channel,
        envelope=encode(value["envelope"]),
        outcome=_outcome.decode(outcome),
        reason=reason,
        events=_events(value["events"], events),
    )


def _events(value: Json, events: Codec) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise MalformedError("expected an array of events")
    return tuple(events.decode(event) for event in value)


def _fired(value: Json, events: Codec) -> tuple[Fired, ...]:
    if not isinstance(value, list):
        raise MalformedError("expected an array of fired timers")
    fired = []
    for one in value:
        if not isinstance(one, dict) or one.keys() != {"events", "timer"}:
            raise MalformedError('expected {"events":...,"timer":...}')
        fired.append(
            Fired(timer=_timer.decode(one["timer"]), events=_events(one["events"], events))
        )
    return tuple(fired)
