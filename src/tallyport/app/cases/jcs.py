"""Canonical JSON of the standard (RFC 8785): documents with `rfc8785`, commands with our own.

Documents of evidence may hold fractions; they are made canonical by the package `rfc8785`. What the
ledger stores has whole numbers and plain names only, and `kernel.canonical` writes it. Where a case
holds nothing else, both must give the same bytes.
"""

from __future__ import annotations

import json
import struct
from typing import TypeAlias

import rfc8785

from tallyport.app.cases.suite import Case, differs
from tallyport.kernel import canonical

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def judge(case: Case) -> str | None:
    """Return what is wrong with our spelling of a value."""
    given, expected = case.input, case.expected
    if "ieee754_hex" in given:
        (number,) = struct.unpack(">d", bytes.fromhex(given["ieee754_hex"].zfill(16)))
        text = _text(number)
        return differs("text", came=text, expected=expected.get("text"))
    value = json.loads(given["json_text"], parse_int=_number)
    text = _text(value)
    if text is None or "canonical_utf8_hex" not in expected:
        return differs("text", came=text, expected=expected.get("canonical_text"))
    wrong = differs("bytes", came=text.encode().hex(), expected=expected["canonical_utf8_hex"])
    if wrong is None and _is_plain(value):
        own = canonical.encode(canonical.decode(text.encode())).hex()
        wrong = differs("our own bytes", came=own, expected=expected["canonical_utf8_hex"])
    return wrong


def _text(value: Json) -> str | None:
    """Return the canonical text, or None when there is none (NaN, infinity)."""
    try:
        return rfc8785.dumps(value).decode()
    except rfc8785.CanonicalizationError:
        return None


def _number(text: str) -> int | float:
    """Read a number as JavaScript does: exact as far as a double is."""
    number = int(text)
    return number if abs(number) <= canonical.INTEGER_MAX else float(text)


def _is_plain(value: Json) -> bool:
    """Return whether the ledger could store `value`."""
    match value:
        case dict():
            return all(name.isascii() and _is_plain(part) for name, part in value.items())
        case list():
            return all(_is_plain(part) for part in value)
        case float():
            return False
        case _:
            return True
