"""Names of keys and the door to signatures; the arithmetic is behind adapters.

A key id names its algorithm and pins its key: ``ed25519:`` and the first 32 hex digits of the
SHA-256 of the public key. So two suites stand side by side without a new field:

    ed25519   RFC 8032                  public key 32 bytes
    sm2       GB/T 32918, SM3 (国密)    public key 65 bytes: 04, x, y, a point of the curve
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, Protocol

from tallyport.kernel.ids import KeyId, MemberId


@unique
class Suite(StrEnum):
    """Signature algorithms that the ledger knows by name."""

    ED25519 = "ed25519"
    SM2 = "sm2"


_PUBLIC_BYTES: Final = {Suite.ED25519: 32, Suite.SM2: 65}
_UNCOMPRESSED: Final = 4  # First byte of a point with both its coordinates.
# y^2 = x^3 + a x + b over a field of SM2_FIELD: GB/T 32918.5.
_SM2_FIELD: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SM2_A: Final = _SM2_FIELD - 3
_SM2_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93


def key_id(suite: Suite, public: bytes) -> KeyId:
    """Return the id of `public`, a raw public key of `suite`."""
    return KeyId(f"{suite.value}:{hashlib.sha256(public).hexdigest()[:32]}")


def is_public(suite: Suite, public: bytes) -> bool:
    """Return whether `public` has the size of its suite; with SM2 also: is a point of the curve."""
    if len(public) != _PUBLIC_BYTES[suite]:
        return False
    return suite is Suite.ED25519 or _is_sm2_point(public)


def _is_sm2_point(public: bytes) -> bool:
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    lies_on_it = (y * y - x * x * x - _SM2_A * x - _SM2_B) % _SM2_FIELD == 0
    return public[0] == _UNCOMPRESSED and x < _SM2_FIELD and y < _SM2_FIELD and lies_on_it


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whose key it is."""

    member: MemberId
    suite: Suite
    public: bytes


class Verify(Protocol):
    """Check one signature. Equal arguments give an equal answer on every machine."""

    def __call__(self, suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether `signature` over `message` is `public`'s."""
        ...
