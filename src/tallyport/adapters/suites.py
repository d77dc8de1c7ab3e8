"""Signature suites (签名算法套件): the one place that knows which module checks which suite.

    ed25519   RFC 8032 through libsodium         public key 32 bytes, signature 64
    sm2       GB/T 32918 with SM3 through Tongsuo     public key 65 bytes, signature 64

Members choose a suite a key. Logs and cosignatures are signed with Ed25519 always: the format of
checkpoints says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias, TypeGuard

from tallyport.adapters import ed25519, sm2
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Suite, Verify

VERIFIERS: Mapping[Suite, Verify] = {Suite.ED25519: ed25519.verify, Suite.SM2: sm2.verify}

Secret: TypeAlias = ed25519.Signing | sm2.Signing  # A private key that is in this process.


class Signing(Protocol):
    """A key that signs, wherever its secret is: in memory, or in a module that keeps it."""

    @property
    def suite(self) -> Suite:
        """Which algorithm."""
        ...

    @property
    def public(self) -> bytes:
        """The raw public key."""
        ...

    @property
    def key_id(self) -> KeyId:
        """The key's id."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return a signature over `message`."""
        ...


class SuiteError(FaultError):
    """A key of another suite is needed here."""


def verify(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `message` is `public`'s, a key of `suite`."""
    return VERIFIERS[suite](suite, public, message, signature)


def generate(suite: Suite) -> Secret:
    """Return a new key of `suite` from the system's source of chance."""
    match suite:
        case Suite.ED25519:
            return ed25519.Signing.generate()
        case Suite.SM2:
            return sm2.Signing.generate()


def from_seed(suite: Suite, seed: bytes) -> Secret:
    """Return the key of `suite` whose secret is `seed`.

    Raises:
        ValueError: no key has this secret.
    """
    match suite:
        case Suite.ED25519:
            return ed25519.Signing(seed)
        case Suite.SM2:
            return sm2.Signing(seed)


def is_secret(key: Signing) -> TypeGuard[Secret]:
    """Return whether the secret of `key` is in this process."""
    return isinstance(key, ed25519.Signing | sm2.Signing)


def for_log(key: Signing) -> ed25519.Signing:
    """Return `key`, which signs checkpoints.

    Raises:
        SuiteError: it is not an Ed25519 key in this process.
    """
    if not isinstance(key, ed25519.Signing):
        raise SuiteError(
            f"{key.key_id}: expected an Ed25519 key of the key store to sign checkpoints with;"
            " their format knows no other; make one with `tallyport init` in an empty folder"
        )
    return key
