"""Chinese national algorithms (国密): SM3, SM4, SM2, as our engine computes them.

    SM3                     digest
    SM4 single block        encrypted as often as the case says
    SM4-CBC, -GCM, -CCM     there and back; a changed tag or ciphertext must not open
    SM2 verify              with the signer's identity, 1234567812345678 unless the case has another
    SM2 decrypt             ASN.1, or C1 C3 C2 or C1 C2 C3 one behind the other
    SM2 public key          what the ledger takes as a key, and nothing else

Cases may spell a signature in DER; the ledger never does. A case without a result (`valid` false,
`error`) passes when we refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallyport.adapters import sm2, tongsuo
from tallyport.app.cases.suite import BeyondError, Case, differs
from tallyport.kernel.keys import Suite, is_public

IDENTITY = b"1234567812345678"
TAG_BYTES = 16
_POINT_BYTES, _DIGEST_BYTES, _NUMBER_BYTES = 65, 32, 32
_CURVE = (  # a, b and the base point, as ZA takes them (GB/T 32918.5).
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
_SHORT, _INTEGER, _OCTETS, _SEQUENCE = 0x80, 2, 4, 0x30


def judge(case: Case) -> str | None:
    """Return what is wrong with what we compute."""
    given, expected = case.input, case.expected
    name = str(given["algorithm"]).lower().replace("-", " ")
    if name.startswith("sm3"):
        came = tongsuo.sm3(_hex(given, "message_hex")).hex()
        return differs("digest", came=came, expected=expected["digest_hex"])
    if name.startswith("sm4"):
        return _sm4(name, given, expected)
    if name.startswith("sm2 verify"):
        return differs("valid", came=_is_signed(given), expected=_is_valid(expected))
    if name.startswith("sm2 public key"):
        came_valid = is_public(Suite.SM2, _hex(given, "public_key_hex"))
        return differs("valid", came=came_valid, expected=_is_valid(expected))
    if name.startswith("sm2 decrypt"):
        return differs("plaintext", came=_opened(name, given), expected=_result(expected))
    raise BeyondError(f"an algorithm called {given['algorithm']}")


def _sm4(name: str, given: Mapping[str, Any], expected: Mapping[str, Any]) -> str | None:
    key, plain = _hex(given, "key_hex"), _hex(given, "plaintext_hex")
    if "block" in name:
        came = tongsuo.encrypt_block(key, plain, int(given.get("repeat", 1))).hex()
        return differs("ciphertext", came=came, expected=expected["ciphertext_hex"])
    if "cbc" in name:
        return _cbc(key, _hex(given, "iv_hex"), plain, expected)
    modes = [mode for mode in tongsuo.Aead if mode.name.lower() in name]
    if not modes:
        raise BeyondError(f"a mode of SM4 called {given['algorithm']}")
    return _aead(modes[0], key, plain, given, expected.get("ciphertext_and_tag_hex"))


def _aead(
    mode: tongsuo.Aead, key: bytes, plain: bytes, given: Mapping[str, Any], wanted: str | None
) -> str | None:
    nonce, about = _hex(given, "nonce_hex"), _hex(given, "aad_hex")
    tag_bytes = int(given.get("tag_bytes", TAG_BYTES))
    try:
        sealed = tongsuo.seal(mode, key, nonce, plain, about, tag_bytes)
    except tongsuo.CipherError:
        return differs("sealed", came=None, expected=wanted)
    if sealed.hex() != wanted:
        return differs("sealed", came=sealed.hex(), expected=wanted)
    if tongsuo.unseal(mode, key, nonce, sealed, about, tag_bytes) != plain:
        return "what was sealed does not come back"
    try:
        forged = sealed[:-1] + bytes((sealed[-1] ^ 1,))
        tongsuo.unseal(mode, key, nonce, forged, about, tag_bytes)
    except tongsuo.CipherError:
        return None
    return "a changed tag was not noticed"


def _cbc(key: bytes, iv: bytes, plain: bytes, expected: Mapping[str, Any]) -> str | None:
    sealed = tongsuo.encrypt_cbc(key, iv, plain)
    if tongsuo.decrypt_cbc(key, iv, sealed) != plain:
        return "what was encrypted does not come back"
    return differs("ciphertext", came=sealed.hex(), expected=expected["ciphertext_hex"])


def _is_signed(given: Mapping[str, Any]) -> bool:
    public, signature = _hex(given, "public_key_hex"), _signature(given)
    if signature is None or not is_public(Suite.SM2, public):
        return False
    if "digest_hex" in given:
        return tongsuo.sm2_fits_digest(public, _hex(given, "digest_hex"), signature)
    message, identity = _message(given), _identity(given)
    if identity == IDENTITY:
        return sm2.verify(Suite.SM2, public, message, signature)
    head = (8 * len(identity)).to_bytes(2, "big") + identity + bytes.fromhex(_CURVE)
    digest = tongsuo.sm3(tongsuo.sm3(head + public[1:]) + message)
    return tongsuo.sm2_fits_digest(public, digest, signature)


def _message(given: Mapping[str, Any]) -> bytes:
    return str(given["message"]).encode() if "message" in given else _hex(given, "message_hex")


def _identity(given: Mapping[str, Any]) -> bytes:
    """Return the signer's identity, whatever the case calls it."""
    for name in ("uid", "user_id", "id", "identity"):
        if given.get(f"{name}_hex"):
            return bytes.fromhex(given[f"{name}_hex"])
        if given.get(name):
            return str(given[name]).encode()
    return IDENTITY


