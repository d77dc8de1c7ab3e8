"""The lines of an exported ledger say what they announce, or are refused.

Goal: a file that was cut, changed or put together is told from a whole one. Method: a round trip,
then every line that is none.
"""

from __future__ import annotations

import pytest

from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.note import Checkpoint, Note, Signature
from tallyport.ledger.portable import Header, closing_line, parse_closing

HEADER = Header(channel="toys", entries=3, head=bytes(range(32)))


def note(checkpoint: Checkpoint) -> str:
    """Return a signed note; nobody looks at the signature here."""
    return str(Note(checkpoint.text, (Signature(checkpoint.origin, b"abcd", b"x" * 64),)))


GOOD = Checkpoint("tallyport/toys", 3, HEADER.head)


def test_there_and_back() -> None:
    """First line and last line."""
    assert Header.parse(HEADER.line) == HEADER
    assert parse_closing(closing_line(note(GOOD)), HEADER) == note(GOOD)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}\n",
        b"[]\n",
        HEADER.line[:-1],
        HEADER.line.replace(b"export/1", b"export/9"),
        HEADER.line.replace(b'"entries":3', b'"entries":0'),
        HEADER.line.replace(b'"entries":3', b'"entries":"3"'),
        HEADER.line.replace(b"0001", b"1"),
        HEADER.line.replace(b"0a0b", b"0A0B"),
        HEADER.line.replace(b'"toys"', b"7"),
        b" " + HEADER.line,
    ],
)
def test_a_first_line_that_is_none(line: bytes) -> None:
    """Form, number, head, spelling."""
    with pytest.raises(MalformedError):
        Header.parse(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}\n",
        closing_line("none"),
        closing_line(note(GOOD))[:-1],
        closing_line(note(Checkpoint("tallyport/other", 3, HEADER.head))),
        closing_line(note(Checkpoint("tallyport/toys", 2, HEADER.head))),
        closing_line(note(Checkpoint("tallyport/toys", 3, bytes(32)))),
        b'{"checkpoint":3}\n',
    ],
)
def test_a_last_line_that_is_none(line: bytes) -> None:
    """Cut off, or of another ledger."""
    with pytest.raises(MalformedError):
        parse_closing(line, HEADER)
