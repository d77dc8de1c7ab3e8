"""A cosignature is of its witness, of its time and of its checkpoint, or it is none.

Goal: what the source prints is read as it says; nothing that was changed passes. Method: the
published example, a round trip, every byte of a line changed.
"""

from __future__ import annotations

import base64
import hashlib

import pytest

from tallyport.adapters.ed25519 import Signing, verify
from tallyport.kernel.guard import InvariantError
from tallyport.ledger.cosignature import COSIGNER, TIMESTAMP_MAX, joined, message, parted
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey, parse_note

WITNESS = Signing(hashlib.sha256(b"witness").digest())
KEY = VerifierKey("witness.example/w1", WITNESS.public, COSIGNER)
TEXT = Checkpoint("tallyport/main", 20, bytes(range(32))).text
AT = 1_679_315_147


def line(text: str = TEXT, at: int = AT) -> Signature:
    """Return the witness's line below `text`."""
    return Signature(KEY.name, KEY.hash, joined(at, WITNESS.sign(message(text, at))))


def test_what_is_signed_is_what_the_source_prints() -> None:
    """Two lines, then the text of the checkpoint."""
    signed = message("example.com/behind-the-sofa\n20852163\nCsUY\n", AT)
    assert signed == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUY\n"
    )


def test_the_published_line_holds_the_published_time() -> None:
    """Of the example in C2SP tlog-cosignature."""
    encoded = (
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    parts = parted(base64.b64decode(encoded)[4:])
    assert parts is not None
    assert parts[0] == AT


def test_it_is_read_back_and_verified() -> None:
    """By name, hash of the key with its algorithm, and time."""
    note = parse_note(str(Note(TEXT, (line(),))))
    key = VerifierKey.parse(str(KEY))
    assert key == KEY
    assert note.is_signed_by(key, verify)
    plain = VerifierKey(KEY.name, KEY.public)
    assert plain.hash != KEY.hash
    assert not note.is_signed_by(plain, verify)


def test_nothing_else_passes() -> None:
    """Every byte of the line, another text, a signature without a time, a plain one."""
    good = line().signature
    for at in range(len(good)):
        forged = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
        assert not KEY.has_signed(TEXT, forged, verify)
    assert not KEY.has_signed(TEXT + "more\n", good, verify)
    assert not KEY.has_signed(TEXT, good[8:], verify)
    assert not KEY.has_signed(TEXT, b"", verify)
    assert not KEY.has_signed(TEXT, joined(AT, WITNESS.sign(TEXT.encode())), verify)
    assert parted(bytes((0x80, *bytes(71)))) is None


@pytest.mark.parametrize(("at", "signature"), [(-1, b"x" * 64), (TIMESTAMP_MAX + 1, b"x" * 64)])
def test_a_time_that_is_none_is_never_written(at: int, signature: bytes) -> None:
    """COSIGN-1."""
    with pytest.raises(InvariantError, match="COSIGN-1"):
        joined(at, signature)