def _signature(given: Mapping[str, Any]) -> bytes | None:
    """Return r and s, 32 bytes each, or None when they cannot be so."""
    if "r_hex" in given:
        numbers = [int(given[name], 16) for name in ("r_hex", "s_hex")]
    else:
        spelled = given.get("signature_der_hex") or given.get("signature_hex", "")
        raw = bytes.fromhex(spelled)
        if "signature_der_hex" not in given and len(raw) == sm2.SIGNATURE_BYTES:
            return raw
        fields = _der(raw)
        if fields is None or [tag for tag, _ in fields] != [_INTEGER, _INTEGER]:
            return None
        numbers = [int.from_bytes(value, "big", signed=True) for _, value in fields]
    if not all(0 < number < sm2.ORDER for number in numbers):
        return None
    return b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in numbers)


def _opened(name: str, given: Mapping[str, Any]) -> str | None:
    secret = sm2.Signing(int(given["private_key_hex"], 16).to_bytes(_NUMBER_BYTES, "big"))
    try:
        if "ciphertext_der_hex" in given:
            sealed = _hex(given, "ciphertext_der_hex")
        else:
            sealed = _as_der(name, _hex(given, "ciphertext_hex"))
        return tongsuo.sm2_decrypt(secret, sealed).hex()
    except tongsuo.CipherError:
        return None


def _as_der(name: str, raw: bytes) -> bytes:
    """Return the parts of a ciphertext, which stand one behind the other, as ASN.1."""
    if raw[:1] == bytes((_SEQUENCE,)):
        return raw
    if len(raw) <= _POINT_BYTES + _DIGEST_BYTES or raw[0] != _OCTETS:
        raise BeyondError("a ciphertext whose point is not spelled with both its coordinates")
    point, rest = raw[1:_POINT_BYTES], raw[_POINT_BYTES:]
    is_old = "c1c2c3" in name.replace(" ", "").replace("|", "")
    digest = rest[-_DIGEST_BYTES:] if is_old else rest[:_DIGEST_BYTES]
    body = rest[:-_DIGEST_BYTES] if is_old else rest[_DIGEST_BYTES:]
    numbers = [
        int.from_bytes(half, "big") for half in (point[:_NUMBER_BYTES], point[_NUMBER_BYTES:])
    ]
    parts = [(_INTEGER, one.to_bytes(one.bit_length() // 8 + 1, "big")) for one in numbers]
    return _tlv(
        _SEQUENCE, b"".join(_tlv(*part) for part in [*parts, (_OCTETS, digest), (_OCTETS, body)])
    )


def _tlv(tag: int, value: bytes) -> bytes:
    """Return one element of DER."""
    size = len(value)
    if size < _SHORT:
        return bytes((tag, size)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + value


def _der(data: bytes) -> list[tuple[int, bytes]] | None:
    """Return the elements of a short SEQUENCE, or None when another spelling would be right."""
    if len(data) < 2 or data[0] != _SEQUENCE or data[1] != len(data) - 2 or data[1] >= _SHORT:  # noqa: PLR2004
        return None
    fields, rest = list[tuple[int, bytes]](), data[2:]
    while rest:
        if len(rest) < 2 or rest[1] >= _SHORT or len(rest) < 2 + rest[1]:  # noqa: PLR2004
            return None
        fields.append((rest[0], rest[2 : 2 + rest[1]]))
        rest = rest[2 + rest[1] :]
    if b"".join(_tlv(tag, _least(value)) for tag, value in fields) != data[2:]:
        return None
    return fields


def _least(value: bytes) -> bytes:
    """Return an INTEGER's bytes without what need not be there."""
    number = int.from_bytes(value, "big", signed=True)
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


def _hex(given: Mapping[str, Any], name: str) -> bytes:
    return bytes.fromhex(given.get(name) or "")


def _is_valid(expected: Mapping[str, Any]) -> bool:
    return bool(expected.get("valid", not expected.get("error")))


def _result(expected: Mapping[str, Any]) -> str | None:
    result: str | None = expected.get("plaintext_hex")
    return result
