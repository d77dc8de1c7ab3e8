"""Signed notes and checkpoints of others (签名便条): `ledger.note` reads, libsodium verifies."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from tallyport.adapters.suites import verify
from tallyport.app.cases.suite import BeyondError, Case, differs
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.note import Checkpoint, Note, VerifierKey, parse_note


def judge(case: Case) -> str | None:
    """Return what is wrong with our reading of a note."""
    kind = case.input["kind"]
    if kind.startswith("signed note"):
        return _signed(case)
    if kind.startswith("checkpoint"):
        return _checkpoint(case)
    raise BeyondError(f"no note is called {kind!r} here")


def _signed(case: Case) -> str | None:
    expected = case.expected
    try:
        key = VerifierKey.parse(case.input["verifier_key"])
        note = parse_note(case.input["note"])
    except MalformedError as error:
        return differs(f"valid ({error})", came=False, expected=expected["valid"])
    came = {
        "valid": note.is_signed_by(key, verify),
        "key_name": key.name,
        "key_id_hex": key.hash.hex(),
        "signed_text": note.text,
    }
    return _compare(came, case)


def _checkpoint(case: Case) -> str | None:
    try:
        note = parse_note(case.input["note"])
        checkpoint = Checkpoint.parse(note.text)
    except MalformedError as error:
        return differs(f"valid ({error})", came=False, expected=case.expected.get("valid", True))
    came = {
        "valid": True,
        "origin": checkpoint.origin,
        "tree_size": checkpoint.size,
        "root_hash_base64": base64.b64encode(checkpoint.head).decode(),
        "signatures": _signatures(note),
    }
    return _compare(came, case)


def _signatures(note: Note) -> list[dict[str, str]]:
    return [{"name": one.name, "key_id_hex": one.key_hash.hex()} for one in note.signatures]


def _compare(came: Mapping[str, object], case: Case) -> str | None:
    """Compare what the case names; a part that we do not have is a difference."""
    wrong = (
        differs(name, came=came.get(name), expected=value) for name, value in case.expected.items()
    )
    return next((one for one in wrong if one is not None), None)
