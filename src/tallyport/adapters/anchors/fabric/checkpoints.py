"""What the chaincode keeps and what it turns away (链码规则); it runs without Fabric too.

    put note           keep a checkpoint; the first one of a log makes its sender the log's writer
    get origin size    what is kept for a log and a size, or nothing
    latest origin      what is kept for a log's largest size, or nothing

A log only grows, has one writer, and what is kept is never changed. The same checkpoint again is
harmless, also after later ones: whoever got no answer asks again.

    log/tallyport/main                        writer and largest size
    note/tallyport/main/000000000053          the checkpoint, as it came
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import Refused, require
from tallyport.ledger.note import Checkpoint, parse_note

NOTE_BYTES_MAX = 1 << 16  # A checkpoint with a hundred signatures is a third of it.
_DIGITS = 12


@unique
class Refusal(StrEnum):
    """Why a checkpoint is turned away, in the order in which it is looked at."""

    NOT_A_CALL = "not_a_call"
    NOT_A_CHECKPOINT = "not_a_checkpoint"
    ANOTHER_WRITER = "another_writer"
    ANOTHER_CHECKPOINT = "another_checkpoint"
    SMALLER_THAN_LAST = "smaller_than_last"


@dataclass(frozen=True, slots=True)
class Log:
    """What is known of a log: who writes it, and how far it is."""

    writer: str
    size: int

    @classmethod
    def read(cls, data: bytes) -> Log | None:
        """Read what `text` wrote; nothing is no log yet.

        Raises:
            ValueError: something else stands there.
        """
        if not data:
            return None
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        match value:
            case {"writer": str(writer), "size": int(size)}:
                return cls(writer, size)
            case _:
                raise ValueError(f"expected a writer and a size, got {data[:60]!r}")

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps({"size": self.size, "writer": self.writer}, separators=(",", ":"))


def log_key(origin: str) -> str:
    """Return where a log stands."""
    return f"log/{origin}"


def note_key(origin: str, size: int) -> str:
    """Return where a checkpoint stands."""
    return f"note/{origin}/{size:0{_DIGITS}d}"


def stated(note: str) -> Checkpoint:
    """Return what a signed note says of which log.

    Raises:
        Refused: it is no signed checkpoint, or too long.
    """
    require(len(note.encode()) <= NOTE_BYTES_MAX, Refusal.NOT_A_CHECKPOINT)
    try:
        return Checkpoint.parse(parse_note(note).text)
    except MalformedError:
        raise Refused(Refusal.NOT_A_CHECKPOINT) from None


def judge(log: Log | None, kept: bytes, writer: str, note: str) -> Log | None:
    """Return the log as it is with `note`, or None when `note` is kept already.

    `kept` is what stands at the note's key, empty for nothing.

    Raises:
        Refused: by another writer, over another checkpoint, or smaller than the last one.
    """
    size = stated(note).size
    require(log is None or log.writer == writer, Refusal.ANOTHER_WRITER)
    if kept == note.encode():
        return None
    require(not kept, Refusal.ANOTHER_CHECKPOINT)
    require(log is None or log.size < size, Refusal.SMALLER_THAN_LAST)
    # From here on it is kept.
    return Log(writer, size)


class State(Protocol):
    """What the peers keep for the chaincode. A value that was put is not read in the same call."""

    async def get_state(self, key: str) -> bytes:
        """Return a value, empty for none."""
        ...

    async def put_state(self, key: str, value: str) -> object:
        """Keep a value."""
        ...


async def answer(state: State, writer: str, function: str, words: Sequence[str]) -> bytes:
    """Do what is asked by `writer`, and return the answer.

    Raises:
        Refused: it is turned away.
        ValueError: the state holds something else than this module has written.
    """
    match function, tuple(words):
        case "put", (note,):
            await _put(state, writer, note)
            return b""
        case "get", (origin, size) if size.isascii() and size.isdigit():
            return await _note(state, origin, int(size[:_DIGITS]))
        case "latest", (origin,):
            log = Log.read(await state.get_state(log_key(origin)))
            return b"" if log is None else await _note(state, origin, log.size)
        case _:
            raise Refused(Refusal.NOT_A_CALL)


async def _put(state: State, writer: str, note: str) -> None:
    said = stated(note)
    log = Log.read(await state.get_state(log_key(said.origin)))
    after = judge(log, await _note(state, said.origin, said.size), writer, note)
    if after is not None:
        await state.put_state(note_key(said.origin, said.size), note)
        await state.put_state(log_key(said.origin), after.text)


async def _note(state: State, origin: str, size: int) -> bytes:
    data = await state.get_state(note_key(origin, size))
    # A peer that could not read answers with a text, which the package hands on like a value.
    if not data:
        return data
    try:
        if stated(data.decode()).size == size:
            return data
    except (Refused, UnicodeDecodeError):
        pass
    raise ValueError(f"expected a checkpoint over {size} entries, got {data[:60]!r}")
