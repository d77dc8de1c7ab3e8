"""Receipts and extensions: an outsider is convinced by true ones, and by nothing else.

Goal: every true file passes with the log's key alone; no forged byte does; the files are small.
Method: a log that grows entry by entry; each byte of a receipt and of an extension is changed; then
files that are whole but prove something else than they say.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from support.toy import ALI, CHANNEL, START, Add, Alarm, Playroom, enrolment, sealed
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.merkle import (
    PROOF_MAX,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey, origin_of
from tallyport.ledger.receipt import Receipt, UnprovenError, parse_receipt
from tallyport.ledger.verification import (
    Extension,
    Policy,
    ProvedEntry,
    ProvedExtension,
    parse_keys,
    parse_policy,
    verify,
)

LOG, WITNESS, OTHER = (Signing(hashlib.sha256(n).digest()) for n in (b"log", b"witness", b"other"))
ORIGIN = origin_of(CHANNEL)
KEY = VerifierKey(ORIGIN, LOG.public)
WITNESS_KEY = VerifierKey("witness.example", WITNESS.public)

STRANGER = VerifierKey(ORIGIN, OTHER.public)


class Outside:
    """A log, and what its owner can sign."""

    def __init__(self, additions: int) -> None:
        room = Playroom()
        room.feed(sealed(ALI, "enrol", enrolment(ALI)))
        room.feed(sealed(ALI, "refused", Add(name="x", amount=-1)))
        room.feed(sealed(ALI, "alarm", Alarm(name="x", due=START + timedelta(minutes=1))))
        for number in range(additions):
            room.feed(sealed(ALI, f"k{number}", Add(name="中文", amount=1)))
        room.at += timedelta(minutes=2)
        room.tick()
        self.data = room.data
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.heads = [Frontier().head]
        tree = Frontier()
        for one in self.data:
            tree, closed = tree.append(leaf_hash(one))
            self.nodes |= {(level, index): head for level, index, head in closed}
            self.heads.append(tree.head)
        self.size = tree.size

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def checkpoint(self, size: int, *, origin: str = ORIGIN, signing: Signing = LOG) -> str:
        text = Checkpoint(origin, size, self.heads[size]).text
        lines = [
            Signature(key.name, key.hash, signer.sign(text.encode()))
            for key, signer in (
                (VerifierKey(origin, signing.public), signing),
                (WITNESS_KEY, WITNESS),
            )
        ]
        return str(Note(text, tuple(lines)))

    def receipt(self, sequence: int) -> Receipt:
        return Receipt(
            entry=self.data[sequence - 1],
            index=sequence - 1,
            proof=inclusion_proof(sequence - 1, self.size, self.node),
            checkpoint=self.checkpoint(self.size),
        )

    def extension(self, old: int, new: int) -> Extension:
        return Extension(
            old=self.checkpoint(old),
            new=self.checkpoint(new),
            proof=consistency_proof(old, new, self.node),
        )


LEDGER = Outside(additions=9)
RECEIPT, EXTENSION = LEDGER.receipt(5), LEDGER.extension(5, LEDGER.size)


def passes(text: str, *keys: VerifierKey) -> bool:
    """Return whether a file proves something."""
    try:
        verify(text, keys or (KEY,), verify_ed25519)
    except (UnprovenError, MalformedError):
        return False
    return True


def test_every_entry_is_proved() -> None:
    """Accepted, refused and fired; with the log's key alone, and with a witness's too."""
    for sequence in range(1, LEDGER.size + 1):
        text = str(LEDGER.receipt(sequence))
        assert parse_receipt(text) == LEDGER.receipt(sequence)
        for keys in ((KEY,), (KEY, WITNESS_KEY)):
            proved = verify(text, keys, verify_ed25519)
            assert isinstance(proved, ProvedEntry)
            assert proved.entry["sequence"] == sequence
            assert proved.checkpoint.size == LEDGER.size
    shown = [
        str(verify(str(LEDGER.receipt(n)), (KEY,), verify_ed25519)) for n in (2, 3, LEDGER.size)
    ]
    assert "entry 2 of tallyport/toys" in shown[0]
    assert "refused (toy.tally_must_not_fall_below_zero)" in shown[0]
    assert "accepted" in shown[1]
    assert "timers" in shown[2]


def test_every_extension_is_proved() -> None:
    """From each old state to each newer one, and to itself."""
    for new in range(1, LEDGER.size + 1):
        for old in range(1, new + 1):
            proved = verify(str(LEDGER.extension(old, new)), (KEY, WITNESS_KEY), verify_ed25519)
            assert isinstance(proved, ProvedExtension)
            assert (proved.old.size, proved.new.size) == (old, new)
    assert "nothing of them was changed" in str(verify(str(EXTENSION), (KEY,), verify_ed25519))


def test_the_lay_out_does_not_matter() -> None:
    """A mail program may have wrapped the lines; the content decides."""
    for text in (str(RECEIPT), str(EXTENSION)):
        assert passes(json.dumps(json.loads(text), indent=7))
        assert passes(json.dumps(json.loads(text), ensure_ascii=False))
        assert passes("\r\n" + text)


@pytest.mark.parametrize("text", [str(RECEIPT), str(EXTENSION)])
def test_no_forged_byte_passes(text: str) -> None:
    """Each byte, three ways: only white space between the parts may change."""
    data = text.encode()
    for at in range(len(data)):
        for bit in (1, 32, 128):
            forged = data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]
            try:
                other = forged.decode()
                if json.loads(other) == json.loads(text):
                    continue
            except ValueError:
                continue
            assert not passes(other, KEY, WITNESS_KEY), forged


def test_small_enough_to_send() -> None:
    """A receipt of one command in a log of a million entries is about a page."""
    deep = replace(RECEIPT, proof=RECEIPT.proof[:1] * 20)
    assert len(str(deep).encode()) <= 2 * 1024


def test_another_key_proves_nothing() -> None:
    """Nobody else's, no key at all, a witness without the log."""
    for text in (str(RECEIPT), str(EXTENSION)):
        assert not passes(text, VerifierKey(ORIGIN, OTHER.public))
        assert not passes(text, KEY, VerifierKey(ORIGIN, OTHER.public))
        assert not passes(text, KEY, VerifierKey("nobody.example", OTHER.public))
        assert not passes(text, WITNESS_KEY)
        with pytest.raises(UnprovenError, match="verifier key of tallyport/toys"):
            verify(text, (), verify_ed25519)


