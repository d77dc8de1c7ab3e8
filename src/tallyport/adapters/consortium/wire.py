"""Protocol buffers on the wire (线上编码): what ABCI needs of them and no more.

A message is a table of fields; a field has a number, a name and a kind. Values that are zero or
empty are not sent, and reading gives them back. Unknown fields are skipped, so that a newer
peer is understood.

    {"message": "hi"}  by  {1: Field("message", Kind.TEXT)}   =   0a 02 68 69

Source: Protocol Buffers encoding (proto3). Frames: an unsigned varint with the length, then the
message, as the socket protocol of ABCI wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, TypeAlias

from tallyport.kernel.guard import FaultError

FRAME_BYTES_MAX = 128 << 20  # A block has a few MiB; a longer frame is no frame.
DEPTH_MAX = 16  # Levels of messages in messages; ABCI has five.
_VARINT_BYTES_MAX = 10
_WORD = 1 << 64
_SIGN = 1 << 63
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class WireError(FaultError):
    """These bytes are no such message. Says what was expected and what came."""


@unique
class Kind(Enum):
    """What a field holds."""

    NUMBER = "number"  # int32, int64, enum: negative ones take ten bytes
    COUNT = "count"  # uint32, uint64, bool
    BYTES = "bytes"
    TEXT = "text"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    kind: Kind
    form: Form | None = None  # Of a message.
    many: bool = False


Form: TypeAlias = Mapping[int, Field]
Message: TypeAlias = dict[str, Any]  # Field names to int, bytes, str, Message, or lists of them.


def number(name: str) -> Field:
    """Return a field of a signed number."""
    return Field(name, Kind.NUMBER)


def count(name: str) -> Field:
    """Return a field of a number that is never negative."""
    return Field(name, Kind.COUNT)


def blob(name: str) -> Field:
    """Return a field of bytes."""
    return Field(name, Kind.BYTES)


def text(name: str) -> Field:
    """Return a field of text."""
    return Field(name, Kind.TEXT)


def one(name: str, form: Form) -> Field:
    """Return a field of one message."""
    return Field(name, Kind.MESSAGE, form)


def many(name: str, form: Form) -> Field:
    """Return a field of any number of messages."""
    return Field(name, Kind.MESSAGE, form, many=True)


def put_varint(value: int, out: bytearray) -> None:
    """Append `value`, which is not negative, seven bits a byte, lowest first."""
    while value > 127:  # noqa: PLR2004 - Seven bits.
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def varint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Return the number at `at` and where it ends.

    Raises:
        WireError: the bytes end inside it, or it has more than 64 bits.
    """
    value = shift = 0
    for place in range(at, min(at + _VARINT_BYTES_MAX, len(data))):
        byte = data[place]
        value |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 - The highest bit says that more follows.
            if value >= _WORD:
                break
            return value, place + 1
        shift += 7
    raise WireError(f"expected a number of at most 64 bits at byte {at} of {len(data)}")


def encode(form: Form, message: Mapping[str, Any]) -> bytes:
    """Return the bytes of `message`.

    Raises:
        WireError: it has a field that the form does not know.
    """
    out = bytearray()
    _encode(form, message, out)
    return bytes(out)


def _encode(form: Form, message: Mapping[str, Any], out: bytearray) -> None:
    known = 0
    for number, field in form.items():
        if field.name not in message:
            continue
        known += 1
        value = message[field.name]
        if not field.many:
            if value or (field.form is not None and value is not None):
                _put(number, field, value, out)
        elif field.kind in (Kind.NUMBER, Kind.COUNT):
            if value:
                _put_packed(number, value, out)
        else:
            for one in value:
                _put(number, field, one, out)
    if known != len(message):
        unknown = sorted(set(message) - {field.name for field in form.values()})
        raise WireError(f"expected fields of {[f.name for f in form.values()]}, got {unknown}")


def _put(number: int, field: Field, value: Any, out: bytearray) -> None:  # noqa: ANN401 - A field's.
    if field.kind in (Kind.NUMBER, Kind.COUNT):
        put_varint(number << 3 | _VARINT, out)
        put_varint(int(value) % _WORD, out)
        return
    put_varint(number << 3 | _BYTES, out)
    if field.form is not None:
        value = encode(field.form, value)
    elif field.kind is Kind.TEXT:
        value = value.encode()
    put_varint(len(value), out)
    out += value


