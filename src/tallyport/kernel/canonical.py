"""Canonical bytes (规范字节): one value, one spelling, on every machine and in every language.

RFC 8785 (JSON Canonicalization Scheme), restricted to null, booleans, strings, arrays, objects with
ASCII names, and integers within +-(2**53 - 1). There are no floats. Whoever receives bytes decodes
them, encodes the result and compares: any other spelling of the same value is refused, so equal
meaning and equal hash are the same thing.

    {"a": 1.0}   refused: not an integer
    {"b":1,"a":2}   refused: names are not in order
    {"a":2,"b":1}   fine
"""

from __future__ import annotations

import hashlib
import json
from typing import Never, TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

INTEGER_MAX = 2**53 - 1  # RFC 7493: the largest integer that every JSON reader keeps exactly.
BYTES_MAX = 1 << 20  # A command of 1 MiB is an attack: documents stay off the ledger.

_encoder = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


class MalformedError(Exception):
    """These bytes are not what they should be. Says where, what was expected and what came."""


def encode(value: Json) -> bytes:
    """Return the canonical bytes of `value`, whose object names are ASCII.

    Raises:
        MalformedError: a string holds half a surrogate pair.
    """
    try:
        return _encoder.encode(value).encode()
    except UnicodeEncodeError as error:
        message = f"expected Unicode text, got half a surrogate pair at character {error.start}"
        raise MalformedError(message) from None


def decode(data: bytes) -> Json:
    """Return the value whose canonical bytes are `data`.

    Raises:
        MalformedError: `data` is not JSON, not canonical, or holds a number that is not allowed.
    """
    if len(data) > BYTES_MAX:
        message = f"expected at most {BYTES_MAX} bytes, got {len(data)}"
        raise MalformedError(message)
    try:
        value: Json = _decoder.decode(data.decode())
        same = encode(value) == data
    except (ValueError, RecursionError) as error:
        message = f"expected canonical JSON (RFC 8785), got bytes that are not JSON: {error}"
        raise MalformedError(message) from None
    if not same:
        message = "expected canonical JSON (RFC 8785): sorted names, no spaces, shortest escapes"
        raise MalformedError(message)
    return value


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def _integer(text: str) -> int:
    if len(text) > len(str(-INTEGER_MAX)) or abs(value := int(text)) > INTEGER_MAX:
        message = f"expected an integer within +-(2**53 - 1), got {text[:40]}"
        raise MalformedError(message)
    return value


def _refuse_number(text: str) -> Never:
    message = f"expected an integer, got {text[:40]}; amounts are whole minor units"
    raise MalformedError(message)


_decoder = json.JSONDecoder(
    parse_int=_integer, parse_float=_refuse_number, parse_constant=_refuse_number
)
