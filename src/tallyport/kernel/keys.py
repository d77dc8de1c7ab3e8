"""Names of keys and the door to signatures; the arithmetic is behind adapters.

A key id names its algorithm and pins its key: ``ed25519:`` and the first 32 hex digits of the
SHA-256 of the public key. So another suite (SM2) stands beside Ed25519 without a new field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from tallyport.kernel.ids import KeyId, MemberId


@unique
class Suite(StrEnum):
    """Signature algorithms that the ledger knows by name."""

    ED25519 = "ed25519"
    SM2 = "sm2"


def key_id(suite: Suite, public: bytes) -> KeyId:
    """Return the id of `public`, a raw public key of `suite`."""
    return KeyId(f"{suite.value}:{hashlib.sha256(public).hexdigest()[:32]}")


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