def _put_packed(number: int, values: list[int], out: bytearray) -> None:
    packed = bytearray()
    for one in values:
        put_varint(one % _WORD, packed)
    put_varint(number << 3 | _BYTES, out)
    put_varint(len(packed), out)
    out += packed


def decode(form: Form, data: bytes, depth: int = 0) -> Message:
    """Return the message; a field that was not sent is zero, empty, None (a message) or [].

    Raises:
        WireError: the bytes are none of this form.
    """
    if depth > DEPTH_MAX:
        raise WireError(f"expected at most {DEPTH_MAX} levels of messages")
    message = blank(form)
    at, end = 0, len(data)
    while at < end:
        tag, at = varint(data, at)
        field, kind = form.get(tag >> 3), tag & 7
        raw: int | bytes
        if kind == _VARINT:
            raw, at = varint(data, at)
        elif kind == _BYTES:
            length, at = varint(data, at)
            raw, at = _slice(data, at, length), at + length
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
            raw, at = _slice(data, at, length), at + length
        else:
            raise WireError(f"expected a field of kind 0, 1, 2 or 5, got {kind}")
        if field is not None and kind in (_VARINT, _BYTES):
            _take(message, field, raw, depth)
    return message


def blank(form: Form) -> Message:
    """Return a message in which nothing was set."""
    return {field.name: _default(field) for field in form.values()}


def _slice(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise WireError(f"expected {length} bytes at byte {at}, got {len(data) - at}")
    return data[at : at + length]


def _take(message: Message, field: Field, raw: int | bytes, depth: int) -> None:
    if isinstance(raw, bytes) and field.kind in (Kind.NUMBER, Kind.COUNT) and field.many:
        at = 0
        while at < len(raw):
            one, at = varint(raw, at)
            message[field.name].append(_value(field, one, depth))
        return
    value = _value(field, raw, depth)
    if field.many:
        message[field.name].append(value)
    else:
        message[field.name] = value


def _value(field: Field, raw: int | bytes, depth: int) -> Any:  # noqa: ANN401 - A field's value.
    match field.kind, raw:
        case Kind.COUNT, int():
            return raw
        case Kind.NUMBER, int():
            return raw - _WORD if raw >= _SIGN else raw
        case Kind.BYTES, bytes():
            return raw
        case Kind.TEXT, bytes():
            try:
                return raw.decode()
            except UnicodeDecodeError as error:
                raise WireError(f"{field.name}: expected UTF-8: {error}") from None
        case Kind.MESSAGE, bytes() if field.form is not None:
            return decode(field.form, raw, depth + 1)
        case _:
            raise WireError(f"{field.name}: expected {field.kind.value}, got {type(raw).__name__}")


def _default(field: Field) -> Any:  # noqa: ANN401 - A field's value.
    if field.many:
        return []
    match field.kind:
        case Kind.NUMBER | Kind.COUNT:
            return 0
        case Kind.BYTES:
            return b""
        case Kind.TEXT:
            return ""
        case Kind.MESSAGE:
            return None


def frame(data: bytes) -> bytes:
    """Return `data` with its length before it."""
    out = bytearray()
    put_varint(len(data), out)
    out += data
    return bytes(out)


def take_frame(buffer: bytearray) -> bytes | None:
    """Take the first whole frame out of `buffer` and return it; None when more must come first.

    Raises:
        WireError: what stands there is no frame.
    """
    if not buffer or (len(buffer) < _VARINT_BYTES_MAX and all(byte > 127 for byte in buffer)):  # noqa: PLR2004 - The length is not whole yet.
        return None
    length, at = varint(buffer, 0)
    if length > FRAME_BYTES_MAX:
        raise WireError(f"expected a frame of at most {FRAME_BYTES_MAX} bytes, got {length}")
    if len(buffer) < at + length:
        return None
    data = bytes(buffer[at : at + length])
    del buffer[: at + length]
    return data
