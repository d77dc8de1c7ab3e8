"""The bytes of every form are fixed.

Goal: nobody changes by accident what a ledger has stored. Method: forms.json holds an example of
every command, event and row with its bytes; the code must still make and read exactly these.

A test here fails after a change that was meant? If a release has written the form: raise the
`version` of its contract, keep reading the old one. Then: .venv/bin/python tools/golden.py
"""

from __future__ import annotations

import hashlib
import json

import pytest

import golden
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.form import codec

KEPT = json.loads(golden.FILE.read_text("utf-8"))
FORMS = golden.every_form()
ADVICE = "if this is meant, see the head of this file: tests/golden/test_forms.py"


def test_every_form_has_a_vector_and_every_vector_a_form() -> None:
    """New forms are written down, lost ones are missed."""
    assert sorted(KEPT["forms"]) == sorted(FORMS), ADVICE


@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_bytes_are_as_they_were(name: str) -> None:
    """Made from the same example, byte for byte."""
    assert KEPT["forms"].get(name) == golden.vectors(FORMS[name]), ADVICE


@pytest.mark.parametrize("name", sorted(KEPT["forms"]))
def test_old_bytes_are_read(name: str) -> None:
    """They decode, and encode to themselves; the digest is that of the bytes."""
    kind = FORMS[name]
    for vector in KEPT["forms"][name]:
        data = vector["bytes"].encode()
        assert encode(codec(kind).encode(codec(kind).decode(decode(data)))) == data, ADVICE
        assert hashlib.sha256(data).hexdigest() == vector["sha256"]


def test_the_choices_are_as_they_were() -> None:
    """A value that was stored keeps its spelling; the whole file is what the tool makes."""
    assert golden.page() == golden.FILE.read_text("utf-8"), ADVICE
