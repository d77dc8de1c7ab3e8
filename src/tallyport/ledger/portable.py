r"""A ledger as one file that any engine can read (可移植账本): lines of text, from first to last.

    {"channel":"main","entries":2,"format":"tallyport-export/1","head":"4bef...75a8"}
    {"at":"2024-04-08T01:00:00.000000Z","channel":"main","envelope":...     entry 1, its very bytes
    {"at":"2024-04-08T01:00:00.000000Z","channel":"main","envelope":...     entry 2
    {"checkpoint":"tallyport/main\n2\nS+8x..."}                             signed, over all of them

Canonical bytes hold no line feed, so a line is an entry. The last line comes last so that a file
that was cut off is told from a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.kernel.canonical import Json, MalformedError, decode, encode
from tallyport.ledger.entry import ENTRY_BYTES_MAX
from tallyport.ledger.merkle import HASH_BYTES
from tallyport.ledger.note import Checkpoint, origin_of, parse_note

FORMAT = "tallyport-export/1"
LINE_BYTES_MAX = ENTRY_BYTES_MAX + 1  # The largest entry and its line feed.
_HEADER = {"channel", "entries", "format", "head"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the first line says."""

    channel: str
    entries: int
    head: bytes

    @property
    def line(self) -> bytes:
        """The line, with its line feed."""
        fields: dict[str, Json] = {
            "channel": self.channel,
            "entries": self.entries,
            "format": FORMAT,
            "head": self.head.hex(),
        }
        return encode(fields) + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Header:
        """Read the first line.

        Raises:
            MalformedError: it is none.
        """
        fields = _object(line)
        if fields.keys() != _HEADER or fields["format"] != FORMAT:
            raise MalformedError(f"line 1: expected a {FORMAT} with exactly {sorted(_HEADER)}")
        channel, entries, head = fields["channel"], fields["entries"], str(fields["head"])
        if not isinstance(channel, str) or type(entries) is not int or entries < 1:
            raise MalformedError("line 1: expected a channel and a number of entries, at least 1")
        try:
            value = bytes.fromhex(head)
        except ValueError:
            value = b""
        if len(value) != HASH_BYTES or value.hex() != head:
            raise MalformedError(f"line 1: expected a head in hex, got {head[:80]!r}")
        return cls(channel=channel, entries=entries, head=value)


def closing_line(note: str) -> bytes:
    """Return the last line."""
    return encode({"checkpoint": note}) + b"\n"


def parse_closing(line: bytes, header: Header) -> str:
    """Return the signed checkpoint of the last line; it speaks of what the first line announced.

    Raises:
        MalformedError: there is none, or it speaks of something else.
    """
    fields = _object(line)
    note = fields.get("checkpoint")
    if fields.keys() != {"checkpoint"} or not isinstance(note, str):
        raise MalformedError('expected a last line {"checkpoint":...}; the file may be cut off')
    stated = Checkpoint.parse(parse_note(note).text)
    if stated != Checkpoint(origin_of(header.channel), header.entries, header.head):
        raise MalformedError(
            f"expected a checkpoint of {origin_of(header.channel)} over {header.entries} entries "
            f"with the head of line 1, got one of {stated.origin} over {stated.size}"
        )
    return note


def _object(line: bytes) -> dict[str, Json]:
    if not line.endswith(b"\n"):
        raise MalformedError("expected a whole line; the file may be cut off")
    value = decode(line[:-1], LINE_BYTES_MAX)
    if not isinstance(value, dict):
        raise MalformedError("expected a line that holds an object")
    return value
