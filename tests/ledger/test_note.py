"""Signed notes and checkpoints, as C2SP writes them down.

Goal: notes of others are read, ours are read by others, nothing else passes for one. Method: round
trips, every changed byte of a note, the published examples.
"""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.adapters.ed25519 import Signing, verify
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.note import (
    SIGNATURES_MAX,
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    is_name,
    parse_note,
)

LOG = Signing(hashlib.sha256(b"log").digest())
KEY = VerifierKey("tallyport/main", LOG.public)
HEAD = bytes(range(32))
WITNESS = Signing(hashlib.sha256(b"witness").digest())
WITNESS_KEY = VerifierKey("witness.example", WITNESS.public)


def signed(text: str, *signers: tuple[VerifierKey, Signing]) -> Note:
    """Return the text with a line for each signer."""
    lines = [Signature(key.name, key.hash, signing.sign(text.encode())) for key, signing in signers]
    return Note(text, tuple(lines))


NOTE = signed(
    Checkpoint(KEY.name, 20, HEAD).text + "an extension\n", (KEY, LOG), (WITNESS_KEY, WITNESS)
)

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40).map(
    lambda text: text + "\n"
)


@given(texts)
def test_a_note_comes_back(text: str) -> None:
    """Whatever its text, also one with empty lines or with lines that look like signatures."""
    for inside in (text, f"a\n\n{text}", f"— x AAAA\n{text}"):
        note = signed(inside, (KEY, LOG))
        again = parse_note(str(note))
        assert again == note
        assert again.is_signed_by(KEY, verify)
        assert not again.is_signed_by(WITNESS_KEY, verify)


@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back(size: int, head: bytes) -> None:
    """With or without extension lines behind it."""
    checkpoint = Checkpoint("tallyport/main", size, head)
    assert Checkpoint.parse(checkpoint.text) == checkpoint
    assert Checkpoint.parse(checkpoint.text + "more\n") == checkpoint


def test_no_changed_byte_passes() -> None:
    """Of a note with two signatures: each byte belongs to the text or to one of the lines."""
    data = str(NOTE).encode()
    for at in range(len(data)):
        for bit in (1, 16, 128):
            forged = data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]
            try:
                note = parse_note(forged.decode())
            except (MalformedError, UnicodeDecodeError):
                continue
            both = [note.is_signed_by(key, verify) for key in (KEY, WITNESS_KEY)]
            assert not all(both), at


def test_a_signature_counts_for_its_own_key_only() -> None:
    """Another name with the same key, or the same name with another key, is somebody else."""
    note = signed("text\n", (KEY, LOG))
    assert not note.is_signed_by(VerifierKey("tallyport/other", LOG.public), verify)
    assert not note.is_signed_by(VerifierKey(KEY.name, WITNESS.public), verify)
    line = note.signatures[0]
    renamed = Note("text\n", (Signature(WITNESS_KEY.name, WITNESS_KEY.hash, line.signature),))
    assert not renamed.is_signed_by(WITNESS_KEY, verify)


def test_a_verifier_key_comes_back() -> None:
    """Text form of C2SP: name, hash, algorithm and key."""
    text = str(KEY)
    assert VerifierKey.parse(text) == KEY
    assert VerifierKey.parse(text + "\n") == KEY
    name, stated, encoded = text.split("+", 2)
    assert name == "tallyport/main"
    key = base64.b64decode(encoded)
    assert key[:1] == b"\x01"
    assert stated == hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]


RAW = str(KEY)
OTHER_SUITE = base64.b64encode(b"\x02" + LOG.public).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tallyport/main",
        RAW.replace("tallyport", "tallypart"),
        RAW[:-4],
        RAW + "AAAA",
        RAW.replace("+", " ", 1),
        " +" + RAW.partition("+")[2],
        "a b+" + RAW.partition("+")[2],
        f"tallyport/main+{KEY.hash.hex()}+{OTHER_SUITE}",
        f"tallyport/main+{KEY.hash.hex()}+????",
        RAW.replace(KEY.hash.hex(), "00000000"),
        RAW.replace(KEY.hash.hex(), KEY.hash.hex().upper() + " "),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    """Every part is checked."""
    with pytest.raises(MalformedError):
        VerifierKey.parse(text)


