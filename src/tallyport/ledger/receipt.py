"""Receipts (回执): one entry, its place, and a proof that a signed checkpoint covers it.

A receipt is one JSON file that leaves the house. Whoever holds the log's verifier key checks it
offline, without us and without the rest of the ledger:

    1  the checkpoint is signed by the key                    who says so
    2  leaf hash of the entry + proof = head of the checkpoint    what was said, and where
    3  the entry states that place and this channel           no entry passes for another

Sources: RFC 6962 section 2.1.1, C2SP tlog-checkpoint.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from tallyport.kernel.canonical import Json, MalformedError, encode, read
from tallyport.kernel.keys import Verify
from tallyport.ledger.entry import ENTRY_BYTES_MAX
from tallyport.ledger.merkle import HASH_BYTES, PROOF_MAX, is_included, leaf_hash
from tallyport.ledger.note import Checkpoint, VerifierKey, origin_of, parse_note

FORMAT = "tallyport-receipt/1"
RECEIPT_BYTES_MAX = ENTRY_BYTES_MAX + (1 << 16)  # The largest entry, its proof and signatures.
_NAMES = {"format", "entry", "index", "proof", "checkpoint"}


class UnprovenError(Exception):
    """The receipt proves nothing. Says which of its parts does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a member takes away."""

    entry: bytes
    index: int  # The entry's sequence minus one.
    proof: tuple[bytes, ...]
    checkpoint: str  # A signed note.

    def __str__(self) -> str:
        lines = [
            b'{"checkpoint":' + encode(self.checkpoint),
            b'"entry":' + self.entry,
            b'"format":' + encode(FORMAT),
            b'"index":' + encode(self.index),
            b'"proof":' + spelled(self.proof) + b"}",
        ]
        return b",\n".join(lines).decode() + "\n"


def parse_receipt(text: str) -> Receipt:
    """Read a receipt; its lay-out may have changed on the way, its content not.

    Raises:
        MalformedError: not a receipt.
    """
    fields = read(text.encode(errors="replace"), RECEIPT_BYTES_MAX)
    if not isinstance(fields, dict) or fields.keys() != _NAMES or fields["format"] != FORMAT:
        raise MalformedError(f"expected a {FORMAT} with exactly {sorted(_NAMES)}")
    index, proof, checkpoint = fields["index"], fields["proof"], fields["checkpoint"]
    if type(index) is not int or not isinstance(checkpoint, str):
        raise MalformedError("expected a whole index and a note as checkpoint")
    entry = encode(fields["entry"])
    return Receipt(entry=entry, index=index, proof=hashes(proof), checkpoint=checkpoint)


def spelled(proof: Sequence[bytes]) -> bytes:
    """Return the JSON of a proof: all its hashes, one behind the other, in base64."""
    return encode(base64.b64encode(b"".join(proof)).decode())


def hashes(proof: Json) -> tuple[bytes, ...]:
    """Read a proof.

    Raises:
        MalformedError: not whole hashes in base64, or too many.
    """
    text = proof if isinstance(proof, str) else "?"
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b"?"
    if len(data) % HASH_BYTES or base64.b64encode(data).decode() != text:
        raise MalformedError(f"expected a proof: hashes of {HASH_BYTES} bytes, together in base64")
    if len(data) > HASH_BYTES * PROOF_MAX:
        raise MalformedError(f"expected at most {PROOF_MAX} hashes in a proof")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def check(
    receipt: Receipt, keys: Sequence[VerifierKey], verify: Verify, quorum: int | None = None
) -> Checkpoint:
    """Return the checkpoint that covers the receipt's entry; `quorum` of `keys` have signed it.

    Raises:
        UnprovenError: a signature is missing, or the proof or the entry does not fit.
        MalformedError: the checkpoint is none.
    """
    checkpoint = check_checkpoint(receipt.checkpoint, keys, verify, quorum)
    leaf = leaf_hash(receipt.entry)
    if not is_included(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.head):
        raise UnprovenError(
            f"expected the proof to lead from entry {receipt.index + 1} to the head of the "
            f"checkpoint over {checkpoint.size} entries; the entry or the proof was changed"
        )
    entry = read(receipt.entry, ENTRY_BYTES_MAX)
    if not isinstance(entry, dict) or entry.get("sequence") != receipt.index + 1:
        raise UnprovenError(f"expected the entry to call itself number {receipt.index + 1}")
    if origin_of(str(entry.get("channel"))) != checkpoint.origin:
        raise UnprovenError(f"expected an entry of {checkpoint.origin}, got another channel's")
    return checkpoint


def check_checkpoint(
    note: str, keys: Sequence[VerifierKey], verify: Verify, quorum: int | None = None
) -> Checkpoint:
    """Return the checkpoint that `note` states; `quorum` of `keys`, or all, must have signed it.

    One of them is the log's own, whose name is the origin: a witness signs for many logs.

    Raises:
        UnprovenError: a signature is missing.
        MalformedError: the note is no checkpoint.
    """
    parsed = parse_note(note)
    checkpoint = Checkpoint.parse(parsed.text)
    if checkpoint.origin not in {key.name for key in keys}:
        raise UnprovenError(
            f"expected the verifier key of {checkpoint.origin}; without it nothing is proved"
        )
    distinct = list({(key.name, key.public): key for key in keys}.values())
    wanted = len(distinct) if quorum is None else max(1, quorum)
    signed = 0
    for tried, key in enumerate(distinct):
        if parsed.is_signed_by(key, verify):
            signed += 1
            if signed == wanted:
                return checkpoint
        elif wanted == len(distinct):
            raise UnprovenError(f"expected a valid signature of {key.name} below the checkpoint")
        elif signed + len(distinct) - tried - 1 < wanted:
            break
    raise UnprovenError(
        f"expected valid signatures of at least {wanted} of {len(distinct)} keys below the "
        f"checkpoint, found {signed}"
    )
