"""A receipt as text proves what it proves as JSON, and a changed one proves nothing.

Goal: one receipt, two spellings. Method: entries of a small tree there and back, every line
damaged.
"""

from __future__ import annotations

import hashlib

import pytest

from tallyport.adapters.ed25519 import Signing, verify
from tallyport.kernel.canonical import MalformedError, encode
from tallyport.ledger.cosignature import COSIGNER, joined, message
from tallyport.ledger.merkle import Frontier, inclusion_proof, leaf_hash
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey
from tallyport.ledger.proof import is_proof, parse_proof, spell
from tallyport.ledger.receipt import Receipt, UnprovenError, check

SIZE = 11
LOG, WITNESS = (Signing(hashlib.sha256(name).digest()) for name in (b"log", b"witness"))
KEY = VerifierKey("tallyport/main", LOG.public)
EYES = VerifierKey("witness.example", WITNESS.public, COSIGNER)


def receipts() -> list[Receipt]:
    """Return the receipts of a small log."""
    entries = [encode({"channel": "main", "sequence": n}) for n in range(1, SIZE + 1)]
    nodes: dict[tuple[int, int], bytes] = {}
    tree = Frontier()
    for data in entries:
        tree, closed = tree.append(leaf_hash(data))
        nodes |= {(level, index): head for level, index, head in closed}
    text = Checkpoint(KEY.name, SIZE, tree.head).text
    lines = (
        Signature(KEY.name, KEY.hash, LOG.sign(text.encode())),
        Signature(EYES.name, EYES.hash, joined(7, WITNESS.sign(message(text, 7)))),
    )
    return [
        Receipt(
            entry=data,
            index=index,
            proof=inclusion_proof(index, SIZE, lambda level, at: nodes[level, at]),
            checkpoint=str(Note(text, lines)),
        )
        for index, data in enumerate(entries)
    ]


RECEIPTS = receipts()
TEXT = spell(RECEIPTS[4])


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_there_and_back(receipt: Receipt) -> None:
    """And both signatures are wanted, that of the log and that of the witness."""
    text = spell(receipt)
    assert is_proof(text)
    assert parse_proof(text) == receipt
    assert check(parse_proof(text), [KEY, EYES], verify).size == SIZE
    with pytest.raises(UnprovenError):
        check(parse_proof(text), [KEY, VerifierKey("other", WITNESS.public, COSIGNER)], verify)


def test_every_line_counts() -> None:
    """Left out, doubled, or with another character: malformed, or it proves nothing."""
    lines = TEXT.removesuffix("\n").split("\n")
    for at, word in enumerate(lines):
        other = word[:-2] + ("B" if word[-2:-1] == "A" else "A") + word[-1:]
        is_signature = word.startswith("—")  # Twice the same signature is one signature.
        for changed in ([], [] if is_signature else [word, word], [other]):
            forged = "\n".join([*lines[:at], *changed, *lines[at + 1 :]]) + "\n"
            with pytest.raises((MalformedError, UnprovenError)):
                check(parse_proof(forged), [KEY, EYES], verify)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        TEXT.replace("index 4", "index 04"),
        TEXT.replace("index 4", "index -4"),
        TEXT.replace("index 4", "index 4 "),
        TEXT.replace("index 4", f"index {'9' * 30}"),
        TEXT.replace("extra ", "extra"),
        TEXT.replace("extra ", "extra !"),
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("\n\n", "\n", 1),
        TEXT.replace("index 4\n", "index 4\n" + "A" * 43 + "=\n" * 1).replace("A" * 43, "AAAA"),
        TEXT.replace("index 4\n", "index 4\n" + ("A" * 43 + "=\n") * 65),
    ],
)
def test_what_is_no_proof(forged: str) -> None:
    """Each line has one spelling."""
    with pytest.raises(MalformedError):
        parse_proof(forged)
