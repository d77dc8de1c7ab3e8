"""SM2: the example of the standard, arithmetic that shares no code, and one spelling only.

Goal: what others sign passes, what we sign passes elsewhere, nothing else ever does. Method: the
worked example of GB/T 32918.5, an oracle of whole numbers written from the standard (digest by the
engine), then every byte changed and every other encoding refused.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sm2_oracle import FIELD, GENERATOR, digest_of, is_signature
from tallyport.adapters.sm2 import (
    KEYS_MAX,
    ORDER,
    PUBLIC_BYTES,
    SECRET_BYTES,
    SIGNATURE_BYTES,
    Signing,
    verify,
)
from tallyport.kernel.keys import Suite, is_public, key_id

SCALAR = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
PUBLIC = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
S = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
MESSAGE = b"message digest"
OURS = Signing(bytes.fromhex(SCALAR))


@settings(max_examples=10)
@given(message=st.binary(max_size=300), secret=st.integers(1, ORDER - 2))
def test_what_we_sign_is_a_signature_by_the_book(message: bytes, secret: int) -> None:
    """Checked by arithmetic of its own; and our check agrees, for this message only."""
    signing = Signing(secret.to_bytes(SECRET_BYTES))
    signature = signing.sign(message)
    assert len(signature) == SIGNATURE_BYTES
    assert is_signature(signing.public, digest_of(signing.public, message), signature)
    assert verify(Suite.SM2, signing.public, message, signature)
    assert not verify(Suite.SM2, signing.public, message + b"\0", signature)


def test_the_example_of_the_standard() -> None:
    """GB/T 32918.5: key, identity 1234567812345678, signature."""
    assert OURS.public.hex() == PUBLIC
    assert verify(Suite.SM2, OURS.public, MESSAGE, bytes.fromhex(R + S))
    assert not verify(Suite.ED25519, OURS.public, MESSAGE, bytes.fromhex(R + S))


def test_every_changed_byte_is_refused() -> None:
    """Of key, message and signature."""
    parts = [OURS.public, MESSAGE, bytes.fromhex(R + S)]
    for number, part in enumerate(parts):
        for at in range(len(part)):
            forged = list(parts)
            forged[number] = part[:at] + bytes((part[at] ^ 1,)) + part[at + 1 :]
            assert not verify(Suite.SM2, forged[0], forged[1], forged[2])


def spelled(r: int, s: int) -> bytes:
    """Return r and s as we write them."""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


FINE_R, FINE_S = int(R, 16), int(S, 16)
SIGNATURES = [
    b"",
    spelled(FINE_R, FINE_S)[1:],
    spelled(FINE_R, FINE_S) + b"\0",
    b"\0" + spelled(FINE_R, FINE_S),
    bytes.fromhex(f"30460221 00{R} 0221 00{S}"),  # DER: the same numbers, another spelling.
    spelled(0, FINE_S),
    spelled(FINE_R, 0),
    spelled(ORDER, FINE_S),
    spelled(FINE_R, ORDER),
    spelled(FINE_R, ORDER - FINE_S),  # What would pass with ECDSA.
    spelled(ORDER - FINE_R, FINE_S),
    spelled(FINE_S, FINE_R),
    bytes(64),
    b"\xff" * 64,
]
X, Y = PUBLIC[2:66], PUBLIC[66:]
PUBLICS = [
    b"",
    b"\0",  # The point at infinity.
    bytes(PUBLIC_BYTES),
    bytes.fromhex(X + Y),
    bytes.fromhex("02" + X),  # Compressed.
    bytes.fromhex("03" + X),
    bytes.fromhex("06" + X + Y),  # Hybrid.
    bytes.fromhex("07" + X + Y),
    bytes.fromhex("04" + X + Y + "00"),
    bytes.fromhex("04" + Y + X),  # Off the curve.
    b"\4" + bytes(64),
    b"\4" + FIELD.to_bytes(32, "big") + bytes.fromhex(Y),
    b"\4" + b"\xff" * 64,
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_has_one_spelling(signature: bytes) -> None:
    """And its numbers lie in their range."""
    assert not verify(Suite.SM2, OURS.public, MESSAGE, signature)


@pytest.mark.parametrize("public", PUBLICS)
def test_a_public_key_has_one_spelling(public: bytes) -> None:
    """The ledger refuses it before anybody signs with it, and so does the check."""
    assert not is_public(Suite.SM2, public)
    assert not verify(Suite.SM2, public, MESSAGE, bytes.fromhex(R + S))


def test_sound_public_keys() -> None:
    """Those that the ledger takes are those that the engine reads."""
    base = b"\4" + b"".join(one.to_bytes(32, "big") for one in GENERATOR)
    for public in (OURS.public, base, Signing.generate().public):
        assert is_public(Suite.SM2, public)
    assert is_public(Suite.ED25519, bytes(32))
    assert not is_public(Suite.ED25519, OURS.public)


@pytest.mark.parametrize(
    "seed", [b"", bytes(32), bytes(31), ORDER.to_bytes(32, "big"), (ORDER - 1).to_bytes(32, "big")]
)
def test_a_secret_that_is_none_is_refused(seed: bytes) -> None:
    """Zero, n - 1 (its signatures would show it) and what is not below n."""
    with pytest.raises(ValueError, match="expected 32 bytes"):
        Signing(seed)


def test_a_key_does_not_show_itself() -> None:
    """Its text form names it; two new ones differ, and so do two signatures over one message."""
    signing = Signing.generate()
    assert repr(signing) == f"Signing({signing.key_id})"
    assert signing.key_id == key_id(Suite.SM2, signing.public)
    assert signing.key_id.startswith("sm2:")
    assert Signing.generate().seed != signing.seed
    assert Signing(signing.seed).public == signing.public
    assert signing.sign(MESSAGE) != signing.sign(MESSAGE)


def test_many_keys_are_read_again() -> None:
    """What is kept ready is bounded."""
    assert KEYS_MAX < 1 << 16
