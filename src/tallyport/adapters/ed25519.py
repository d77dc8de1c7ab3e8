"""Ed25519 (RFC 8032) through libsodium: the first signature suite."""

from __future__ import annotations

from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Suite, key_id

_PUBLIC_BYTES = 32
_SIGNATURE_BYTES = 64
SEED_BYTES = 32


def verify(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `message` is `public`'s; other suites never fit here."""
    if (
        suite is not Suite.ED25519
        or len(public) != _PUBLIC_BYTES
        or len(signature) != _SIGNATURE_BYTES
    ):
        return False
    try:
        crypto_sign_open(signature + message, public)  # Lets other threads run meanwhile.
    except CryptoError:
        return False
    return True


class Signing:
    """A private key in memory. Its text form never shows it."""

    suite = Suite.ED25519

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public = bytes(self._key.verify_key)
        self.key_id: KeyId = key_id(self.suite, self.public)

    @classmethod
    def generate(cls) -> Signing:
        """Return a new key from the system's source of chance."""
        return cls(bytes(SigningKey.generate()))

    @property
    def seed(self) -> bytes:
        """The secret, for a key store to keep."""
        return bytes(self._key)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`, 64 bytes; equal messages give equal signatures."""
        return self._key.sign(message).signature

    def __repr__(self) -> str:
        return f"Signing({self.key_id})"