def test_an_entry_does_not_pass_for_another() -> None:
    """Another place, another entry's proof, a leaf that calls itself something else."""
    other = LEDGER.receipt(6)
    forgeries = [
        replace(RECEIPT, index=5),
        replace(RECEIPT, index=-1),
        replace(RECEIPT, index=LEDGER.size),
        replace(RECEIPT, proof=other.proof),
        replace(RECEIPT, entry=other.entry),
        replace(RECEIPT, checkpoint=LEDGER.checkpoint(LEDGER.size - 1)),
        replace(RECEIPT, checkpoint=LEDGER.checkpoint(LEDGER.size, signing=OTHER)),
    ]
    assert passes(str(RECEIPT))
    assert not any(passes(str(one)) for one in forgeries)


def whole(entry: bytes, origin: str = ORIGIN) -> tuple[str, VerifierKey]:
    """Return the receipt of a log that has one entry, signed as `origin`, and its key."""
    key = VerifierKey(origin, LOG.public)
    text = Checkpoint(origin, 1, leaf_hash(entry)).text
    note = Note(text, (Signature(key.name, key.hash, LOG.sign(text.encode())),))
    return str(Receipt(entry=entry, index=0, proof=(), checkpoint=str(note))), key


def test_an_entry_says_where_it_stands() -> None:
    """A log that lies about its own entries convinces nobody: number and channel are checked."""
    first = LEDGER.data[0]
    text, key = whole(first)
    assert passes(text, key)
    for entry, origin in (
        (LEDGER.data[1], ORIGIN),
        (first, origin_of("main")),
        (b"[]", ORIGIN),
        (b"{}", ORIGIN),
        (b'{"sequence":true}', ORIGIN),
    ):
        text, key = whole(entry, origin)
        assert not passes(text, key)


def test_an_extension_ties_one_log() -> None:
    """Not two logs, not a shorter one to a longer, not another history."""
    other_history = Outside(additions=12)
    assert passes(str(EXTENSION))
    foreign = VerifierKey("tallyport/other", OTHER.public)
    other_log = LEDGER.checkpoint(5, origin="tallyport/other", signing=OTHER)
    both = LEDGER.checkpoint(5)
    assert not passes(str(replace(EXTENSION, old=EXTENSION.new, new=EXTENSION.old)))
    assert not passes(str(replace(EXTENSION, proof=EXTENSION.proof[1:])))
    assert not passes(str(replace(EXTENSION, new=other_history.checkpoint(LEDGER.size))))
    assert not passes(str(replace(EXTENSION, old=other_log)), KEY)
    assert not passes(str(replace(EXTENSION, old=other_log)), KEY, foreign)
    assert passes(str(replace(EXTENSION, old=both)))


