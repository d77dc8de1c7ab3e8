"""What travels through consensus (链上交易): an envelope, or a stroke of the clock, or both.

    {"body":...,"signature":...}                      an envelope; its time is that of the block
    @2024-04-04T01:00:00.000000Z#5f3a                 a stroke: makes a block, so that timers fire
    @2024-04-04T01:00:00.000000Z{"body":...}          trial networks only: the story's own time

    *<length><one of these><length><one of these>...   a bundle: what waited together at a gateway

A node spends more on carrying a transaction than on a small envelope: a bundle is carried once,
and its parts are judged one by one as if each had come alone.

In a network that follows the system's time the moment of a stroke means nothing: nobody can move
the ledger's clock but a block. In a trial network, whose story plays in a year of its own, the
moment is the entry's time, unless the last entry is later already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, unique
from typing import TypedDict

from tallyport.kernel.canonical import Json, MalformedError, encode
from tallyport.kernel.form import decode_moment, encode_moment
from tallyport.ledger.entry import CommandEntry, Outcome

NONCE_BYTES_MAX = 32  # Tells strokes of one moment apart; a node takes no transaction twice.
PARTS_MAX = 200  # Of a bundle; judging them takes a few hundredths of a second.
_AT, _NONCE, _BUNDLE = b"@", b"#", b"*"
_LENGTH_BYTES = 4
_STROKE_BYTES = len("@2024-04-04T01:00:00.000000Z")


class Result(TypedDict):
    """What every node hashes of a transaction's end."""

    code: int
    data: bytes


@unique
class Code(IntEnum):
    """How a transaction ended. Code and data are hashed by every node; texts are not."""

    ACCEPTED = 0  # an entry, or the entry of the first time, or a stroke
    REFUSED = 1  # an entry with a reason
    REJECTED = 2  # not admitted; no entry
    MALFORMED = 3  # no transaction of this channel; no entry


@dataclass(frozen=True, slots=True)
class Part:
    """A transaction or a part of a bundle, taken apart; the envelope is not read yet."""

    data: bytes
    at: datetime | None
    envelope: bytes  # Empty: a stroke of the clock and nothing else.


def stroke(at: datetime, nonce: bytes) -> bytes:
    """Return a transaction that says what time it is and asks for nothing else."""
    return _AT + encode_moment(at).encode() + _NONCE + nonce


def dated(at: datetime, envelope: bytes) -> bytes:
    """Return an envelope with its time, for a trial network."""
    return _AT + encode_moment(at).encode() + envelope


def bundled(parts: Sequence[bytes]) -> bytes:
    """Return one transaction that carries all of `parts`, at most PARTS_MAX."""
    if len(parts) == 1:
        return parts[0]
    return _BUNDLE + b"".join(len(part).to_bytes(_LENGTH_BYTES) + part for part in parts)


def parse(data: bytes) -> list[Part]:
    """Take a transaction apart.

    Raises:
        MalformedError: it begins as a stroke or a bundle and is none.
    """
    if not data.startswith(_BUNDLE):
        return [parse_part(data)]
    parts, at = list[Part](), 1
    while at < len(data):
        end = at + _LENGTH_BYTES + int.from_bytes(data[at : at + _LENGTH_BYTES])
        if end > len(data) or len(parts) == PARTS_MAX:
            raise MalformedError(f"expected a bundle of at most {PARTS_MAX} whole transactions")
        parts.append(parse_part(data[at + _LENGTH_BYTES : end]))
        at = end
    if not parts:
        raise MalformedError("expected a bundle of something, got an empty one")
    return parts


def parse_part(data: bytes) -> Part:
    """Take one envelope or stroke apart.

    Raises:
        MalformedError: it begins as a stroke but states no moment.
    """
    if not data.startswith(_AT):
        if not data:
            raise MalformedError("expected an envelope or a stroke of the clock, got nothing")
        return Part(data, None, data)
    try:
        text = data[1:_STROKE_BYTES].decode("ascii")
    except UnicodeDecodeError:
        raise MalformedError("expected a moment behind the @") from None
    at, rest = decode_moment(text), data[_STROKE_BYTES:]
    if not rest.startswith(_NONCE):
        return Part(data, at, rest)
    if len(rest) > NONCE_BYTES_MAX:
        raise MalformedError(f"expected a nonce of at most {NONCE_BYTES_MAX} bytes")
    return Part(data, at, b"")


def check_dated(part: Part, *, is_trial: bool) -> None:
    """Let only a trial network take the time of an entry from whoever sends it.

    Raises:
        MalformedError: the network is no trial.
    """
    if part.at is not None and part.envelope and not is_trial:
        raise MalformedError("expected an envelope alone: only a trial's entries are dated")


def result(entry: CommandEntry) -> Result:
    """Return code and data of a recorded command: the same the first time and every other."""
    value: dict[str, Json] = {"outcome": entry.outcome.value, "sequence": entry.sequence}
    if entry.reason is not None:
        value["reason"] = entry.reason
    code = Code.ACCEPTED if entry.outcome is Outcome.ACCEPTED else Code.REFUSED
    return {"code": int(code), "data": encode(value)}


def together(results: Sequence[Result]) -> Result:
    """Return code and data of a bundle: those of all its parts, in order."""
    if len(results) == 1:
        return results[0]
    data = b"\n".join(b"%d %s" % (one["code"], one["data"]) for one in results)
    return {"code": int(Code.ACCEPTED), "data": data}


def turned_away(code: Code, reason: str) -> Result:
    """Return code and data of what left no entry; only the reason of a rejection is stable."""
    return {"code": int(code), "data": reason.encode() if code is Code.REJECTED else b""}