LINE = str(NOTE).split("\n\n")[1].split("\n", maxsplit=1)[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        f"text\n{LINE}\n",
        f"text\n\n{LINE}",
        f"text\n\n{LINE}\n\n",
        f"text\n\n{LINE[2:]}\n",
        f"text\n\n-{LINE[1:]}\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n—  AAAAAAAA\n",
        "text\n\n— name\n",
        f"text\n\n{LINE} \n",
        f"te\tt\n\n{LINE}\n",
        f"te\x00t\n\n{LINE}\n",
        f"te\rt\n\n{LINE}\n",
        "text\n\n" + (LINE + "\n") * (SIGNATURES_MAX + 1),
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    """No empty line, no dash, no base64, nothing behind the hash, control characters, a flood."""
    with pytest.raises(MalformedError):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n20\nAAAA\n",
        "origin\n20\n",
        f"origin\n020\n{base64.b64encode(HEAD).decode()}\n",
        f"origin\n-1\n{base64.b64encode(HEAD).decode()}\n",
        f"origin\n2.0\n{base64.b64encode(HEAD).decode()}\n",
        f"origin\n²\n{base64.b64encode(HEAD).decode()}\n",
        f"origin\n\n{base64.b64encode(HEAD).decode()}\n",
        f"origin\n{'9' * 5_000}\n{base64.b64encode(HEAD).decode()}\n",
        "origin\n20\n????\n",
        f"origin\n20\n{base64.b64encode(HEAD[1:]).decode()}\n",
        f"origin\n20\n{base64.b64encode(HEAD).decode()}",
        f"origin\n20\n{base64.b64encode(HEAD).decode()}\nmore",
        f"origin\n20\n{base64.b64encode(HEAD).decode()}\n\n",
        f"origin\n20\n{base64.b64encode(HEAD).decode()}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """Origin, size and head, each whole and on a line of its own."""
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_base64_has_one_spelling() -> None:
    """Bits that a decoder drops could be changed unseen."""
    head = base64.b64encode(HEAD).decode()
    loose = head[:-2] + chr(ord(head[-2]) + 1) + "="
    assert base64.b64decode(loose) == HEAD
    with pytest.raises(MalformedError):
        Checkpoint.parse(f"origin\n20\n{loose}\n")


@pytest.mark.parametrize("name", ["a", "tallyport/main", "中文"])
def test_names(name: str) -> None:
    """Not empty, no space, no plus."""
    assert is_name(name)
    assert not any(is_name(one) for one in ("", f"{name} ", f"{name}+", f"{name}\u2003x"))


def test_the_published_examples() -> None:
    """Outside cases of C2SP."""
    verified, parsed = 0, 0
    for line in shared("data", "cases", "signed_note.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        given_, expected = case["input"], case["expected"]
        note = parse_note(given_["note"])
        if "verifier_key" in given_:
            key = VerifierKey.parse(given_["verifier_key"])
            assert note.is_signed_by(key, verify) == expected["valid"]
            assert (key.name, key.hash.hex()) == (expected["key_name"], expected["key_id_hex"])
            assert note.text == expected["signed_text"]
            assert str(key) == given_["verifier_key"]
            verified += 1
        else:
            checkpoint = Checkpoint.parse(note.text)
            assert checkpoint.origin == expected["origin"]
            assert checkpoint.size == expected["tree_size"]
            assert base64.b64encode(checkpoint.head).decode() == expected["root_hash_base64"]
            lines = [
                {"name": one.name, "key_id_hex": one.key_hash.hex()} for one in note.signatures
            ]
            assert lines == expected["signatures"]
            parsed += 1
        assert str(note) == given_["note"]
    assert verified
    assert parsed