def test_two_logs_with_each_others_signatures() -> None:
    """Both notes carry both signatures; they are still two logs."""

    def note(origin: str, size: int) -> str:
        text = Checkpoint(origin, size, LEDGER.heads[size]).text
        keys = ((KEY, LOG), (VerifierKey("tallyport/other", OTHER.public), OTHER))
        lines = [Signature(k.name, k.hash, s.sign(text.encode())) for k, s in keys]
        return str(Note(text, tuple(lines)))

    mixed = replace(EXTENSION, old=note(ORIGIN, 5), new=note("tallyport/other", LEDGER.size))
    with pytest.raises(UnprovenError, match="of one log"):
        verify(str(mixed), (KEY, VerifierKey("tallyport/other", OTHER.public)), verify_ed25519)


FIELDS = json.loads(str(RECEIPT))
LINKS = json.loads(str(EXTENSION))


def base64_of(count: int) -> str:
    """Return so many bytes as a file has them."""
    return base64.b64encode(bytes(count)).decode()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        "text",
        FIELDS | {"format": "tallyport-receipt/2"},
        FIELDS | {"format": None},
        FIELDS | {"more": 1},
        {name: value for name, value in FIELDS.items() if name != "proof"},
        FIELDS | {"index": "4"},
        FIELDS | {"index": True},
        FIELDS | {"index": 4.0},
        FIELDS | {"proof": [base64_of(32)]},
        FIELDS | {"proof": base64_of(32 * (PROOF_MAX + 1))},
        FIELDS | {"proof": None},
        FIELDS | {"proof": "?"},
        FIELDS | {"proof": base64_of(33)},
        FIELDS | {"proof": base64_of(32)[:-4]},
        FIELDS | {"proof": base64_of(32)[:-2] + "B="},
        FIELDS | {"checkpoint": 1},
        FIELDS | {"checkpoint": "no note"},
        FIELDS | {"entry": {"a": 1.5}},
        LINKS | {"more": 1},
        LINKS | {"proof": [base64_of(32)]},
        LINKS | {"old": None},
    ],
)
def test_what_is_no_proof_file_is_refused(value: object) -> None:
    """Malformed, not merely unproven: the reader is told what was expected."""
    with pytest.raises(MalformedError, match="expected"):
        verify(json.dumps(value), (KEY,), verify_ed25519)


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "\ud800", '{"format":"tallyport-receipt/1","format":"x"}']
)
def test_other_text_is_refused(text: str) -> None:
    """Not JSON, half a character, a name twice."""
    with pytest.raises(MalformedError, match="expected"):
        verify(text, (KEY,), verify_ed25519)
    with pytest.raises(MalformedError, match="expected"):
        parse_receipt(text)


def test_a_receipt_alone_is_read() -> None:
    """By its own reader, which wants a receipt."""
    with pytest.raises(MalformedError, match="tallyport-receipt/1"):
        parse_receipt(str(EXTENSION))


def test_a_key_file_has_a_key_a_line() -> None:
    """Empty lines do not matter; a line that is no key does."""
    assert parse_keys(f"{KEY}\n\n{WITNESS_KEY}\n") == (KEY, WITNESS_KEY)
    assert parse_keys("") == ()
    with pytest.raises(MalformedError, match="expected"):
        parse_keys(f"{KEY}\nand more\n")


@pytest.mark.parametrize(
    ("keys", "quorum", "is_enough"),
    [
        ((KEY, WITNESS_KEY), 2, True),
        ((KEY, WITNESS_KEY, STRANGER), 2, True),
        ((STRANGER, KEY, WITNESS_KEY), 2, True),
        ((KEY, WITNESS_KEY, STRANGER), 3, False),
        ((KEY, STRANGER), 1, True),
        ((KEY, STRANGER), 2, False),
        ((KEY, KEY, WITNESS_KEY), 3, False),
        ((WITNESS_KEY,), 1, False),
    ],
)
def test_a_quorum_of_keys_is_enough(
    keys: tuple[VerifierKey, ...], quorum: int, *, is_enough: bool
) -> None:
    """Each key counts once, and the log's own is among those that are asked."""
    for file in (str(RECEIPT), str(EXTENSION)):
        try:
            verify(file, Policy(keys, quorum), verify_ed25519)
        except UnprovenError:
            assert not is_enough
        else:
            assert is_enough


def test_a_policy_is_a_file() -> None:
    """A quorum before the keys; without it all are wanted."""
    for policy in (Policy((KEY, WITNESS_KEY), 1), Policy((KEY, WITNESS_KEY))):
        assert parse_policy(str(policy)) == policy
    for first in ("quorum 0", "quorum 3", "quorum x", "quorum 99999", "quorum \u0662", "quorum"):
        with pytest.raises(MalformedError):
            parse_policy(f"{first}\n{KEY}\n{WITNESS_KEY}\n")
