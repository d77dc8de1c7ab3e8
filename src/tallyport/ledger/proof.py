"""A receipt in the text form that other logs use too (通用证明文本).

    c2sp.org/tlog-proof@v1
    extra eyJhdCI6IjIwMjQtMDQtMDhUMDE6MDA6...          the entry; its hash proves it
    index 1
    irKE8tV74+czKZO+Rt+1dHJHesJHsguGGzGj8pqqsnk=       from the leaf up

    tallyport/main                                     the signed checkpoint, as it came
    2
    S+8xhCiTOVj3QUP/gaZNbJn9bKHDIodD+sZaDLXfdag=

    — tallyport/main Z444aA47a5oJy5nv...
    — witness.example jWbPPwAAAABkGFDLEZMH...

What stands in `extra` is not trusted: the leaf hash of the entry leads to the head, or it does not.

Source: C2SP tlog-proof v1.
"""

from __future__ import annotations

import base64

from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.entry import ENTRY_BYTES_MAX
from tallyport.ledger.merkle import HASH_BYTES, PROOF_MAX
from tallyport.ledger.receipt import Receipt

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
INDEX_DIGITS_MAX = 19  # A log of 2**63 entries.
TEXT_LENGTH_MAX = 2 * ENTRY_BYTES_MAX  # The largest entry in base64, its proof and signatures.


def spell(receipt: Receipt) -> str:
    """Return a receipt as text."""
    lines = [
        HEADER,
        f"extra {base64.b64encode(receipt.entry).decode()}",
        f"index {receipt.index}",
        *(base64.b64encode(part).decode() for part in receipt.proof),
    ]
    return "\n".join(lines) + f"\n\n{receipt.checkpoint}"


def is_proof(text: str) -> bool:
    """Return whether `text` is in this form."""
    return text.startswith(f"{HEADER}\n")


def parse_proof(text: str) -> Receipt:
    """Read a receipt from text; `ledger.receipt.check` says what it proves.

    Raises:
        MalformedError: it is none, or has no entry in its line `extra`.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise MalformedError(f"expected a proof of at most {TEXT_LENGTH_MAX} characters")
    above, blank, checkpoint = text.partition("\n\n")
    header, *lines = above.split("\n")
    if header != HEADER or not blank:
        raise MalformedError(f"expected {HEADER}, lines, an empty line and a checkpoint")
    if not lines or not lines[0].startswith("extra "):
        raise MalformedError("expected a line `extra` with the entry; without it nothing is proved")
    entry = _decoded(lines.pop(0).removeprefix("extra "), "the line `extra`")
    word, _, number = (lines.pop(0) if lines else "").partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) <= INDEX_DIGITS_MAX
    if word != "index" or not is_number or str(int(number)) != number:
        raise MalformedError("expected a line `index` with a whole number")
    if len(lines) > PROOF_MAX:
        raise MalformedError(f"expected at most {PROOF_MAX} hashes in a proof, got {len(lines)}")
    proof = tuple(_decoded(line, "a hash of the proof") for line in lines)
    if any(len(part) != HASH_BYTES for part in proof):
        raise MalformedError(f"expected hashes of {HASH_BYTES} bytes")
    return Receipt(entry=entry, index=int(number), proof=proof, checkpoint=checkpoint)


def _decoded(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        value = b""
    if base64.b64encode(value).decode() != text or not value:
        raise MalformedError(f"expected base64 for {what}, got {text[:60]!r}")
    return value
