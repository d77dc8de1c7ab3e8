"""The example on docs/ledger.md is true to the byte.

Goal: whoever implements the page finds that its example verifies. Method: the blocks of the page
are read and checked, with the code and without it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from nacl.signing import VerifyKey

from tallyport.adapters.ed25519 import verify as verify_ed25519
from tallyport.adapters.keystore import trial_key
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.ledger.machine import Machine
from tallyport.ledger.verification import ProvedEntry, parse_keys, verify

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text("utf-8")
ENVELOPE, RECEIPT = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[:2]
[KEY] = re.findall(r"`(tallyport/main\+[^`]+)`", PAGE)


def test_the_receipt_proves_the_envelope() -> None:
    """As `tallyport verify` does it."""
    proved = verify(RECEIPT, parse_keys(KEY), verify_ed25519)
    assert isinstance(proved, ProvedEntry)
    assert proved.entry["sequence"] == 2
    assert proved.entry["envelope"] == json.loads(ENVELOPE)


def test_the_receipt_is_laid_out_as_we_do_it() -> None:
    """Canonical entry, a line a part."""
    fields = json.loads(RECEIPT)
    assert [line.partition(":")[0] for line in RECEIPT.splitlines()] == [
        '{"checkpoint"',
        *(f'"{name}"' for name in ("entry", "format", "index", "proof")),
    ]
    assert len(fields) == 5


def test_it_can_be_done_by_hand() -> None:
    """With nothing of ours: the steps of the page, labels in brackets."""
    fields, name = json.loads(RECEIPT), "tallyport/main"
    entry = json.dumps(
        fields["entry"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    leaf = hashlib.sha256(b"\x00" + entry).digest()  # [T-1]
    other = base64.b64decode(fields["proof"])  # Entry 1 stands to the left of entry 2.
    head = hashlib.sha256(b"\x01" + other + leaf).digest()
    text, line = fields["checkpoint"].split("\n\n")  # [T-2]
    assert text == f"{name}\n2\n{base64.b64encode(head).decode()}"
    signature = base64.b64decode(line.split(" ")[2])
    public = base64.b64decode(KEY.strip().split("+", 2)[2])[1:]
    assert signature[:4] == hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    VerifyKey(public).verify((text + "\n").encode(), signature[4:])


def test_the_envelope_is_signed_as_the_page_says() -> None:
    """[E-2] and [E-3], with the trial key of seed 1."""
    envelope = Machine("main", table.ALL, signer, verify_ed25519).parse(ENVELOPE.strip().encode())
    bank = trial_key(1, "tarim-bank")
    assert envelope.body.key_id == bank.key_id
    body = json.dumps(json.loads(ENVELOPE)["body"], sort_keys=True, separators=(",", ":")).encode()
    signature = base64.b64decode(json.loads(ENVELOPE)["signature"])
    VerifyKey(bank.public).verify(b"tallyport/envelope/1\n" + body, signature)
