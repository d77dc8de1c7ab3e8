"""Receipts leave the house and come back: proved, or told what does not fit.

Goal: the page says what the command line says. Method: receipts are downloaded, changed in every
part, and uploaded again.
"""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from support.portal import client
from tallyport.adapters.keystore import trial_key
from tallyport.app.portal import Portal
from tallyport.ledger.note import VerifierKey


def upload(content: bytes, key: str = "") -> str:
    """Return the page that answers an uploaded receipt."""
    file = SimpleUploadedFile("receipt.json", content)
    answer = client("vera").post("/ledger/verify", {"receipt": file, "key": key})
    assert answer.status_code == 200
    return str(answer.content.decode())


def receipt(sequence: int = 16) -> bytes:
    """Return a receipt as it is downloaded."""
    answer = client("olga").get(f"/ledger/{sequence}/receipt")
    assert f"receipt-{sequence}.json" in answer.headers["Content-Disposition"]
    return bytes(answer.content)


def test_a_receipt_that_was_downloaded_is_proved(portal: Portal) -> None:
    """With our own key, given or not; the page shows the entry."""
    for key in ("", str(portal.node.engine.verifier_key)):
        page = upload(receipt(), key)
        assert "Proved: entry 16" in page
        assert "financing.Disburse/1" in page


def test_the_checkpoint_and_the_key_are_shown(portal: Portal) -> None:
    """What an outsider needs."""
    page = client("vera").get("/ledger/checkpoint").content.decode()
    assert str(portal.node.engine.verifier_key) in page
    assert f"tallyport/main\n{portal.node.engine.size}\n" in page


@pytest.mark.parametrize("part", ["entry", "index", "proof", "checkpoint", "format"])
def test_a_changed_receipt_proves_nothing(portal: Portal, part: str) -> None:
    """One part changed, one sentence that says which."""
    del portal
    fields = json.loads(receipt())
    changed = {
        "entry": fields["entry"] | {"at": "2031-01-01T00:00:00.000000Z"},
        "index": 3,
        "proof": fields["proof"][1:],
        "checkpoint": fields["checkpoint"].replace("tallyport/main\n", "tallyport/mine\n", 1),
        "format": "tallyport-receipt/9",
    }
    page = upload(json.dumps(fields | {part: changed[part]}).encode())
    assert "This receipt proves nothing." in page


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 5_000, b'{"format":1}'])
def test_what_is_no_receipt_is_told_so(portal: Portal, content: bytes) -> None:
    """Never an error page."""
    del portal
    assert "This receipt proves nothing." in upload(content)


def test_another_log_s_key_proves_nothing(portal: Portal) -> None:
    """And a key that is none is told so."""
    del portal
    stranger = VerifierKey("tallyport/main", trial_key(99, "stranger").public)
    assert "expected a valid signature" in upload(receipt(), str(stranger))
    assert "expected name+hash+key" in upload(receipt(), "no key")
