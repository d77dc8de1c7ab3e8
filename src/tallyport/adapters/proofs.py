"""Proofs as files (证明文件): what leaves the house so that others can check us without us.

receipt-12.json       entry 12 and its proof               ledger.receipt
receipt-12.tlog-proof the same as text                     ledger.proof
extension-900.json    from a checkpoint that somebody kept to ours now
verifier.key          the key that both are checked with   tallyport verify FILE --key verifier.key
"""

from __future__ import annotations

from pathlib import Path

from tallyport.adapters.engine import LedgerEngine
from tallyport.kernel.guard import FaultError
from tallyport.ledger.merkle import frontier, inclusion_proof
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.ledger.proof import SUFFIX, spell
from tallyport.ledger.receipt import Receipt
from tallyport.ledger.verification import Extension

KEY_FILE = "verifier.key"


class ProofError(FaultError):
    """A proof cannot be made or written. Says which, why, and what to do."""


def write_key(engine: LedgerEngine, folder: Path) -> Path:
    """Write the log's verifier key and return its file."""
    return _write(folder / KEY_FILE, f"{engine.verifier_key}\n")


def write_receipt(engine: LedgerEngine, sequence: int, folder: Path) -> Path:
    """Write the receipt of an entry and return its file.

    Raises:
        ProofError: there is no such entry.
    """
    try:
        receipt = engine.receipt(sequence)
    except KeyError:
        raise ProofError(f"no entry {sequence}; the ledger has 1 to {engine.size}") from None
    return _write(folder / f"receipt-{sequence}.json", str(receipt))


def write_proof(
    engine: LedgerEngine, sequence: int, folder: Path, *, checkpoint: str | None = None
) -> Path:
    """Write the receipt of an entry as text (C2SP tlog-proof) and return its file.

    `checkpoint`: one of this log that witnesses have cosigned; None: that of now.

    Raises:
        ProofError: there is no such entry, or the checkpoint is not one of this log's own.
        MalformedError: the checkpoint is none.
    """
    note = checkpoint or engine.checkpoint()
    stated = Checkpoint.parse(parse_note(note).text)
    size = stated.size
    if not 0 < sequence <= size <= engine.size:
        raise ProofError(f"no entry {sequence}; the checkpoint covers 1 to {size}")

    def node(level: int, index: int) -> bytes:
        return engine.hashes(level, index, 1)[0]

    if stated.origin != engine.origin or frontier(size, node).head != stated.head:
        raise ProofError(f"expected a checkpoint of this log, got one of {stated.origin}")
    receipt = Receipt(
        entry=engine.raw_entry(sequence),
        index=sequence - 1,
        proof=inclusion_proof(sequence - 1, size, node),
        checkpoint=note,
    )
    return _write(folder / f"receipt-{sequence}{SUFFIX}", spell(receipt))


def write_extension(engine: LedgerEngine, old: str, folder: Path) -> Path:
    """Write the proof that the log still begins as the checkpoint `old` says; return its file.

    Raises:
        ProofError: `old` is of another log, or of more entries than there are.
        MalformedError: `old` is no checkpoint.
    """
    before = Checkpoint.parse(parse_note(old).text)
    now = engine.checkpoint()
    size = Checkpoint.parse(parse_note(now).text).size
    if before.origin != engine.origin or not 0 < before.size <= size:
        raise ProofError(
            f"expected a checkpoint of {engine.origin} over 1 to {size} entries, "
            f"got one of {before.origin} over {before.size}"
        )
    proof = engine.consistency(before.size, size)
    return _write(folder / f"extension-{size}.json", str(Extension(old=old, new=now, proof=proof)))


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ProofError(f"cannot write {path}: {error.strerror}") from error
    return path
