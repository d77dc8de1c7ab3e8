"""Proof files: written by us, checked by `ledger.verification` with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.engines import engine, submit_all
from support.toy import ALI, Add, enrolment, sealed
from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.adapters.proofs import ProofError, write_extension, write_key, write_receipt
from tallyport.ledger.verification import ProvedEntry, ProvedExtension, parse_keys, verify


def additions(count: int, name: str) -> list[bytes]:
    """Return envelopes."""
    return [sealed(ALI, f"{name}{number}", Add(name="x", amount=1)) for number in range(count)]


def test_files_are_checked_without_us(tmp_path: Path) -> None:
    """A receipt and an extension, with the key file alone; the receipt fits on a page."""
    out = tmp_path / "out"
    with engine(tmp_path / "ledger") as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI)), *additions(5, "a")])
        old = made.checkpoint()
        submit_all(made, additions(7, "b"))
        key = write_key(made, out)
        receipt = write_receipt(made, 3, out)
        extension = write_extension(made, old, out)
    keys = parse_keys(key.read_text())
    entry = verify(receipt.read_text(), keys, verify_ed25519)
    assert isinstance(entry, ProvedEntry)
    assert entry.entry["sequence"] == 3
    grown = verify(extension.read_text(), keys, verify_ed25519)
    assert isinstance(grown, ProvedExtension)
    assert (grown.old.size, grown.new.size) == (6, 13)
    assert receipt.stat().st_size < 2_000
    assert sorted(path.name for path in out.iterdir()) == [
        "extension-13.json",
        "receipt-3.json",
        "verifier.key",
    ]


def test_what_cannot_be_proved_or_written_says_so(tmp_path: Path) -> None:
    """No such entry, another log's checkpoint, one of the future, a folder that is none."""
    with engine(tmp_path / "ledger") as made, engine(tmp_path / "other") as other:
        assert other.origin == made.origin
        with pytest.raises(ProofError, match="no entry 1; the ledger has 1 to 0"):
            write_receipt(made, 1, tmp_path)
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI))])
        submit_all(other, [sealed(ALI, "enrol", enrolment(ALI)), *additions(1, "a")])
        with pytest.raises(ProofError, match="got one of tallyport/toys over 2"):
            write_extension(made, other.checkpoint(), tmp_path)
        foreign = made.checkpoint().replace("toys", "main")
        with pytest.raises(ProofError, match="expected a checkpoint of tallyport/toys"):
            write_extension(made, foreign, tmp_path)
        (tmp_path / "file").write_text("x")
        with pytest.raises(ProofError, match="cannot write"):
            write_key(made, tmp_path / "file")
