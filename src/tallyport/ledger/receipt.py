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
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tallyport.kernel.canonical import Json, MalformedError, decode, encode
from tallyport.kernel.keys import Verify
from tallyport.ledger.merkle import HASH_BYTES, PROOF_MAX, is_included, leaf_hash
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note

FORMAT = "tallyport-receipt/1"
RECEIPT_BYTES_MAX = 2 << 20  # An entry of 1 MiB, spelled with escapes, still fits.
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
        fields = {
            "format": FORMAT,
            "entry": json.loads(self.entry),
            "index": self.index,
            "proof": [base64.b64encode(part).decode() for part in self.proof],
            "checkpoint": self.checkpoint,
        }
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def parse_receipt(text: str) -> Receipt:
    """Read a receipt; its lay-out may have changed on the way, its content not.

    Raises:
        MalformedError: not a receipt.
    """
    if len(text) > RECEIPT_BYTES_MAX:
        raise MalformedError(f"expected a receipt of at most {RECEIPT_BYTES_MAX} characters")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"expected a receipt in JSON, could not read it: {error}") from None
    if not isinstance(fields, dict) or fields.keys() != _NAMES or fields["format"] != FORMAT:
        raise MalformedError(f"expected a {FORMAT} with exactly {sorted(_NAMES)}")
    index, proof, checkpoint = fields["index"], fields["proof"], fields["checkpoint"]
    if type(index) is not int or not isinstance(checkpoint, str) or not isinstance(proof, list):
        raise MalformedError("expected a whole index, a list as proof, a note as checkpoint")
    entry = encode(fields["entry"])
    decode(entry)  # Refuses floats and the like, which a canonical entry never holds.
    return Receipt(entry=entry, index=index, proof=_hashes(proof), checkpoint=checkpoint)


def _hashes(values: Sequence[Json]) -> tuple[bytes, ...]:
    if len(values) > PROOF_MAX:
        raise MalformedError(f"expected at most {PROOF_MAX} hashes in a proof, got {len(values)}")
    hashes = []
    for value in values:
        try:
            part = base64.b64decode(str(value), validate=True)
        except ValueError:
            part = b""
        if len(part) != HASH_BYTES:
            raise MalformedError(f"expected hashes of {HASH_BYTES} bytes in base64, got {value!r}")
        hashes.append(part)
    return tuple(hashes)


def check(receipt: Receipt, keys: Sequence[VerifierKey], verify: Verify) -> Checkpoint:
    """Return the checkpoint that covers the receipt's entry; all `keys` must have signed it.

    Raises:
        UnprovenError: a signature is missing, or the proof or the entry does not fit.
        MalformedError: the checkpoint is none.
    """
    note = parse_note(receipt.checkpoint)
    checkpoint = Checkpoint.parse(note.text)
    if not keys:
        raise UnprovenError("expected at least one verifier key; without one nothing is proved")
    for key in keys:
        if not note.is_signed_by(key, verify):
            raise UnprovenError(f"expected a valid signature of {key.name} below the checkpoint")
    leaf = leaf_hash(receipt.entry)
    if not is_included(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.head):
        raise UnprovenError(
            f"expected the proof to lead from entry {receipt.index + 1} to the head of the "
            f"checkpoint over {checkpoint.size} entries; the entry or the proof was changed"
        )
    entry = decode(receipt.entry)
    if not isinstance(entry, dict) or entry.get("sequence") != receipt.index + 1:
        raise UnprovenError(f"expected the entry to call itself number {receipt.index + 1}")
    return checkpoint
