"""SM2 signatures (国密 SM2) with SM3 digest, GB/T 32918.2, through Tongsuo: the second suite.

    public key   65 bytes: 04, x, y          a point of the curve; no compressed or hybrid form
    signature    64 bytes: r, s              1 <= r, s < n; DER is refused, so there is one spelling
    identity     1234567812345678            of every signer: it goes into ZA, GB/T 35276 section 10

Who has one signature cannot make another of it: r follows from the message and the point that s
and r lead to, and no sign can be turned (with ECDSA n - s passes too). The signer can make as many
as it likes, since each has a random number in it; nothing on the ledger is named by a signature.

Verification is whole-number arithmetic: equal arguments give an equal answer on every machine. It
costs five times as much as Ed25519 and lets other threads run meanwhile.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tongsuopy.crypto import hashes  # type: ignore[import-untyped]
from tongsuopy.crypto.asymciphers import ec  # type: ignore[import-untyped]
from tongsuopy.crypto.exceptions import InternalError, InvalidSignature  # type: ignore[import-untyped]
from tongsuopy.crypto.serialization import Encoding, PublicFormat  # type: ignore[import-untyped]

from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Suite, key_id

ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SECRET_BYTES = 32
PUBLIC_BYTES = 65
SIGNATURE_BYTES = 64
KEYS_MAX = 4_096  # Public keys kept ready: reading one costs a tenth of a verification.
_UNCOMPRESSED = 4
_HALF = 32
_ALGORITHM = ec.ECDSA(hashes.SM3())  # The engine's name for "with this digest"; the curve decides.


def verify(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `message` is `public`'s; other suites never fit here."""
    der = der_of(signature)
    if suite is not Suite.SM2 or der is None:
        return False
    try:
        read_public(public).verify(der, message, _ALGORITHM)
    except (InvalidSignature, InternalError, ValueError):
        return False
    return True


@lru_cache(maxsize=KEYS_MAX)
def read_public(public: bytes) -> Any:  # noqa: ANN401 - The engine has no types.
    """Return the engine's form of a public key.

    Raises:
        ValueError: not 65 bytes that begin with 04, or not a point of the curve.
    """
    if len(public) != PUBLIC_BYTES or public[0] != _UNCOMPRESSED:
        raise ValueError(f"expected {PUBLIC_BYTES} bytes that begin with 04, got {len(public)}")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SM2(), public)
    except InternalError:
        raise ValueError("expected a point of the curve") from None


class Signing:
    """A private key in memory. Its text form never shows it."""

    suite = Suite.SM2

    def __init__(self, seed: bytes) -> None:
        number = int.from_bytes(seed)
        if len(seed) != SECRET_BYTES or not 0 < number < ORDER - 1:
            raise ValueError(f"expected {SECRET_BYTES} bytes from 1 to n - 2")
        self.engine: Any = ec.derive_private_key(number, ec.SM2())
        self.seed = seed
        self.public: bytes = self.engine.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.key_id: KeyId = key_id(self.suite, self.public)

    @classmethod
    def generate(cls) -> Signing:
        """Return a new key from the engine's source of chance."""
        number: int = ec.generate_private_key(ec.SM2()).private_numbers().private_value
        return cls(number.to_bytes(SECRET_BYTES))

    def sign(self, message: bytes) -> bytes:
        """Return a signature over `message`, 64 bytes; each time another one."""
        r, s = _halves(self.engine.sign(message, _ALGORITHM))
        return r.to_bytes(_HALF) + s.to_bytes(_HALF)

    def __repr__(self) -> str:
        return f"Signing({self.key_id})"


def der_of(signature: bytes) -> bytes | None:
    """Return SEQUENCE { r, s }, as the engine wants it; None when they are none."""
    if len(signature) != SIGNATURE_BYTES:
        return None
    numbers = [int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:])]
    if not all(0 < number < ORDER for number in numbers):
        return None
    parts = b"".join(b"\x02" + bytes((len(one),)) + one for one in map(_integer, numbers))
    return b"\x30" + bytes((len(parts),)) + parts


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def _halves(der: bytes) -> tuple[int, int]:
    """Return r and s of what the engine made."""
    end = 4 + der[3]
    return int.from_bytes(der[4:end]), int.from_bytes(der[end + 2 :])
