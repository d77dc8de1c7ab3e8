"""What travels through consensus (链上交易): an envelope, or a stroke of the clock, or both.

    {"body":...,"signature":...}                      an envelope; its time is that of the block
    @2024-04-04T01:00:00.000000Z#5f3a                 a stroke: makes a block, so that timers fire
    @2024-04-04T01:00:00.000000Z{"body":...}          trial networks only: the story's own time

In a network that follows the system's time the moment of a stroke means nothing: nobody can move
the ledger's clock but a block. In a trial network, whose story plays in a year of its own, the
moment is the entry's time, unless the last entry is later already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, unique

from tallyport.kernel.canonical import Json, MalformedError, encode
from tallyport.kernel.form import decode_moment, encode_moment
from tallyport.ledger.entry import CommandEntry, Outcome

NONCE_BYTES_MAX = 32  # Tells strokes of one moment apart; a node takes no transaction twice.
_AT, _NONCE = b"@", b"#"
_STROKE_BYTES = len("@2024-04-04T01:00:00.000000Z")


@unique
class Code(IntEnum):
    """How a transaction ended. Code and data are hashed by every node; texts are not."""

    ACCEPTED = 0  # an entry, or the entry of the first time, or a stroke
    REFUSED = 1  # an entry with a reason
    REJECTED = 2  # not admitted; no entry
    MALFORMED = 3  # no transaction of this channel; no entry


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction, taken apart; the envelope is not read yet."""

    at: datetime | None
    envelope: bytes  # Empty: a stroke of the clock and nothing else.


def stroke(at: datetime, nonce: bytes) -> bytes:
    """Return a transaction that says what time it is and asks for nothing else."""
    return _AT + encode_moment(at).encode() + _NONCE + nonce


def dated(at: datetime, envelope: bytes) -> bytes:
    """Return an envelope with its time, for a trial network."""
    return _AT + encode_moment(at).encode() + envelope


def parse(data: bytes) -> Transaction:
    """Take a transaction apart.

    Raises:
        MalformedError: it begins as a stroke but states no moment.
    """
    if not data.startswith(_AT):
        if not data:
            raise MalformedError("expected an envelope or a stroke of the clock, got nothing")
        return Transaction(None, data)
    try:
        text = data[1:_STROKE_BYTES].decode("ascii")
    except UnicodeDecodeError:
        raise MalformedError("expected a moment behind the @") from None
    at, rest = decode_moment(text), data[_STROKE_BYTES:]
    if not rest.startswith(_NONCE):
        return Transaction(at, rest)
    if len(rest) > NONCE_BYTES_MAX:
        raise MalformedError(f"expected a nonce of at most {NONCE_BYTES_MAX} bytes")
    return Transaction(at, b"")


def check_dated(transaction: Transaction, *, is_trial: bool) -> None:
    """Let only a trial network take the time of an entry from whoever sends it.

    Raises:
        MalformedError: the network is no trial.
    """
    if transaction.at is not None and transaction.envelope and not is_trial:
        raise MalformedError("expected an envelope alone: only a trial's entries are dated")


def result(entry: CommandEntry) -> dict[str, int | bytes]:
    """Return code and data of a recorded command: the same the first time and every other."""
    value: dict[str, Json] = {"outcome": entry.outcome.value, "sequence": entry.sequence}
    if entry.reason is not None:
        value["reason"] = entry.reason
    code = Code.ACCEPTED if entry.outcome is Outcome.ACCEPTED else Code.REFUSED
    return {"code": int(code), "data": encode(value)}


def turned_away(code: Code, reason: str) -> dict[str, int | bytes | str]:
    """Return code and data of what left no entry; `reason` is stable, or only its log is."""
    return {"code": int(code), "data": reason.encode() if code is Code.REJECTED else b""}
