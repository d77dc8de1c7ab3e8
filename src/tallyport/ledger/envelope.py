"""A signed wish (命令信封): who asks, for what, until when, under which idempotency key.

    {"body":{"channel":"main","commands":[...],"idempotency_key":"order-7","key_id":"ed25519:...",
             "valid_until":"2024-04-05T00:00:00.000000Z"},"signature":"base64"}

The signature covers `DOMAIN` and the canonical bytes of the body, so it fits nothing else. All
commands of an envelope happen or none does (linked commands, 联动命令).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from tallyport.kernel.canonical import Json, MalformedError, decode, digest, utf8
from tallyport.kernel.form import Codec, codec, decode_moment, encode_moment
from tallyport.kernel.ids import KeyId

DOMAIN = b"tallyport/envelope/1\n"
COMMANDS_MAX = 100  # One entry is judged in one go; a hundred keep it short.
SIGNATURE_BYTES_MAX = 256  # Ed25519 and SM2 need 64.

_BODY = frozenset({"channel", "commands", "idempotency_key", "key_id", "valid_until"})
_id = codec(KeyId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is signed."""

    channel: str
    key_id: KeyId
    idempotency_key: str
    valid_until: datetime
    commands: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A body, its bytes as they came, and the signature over them."""

    body: Body
    signed: bytes  # DOMAIN and the body's canonical bytes.
    signature: bytes
    raw: bytes  # The whole envelope's canonical bytes; what an entry keeps.
    content: str  # Digest of the commands: tells a retry from another wish under the same key.


def body_bytes(body: Body, commands: Codec) -> bytes:
    """Return the canonical bytes of `body`, whose commands `commands` encodes."""
    wishes = ",".join([commands.spell(command) for command in body.commands])
    return utf8(
        f'{{"channel":{_id.spell(body.channel)},"commands":[{wishes}],'
        f'"idempotency_key":{_id.spell(body.idempotency_key)},"key_id":{_id.spell(body.key_id)},'
        f'"valid_until":"{encode_moment(body.valid_until)}"}}'
    )


def seal(body: bytes, signature: bytes) -> bytes:
    """Return the canonical bytes of an envelope."""
    return b'{"body":' + body + b',"signature":"' + base64.b64encode(signature) + b'"}'


def parse(raw: bytes, commands: Codec) -> Envelope:
    """Read an envelope as it came from outside.

    Raises:
        MalformedError: not an envelope, not canonical, or a command that no contract knows.
    """
    return understand(decode(raw), raw, commands)


def understand(value: Json, raw: bytes, commands: Codec) -> Envelope:
    """Return the envelope that `value` is, whose canonical bytes are `raw`.

    Raises:
        MalformedError: not an envelope, or a command that no contract knows.
    """
    if not isinstance(value, dict) or value.keys() != {"body", "signature"}:
        raise MalformedError('expected an envelope {"body":...,"signature":...}')
    body, encoded = value["body"], value["signature"]
    if not isinstance(body, dict) or body.keys() != _BODY:
        raise MalformedError(f"expected a body with exactly {sorted(_BODY)}")
    parsed = _body(body, commands)
    # Canonical bytes have one lay-out, so what is hashed and what is signed are slices of it.
    before = f'{{"body":{{"channel":"{parsed.channel}","commands":'
    between = (
        f',"idempotency_key":"{parsed.idempotency_key}","key_id":"{parsed.key_id}"'
        f',"valid_until":"{body["valid_until"]}"}}'
    )
    after = f',"signature":"{encoded}"}}'
    return Envelope(
        body=parsed,
        signed=DOMAIN + raw[len('{"body":') : -len(after)],
        signature=_signature(encoded),
        raw=raw,
        content=digest(raw[len(before) : -len(between + after)]),
    )


def _signature(encoded: Json) -> bytes:
    try:
        text = encoded if isinstance(encoded, str) else "?"
        signature = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        raise MalformedError("expected a signature in base64") from None
    spelled = binascii.b2a_base64(signature, newline=False).decode()
    if len(signature) > SIGNATURE_BYTES_MAX or spelled != encoded:
        raise MalformedError("expected a signature in canonical base64, at most 256 bytes")
    return signature


def _body(body: dict[str, Json], commands: Codec) -> Body:
    wishes = body["commands"]
    if not isinstance(wishes, list) or not 1 <= len(wishes) <= COMMANDS_MAX:
        raise MalformedError(f"commands: expected 1 to {COMMANDS_MAX} commands in an array")
    decoded = []
    for number, wish in enumerate(wishes):
        try:
            decoded.append(commands.decode(wish))
        except MalformedError as error:
            raise MalformedError(f"commands[{number}]: {error}") from None
    return Body(
        channel=_id.decode(body["channel"]),
        key_id=KeyId(_id.decode(body["key_id"])),
        idempotency_key=_id.decode(body["idempotency_key"]),
        valid_until=decode_moment(body["valid_until"]),
        commands=tuple(decoded),
    )
