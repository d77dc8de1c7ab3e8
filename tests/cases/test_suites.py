"""Suites of others run to their end, whatever is in them, and say exactly how they went.

Goal: a bad line fails as a line and never stops a suite; what we cannot express is never counted as
passed; the suites at hand pass. Method: small made files, good and bad; then the shared folder.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from support.shared import shared
from tallyport.adapters.ed25519 import Signing
from tallyport.app.cases import SUITES, jcs, merkle, run, signed_note, suite
from tallyport.app.cases.suite import BeyondError, Case, SuiteResult, run_suite
from tallyport.kernel.guard import FaultError, InvariantError
from tallyport.ledger.merkle import leaf_hash
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey


def case(given: dict[str, Any], **expected: object) -> Case:
    """Return a case."""
    return Case(id="case", input=given, expected=expected)


def write(folder: Path, name: str, *lines: str) -> Path:
    """Write a suite."""
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_shared_suites_pass() -> None:
    """All of them, but for the transfers that the books have no words for."""
    results = {result.name: result for result in run(shared("data", "cases"))}
    assert set(results) == set(SUITES)
    for name, one in results.items():
        assert not one.failures, one.failures
        assert one.passed + len(one.beyond) == one.total
        assert one.passed > 0
        assert not one.beyond or name == "ledger_transfers"
    assert results["ledger_transfers"].passed >= 4


def test_every_line_is_judged(tmp_path: Path) -> None:
    """A bad line is a failure with its place; the ones around it go on."""

    def judge(one: Case) -> str | None:
        match one.input["kind"]:
            case "beyond":
                raise BeyondError("we have no word for it")
            case "broken":
                raise InvariantError("BOOKS-1")
            case kind:
                return None if kind == "fine" else "wrong"

    kinds = ("fine", "wrong", "beyond", "broken")
    lines = [json.dumps({"id": k, "input": {"kind": k}, "expected": {}}) for k in kinds]
    path = write(tmp_path, "odd", *lines, "", "{", '{"id":"x"}', "[]", lines[0])

    result = run_suite("odd", judge, path)

    assert str(result) == "odd 2/8 (1 beyond us)"
    assert result.beyond == ("beyond: we have no word for it",)
    assert [line.partition(":")[0] for line in result.failures] == [
        "wrong",
        "broken",
        "line 6",
        "line 7",
        "line 8",
    ]
    assert "BOOKS-1" in result.failures[1]


def test_a_line_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake is not read as a case."""
    monkeypatch.setattr(suite, "CASE_BYTES_MAX", 10)
    path = write(tmp_path, "merkle", json.dumps({"id": "x", "input": {}, "expected": {}}))
    assert "more than 10 bytes" in run_suite("merkle", merkle.judge, path).failures[0]


def test_only_suites_that_are_there_are_run(tmp_path: Path) -> None:
    """Others are nobody's business; no folder at all is a fault."""
    write(tmp_path, "merkle")
    write(tmp_path, "unknown", "{")
    (result,) = run(tmp_path)
    assert result == SuiteResult(name="merkle", passed=0, total=0, failures=(), beyond=())
    assert str(result) == "merkle 0/0"
    with pytest.raises(FaultError, match="expected a folder"):
        run(tmp_path / "none")


def test_a_suite_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """Not a suite that passed."""
    with pytest.raises(FaultError, match="expected a readable file"):
        run_suite("merkle", merkle.judge, tmp_path)


def test_merkle_judges_every_kind() -> None:
    """A tree of one leaf, four ways; another kind is beyond us."""
    leaf = base64.b64encode(leaf_hash(b"a")).decode()
    ranges = {"leafIdx": 0, "treeSize": 1, "start": 0, "end": 1, "size": 1, "size1": 1, "size2": 1}
    hashes = {"root": leaf, "leafHash": leaf, "root1": leaf, "root2": leaf, "proof": None}
    for kind in ("inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"):
        given = {"kind": kind} | ranges | hashes
        assert merkle.judge(case(given, valid=True)) is None
        wrong = merkle.judge(case(given, valid=False))
        assert wrong == "valid: expected False, got True"
    with pytest.raises(BeyondError, match="exclusion"):
        merkle.judge(case({"kind": "exclusion", "proof": []}, valid=True))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ieee754_hex": "7ff0000000000000"}, {"error": True}),  # Infinity has no text.
        ({"ieee754_hex": "3ff8000000000000"}, {"text": "1.5"}),
        ({"json_text": "9007199254740993"}, {"canonical_text": "9007199254740992"}),
        (
            {"json_text": '{"b": [1, true, null], "a": "é"}'},
            {"canonical_utf8_hex": '{"a":"é","b":[1,true,null]}'.encode().hex()},
        ),
        ({"json_text": "[1.5]"}, {"canonical_utf8_hex": b"[1.5]".hex()}),
    ],
)
def test_jcs_spells_values(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """By the standard, and plain values by our own encoder too."""
    assert jcs.judge(case(given, **expected)) is None
    off = dict.fromkeys(expected, "something else") | {"text": "something else"}
    assert jcs.judge(case(given, **off)) is not None


KEY = Signing(bytes(32))
VERIFIER = VerifierKey("example.com/log", KEY.public)
CHECKPOINT = Checkpoint("example.com/log", 7, bytes(32))
SIGNED = Note(
    CHECKPOINT.text,
    (Signature(VERIFIER.name, VERIFIER.hash, KEY.sign(CHECKPOINT.text.encode())),),
)


def test_signed_notes_are_read_and_verified() -> None:
    """Valid, not valid, not even a note; what is expected is compared, and no more."""
    given = {"kind": "signed note, Ed25519", "verifier_key": str(VERIFIER), "note": str(SIGNED)}
    assert signed_note.judge(case(given, valid=True, key_name="example.com/log")) is None
    assert signed_note.judge(case(given, valid=False)) is not None
    assert signed_note.judge(case(given, unheard_of=1)) is not None
    changed = given | {"note": str(SIGNED).replace("\n7\n", "\n8\n")}
    assert signed_note.judge(case(changed, valid=False)) is None
    assert signed_note.judge(case(given | {"note": "no note"}, valid=False)) is None
    assert signed_note.judge(case(given | {"verifier_key": "none"}, valid=True)) is not None


def test_checkpoints_are_read() -> None:
    """Parts as expected; what is none is not valid; other kinds are beyond us."""
    given = {"kind": "checkpoint, parse only", "note": str(SIGNED)}
    assert signed_note.judge(case(given, origin="example.com/log", tree_size=7)) is None
    assert signed_note.judge(case(given, tree_size=8)) is not None
    assert signed_note.judge(case(given | {"note": "none"}, valid=False)) is None
    assert signed_note.judge(case(given | {"note": "none"}, tree_size=8)) is not None
    with pytest.raises(BeyondError):
        signed_note.judge(case({"kind": "cosignature"}))
