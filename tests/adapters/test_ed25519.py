"""Ed25519: the vectors of RFC 8032, and nothing that is not a signature passes."""

from __future__ import annotations

import pytest

from tallyport.adapters.ed25519 import SEED_BYTES, Signing, verify
from tallyport.kernel.keys import Suite, key_id

# RFC 8032, section 7.1: seed, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(seed: str, public: str, message: str, signature: str) -> None:
    """Key, signature and verification."""
    signing = Signing(bytes.fromhex(seed))
    assert signing.public.hex() == public
    assert signing.sign(bytes.fromhex(message)).hex() == signature
    key, text, line = (bytes.fromhex(one) for one in (public, message, signature))
    assert verify(Suite.ED25519, key, text, line)
    assert not verify(Suite.SM2, key, text, line)


def fits(parts: list[bytes]) -> bool:
    """Return whether key, message and signature belong together."""
    key, text, line = parts
    return verify(Suite.ED25519, key, text, line)


def test_every_changed_byte_is_refused() -> None:
    """Of key, message and signature; also a wrong length."""
    signing = Signing(bytes(SEED_BYTES))
    parts = [signing.public, b"message", signing.sign(b"message")]
    assert fits(parts)
    for number, part in enumerate(parts):
        for at in range(len(part)):
            forged = part[:at] + bytes((part[at] ^ 1,)) + part[at + 1 :]
            assert not fits([*parts[:number], forged, *parts[number + 1 :]])
        assert not fits([*parts[:number], part[1:], *parts[number + 1 :]])


def test_a_key_does_not_show_itself() -> None:
    """Its text form names it; two new ones differ."""
    signing = Signing.generate()
    assert repr(signing) == f"Signing({signing.key_id})"
    assert signing.seed.hex() not in repr(signing)
    assert signing.key_id == key_id(Suite.ED25519, signing.public)
    assert Signing.generate().seed != signing.seed
    assert Signing(signing.seed).public == signing.public
