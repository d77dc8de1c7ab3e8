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
from collections.abc import Callable, Iterable
from typing import Any, Never, TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

INTEGER_MAX = 2**53 - 1  # RFC 7493: the largest integer that every JSON reader keeps exactly.
BYTES_MAX = 1 << 20  # A command of 1 MiB is an attack: documents stay off the ledger.


class MalformedError(Exception):
    """These bytes are not what they should be. Says where, what was expected and what came."""


def encode(value: Json) -> bytes:
    """Return the canonical bytes of `value`, whose object names are ASCII.

    Raises:
        MalformedError: a string holds half a surrogate pair, or arrays nest too deep.
    """
    try:
        text = "".join(_pieces(value, 0))
    except RecursionError:
        message = "expected arrays and objects a few levels deep, got hundreds"
        raise MalformedError(message) from None
    return utf8(text)


def utf8(text: str) -> bytes:
    """Return the bytes of a text.

    Raises:
        MalformedError: it holds half a surrogate pair.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        message = f"expected Unicode text, got half a surrogate pair at character {error.start}"
        raise MalformedError(message) from None


def decode(data: bytes, bytes_max: int = BYTES_MAX) -> Json:
    """Return the value whose canonical bytes are `data`.

    Raises:
        MalformedError: `data` is not JSON, not canonical, or holds a number that is not allowed.
    """
    # A name outside ASCII needs bytes outside ASCII: an escaped one is not canonical anyway.
    value = _read(data, _quick if data.isascii() else _careful, bytes_max)
    if encode(value) != data:
        message = "expected canonical JSON (RFC 8785): sorted names, no spaces, shortest escapes"
        raise MalformedError(message)
    return value


def read(data: bytes, bytes_max: int = BYTES_MAX) -> Json:
    """Return the value that `data` spells in JSON: the lay-out is free, the kinds are as above.

    Raises:
        MalformedError: not JSON, a name twice, or a number, name or size that is not allowed.
    """
    return _read(data, _careful, bytes_max)


def read_at(text: str, start: int) -> tuple[Json, int]:
    """Return the value that begins at `start` of a longer JSON text, and where it ends.

    Raises:
        MalformedError: no value begins there.
    """
    decoder = _quick if text.isascii() else _careful
    try:
        value, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        message = f"expected JSON at character {start}: {error}"
        raise MalformedError(message) from None
    return value, end


def _read(data: bytes, decoder: json.JSONDecoder, bytes_max: int) -> Json:
    if len(data) > bytes_max:
        message = f"expected at most {bytes_max} bytes, got {len(data)}"
        raise MalformedError(message)
    try:
        value: Json = decoder.decode(data.decode())
    except (ValueError, RecursionError) as error:
        message = f"expected canonical JSON (RFC 8785), got bytes that are not JSON: {error}"
        raise MalformedError(message) from None
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


def _object(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members or not name.isascii():
            message = f"expected every name once and in ASCII, got {name[:40]!r}"
            raise MalformedError(message)
        members[name] = value
    return members


# JSONEncoder.encode builds CPython's encoder anew for every value, which costs as much as using it.
_IS_SORTED, _SKIPS_KEYS, _ALLOWS_NAN = True, False, False
_encoder = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=_ALLOWS_NAN,
    sort_keys=_IS_SORTED,
    separators=(",", ":"),
)
_build: Any = getattr(json.encoder, "c_make_encoder", None)
_pieces: Callable[..., Iterable[str]] = _encoder.iterencode
if _build is not None:
    _spell = json.encoder.encode_basestring
    _flags = (_IS_SORTED, _SKIPS_KEYS, _ALLOWS_NAN)
    _pieces = _build(None, _encoder.default, _spell, None, ":", ",", *_flags)

_quick = json.JSONDecoder(
    parse_int=_integer, parse_float=_refuse_number, parse_constant=_refuse_number
)
_careful = json.JSONDecoder(
    parse_int=_integer,
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
    object_pairs_hook=_object,
)
