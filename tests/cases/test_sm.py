"""Chinese national algorithms in every form that a case may have, good and bad.

Goal: an odd encoding is judged, not tripped over; what must not pass does not. Method: the values
of the standards and of openssl, spelled in each way; ciphertexts of ours in each order.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from support.shared import shared
from support.sm2_oracle import digest_of
from tallyport.adapters import tongsuo
from tallyport.adapters.sm2 import ORDER, Signing
from tallyport.app.cases import sm
from tallyport.app.cases.suite import BeyondError, Case

# GB/T 32918.5: the worked example, by its public key.
PUBLIC = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
S = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
DER = f"3046022100{R}022100{S}"
SIGNED = {
    "algorithm": "SM2 verify",
    "public_key_hex": PUBLIC,
    "message_hex": b"message digest".hex(),
}
OURS = Signing(bytes(31) + b"\7")
KEY = "0123456789abcdeffedcba9876543210"


def judged(given: dict[str, Any], **expected: object) -> str | None:
    """Return what is wrong."""
    return sm.judge(Case(id="case", input=given, expected=expected))


@pytest.mark.parametrize(
    ("given", "valid"),
    [
        ({"signature_der_hex": DER}, True),
        ({"signature_hex": DER}, True),
        ({"signature_hex": R + S}, True),
        ({"r_hex": R, "s_hex": S}, True),
        ({"signature_hex": R + S, "uid": "1234567812345678"}, True),
        ({"signature_hex": R + S, "uid_hex": b"1234567812345678".hex()}, True),
        ({"signature_hex": R + S, "digest_hex": "00" * 32}, False),
        ({"signature_hex": R + S, "uid": "1234567812345679"}, False),
        ({"signature_der_hex": DER + "00"}, False),
        ({"signature_der_hex": f"308146022100{R}022100{S}"}, False),  # A length too long.
        ({"signature_der_hex": f"304702220000{R}022100{S}"}, False),  # A zero too many.
        ({"signature_der_hex": f"30440220{R}0220{S}"}, False),  # Two negative numbers.
        ({"signature_der_hex": f"3043022100{R}"}, False),
        ({"signature_der_hex": ""}, False),
        ({"r_hex": "00", "s_hex": S}, False),
        ({"r_hex": R, "s_hex": f"{ORDER:x}"}, False),
        ({"signature_hex": R + S, "public_key_hex": PUBLIC[2:]}, False),
        ({"signature_hex": R + S, "message": "another"}, False),
    ],
)
def test_signatures(given: dict[str, Any], *, valid: bool) -> None:
    """DER, two numbers, or one behind the other; the identity of the case or the usual one."""
    assert judged({**SIGNED, **given}, valid=valid) is None
    assert judged({**SIGNED, **given}, valid=not valid) is not None


def test_another_identity() -> None:
    """A signature that names its signer so passes with that name only."""
    found = digest_of(bytes.fromhex(PUBLIC), b"message digest")
    by_digest = {**SIGNED, "signature_hex": R + S, "digest_hex": found.to_bytes(32, "big").hex()}
    assert judged(by_digest, valid=True) is None


@pytest.mark.parametrize(
    ("public", "valid"),
    [(PUBLIC, True), (PUBLIC[2:], False), ("", False), (PUBLIC[:-1] + "2", False), ("00", False)],
)
def test_public_keys(public: str, *, valid: bool) -> None:
    """With 04 in front, on the curve."""
    given = {"algorithm": "SM2 public key decode (uncompressed point)", "public_key_hex": public}
    assert judged(given, valid=valid) is None


def parts_of(der: bytes) -> tuple[bytes, bytes, bytes]:
    """Return point, digest and body of a short ciphertext."""
    values, rest = [], der[2:]
    while rest:
        values.append(rest[2 : 2 + rest[1]])
        rest = rest[2 + rest[1] :]
    x, y = (int.from_bytes(one, "big").to_bytes(32, "big") for one in values[:2])
    return b"\4" + x + y, values[2], values[3]


def test_ciphertexts_in_every_order() -> None:
    """ASN.1, the new and the old order; a changed byte does not open."""
    point, digest, body = parts_of(tongsuo.sm2_encrypt(OURS.public, b"hello"))
    orders = {"C1C3C2": point + digest + body, "C1C2C3": point + body + digest}
    for order, sealed in orders.items():
        given = {
            "algorithm": f"SM2 decrypt, {order}",
            "private_key_hex": OURS.seed.hex(),
            "ciphertext_hex": sealed.hex(),
        }
        assert judged(given, plaintext_hex=b"hello".hex()) is None
        given["ciphertext_hex"] = (sealed[:-1] + bytes((sealed[-1] ^ 1,))).hex()
        assert judged(given, valid=False) is None
    with pytest.raises(BeyondError, match="both its coordinates"):
        judged({**given, "ciphertext_hex": "02" + "11" * 80})


def test_a_long_ciphertext() -> None:
    """Its lengths take more than a byte."""
    for size in (100, 300, 70_000):
        sealed = tongsuo.sm2_encrypt(OURS.public, bytes(size))
        assert tongsuo.sm2_decrypt(OURS, sealed) == bytes(size)


def test_what_openssl_computed() -> None:
    """SM2 decryption and signatures over given digests, SM3, SM4: other values than our suite."""
    path = shared("data", "standards", "sm_crypto", "sm_vectors_openssl.json")
    vectors = json.loads(path.read_text("utf-8"))
    for one in vectors["sm3"]:
        assert tongsuo.sm3(bytes.fromhex(one["input_hex"])).hex() == one["digest"]
    known = vectors["sm2"]
    secret = Signing(
        base64.b64decode("".join(known["private_key_pkcs8_pem"].splitlines()[1:-1]))[36:68]
    )
    for one in known["verify_over_given_digest_e"]:
        given = {
            "algorithm": "SM2 verify",
            "public_key_hex": secret.public.hex(),
            "digest_hex": one["e"],
            "signature_der_hex": one["signature_der"],
        }
        assert judged(given, valid=one["valid"]) is None
    for one in known["decrypt"]:
        sealed = bytes.fromhex(one["ciphertext_der_c1c3c2"])
        assert tongsuo.sm2_decrypt(secret, sealed).decode() == one["plaintext_utf8"]


@pytest.mark.parametrize("repeat", [1, 2, 4_096, 4_097, 4_098, 10_000])
def test_a_block_again_and_again(repeat: int) -> None:
    """As often as wanted: the chain is cut into pieces nowhere else than the count says."""
    block = bytes.fromhex(KEY)
    for _ in range(repeat):
        block = tongsuo.encrypt_block(bytes.fromhex(KEY), block)
    assert tongsuo.encrypt_block(bytes.fromhex(KEY), bytes.fromhex(KEY), repeat) == block


def test_a_million_times() -> None:
    """GB/T 32907, A.2."""
    given = {
        "algorithm": "SM4 single block",
        "key_hex": KEY,
        "plaintext_hex": KEY,
        "repeat": 1_000_000,
    }
    assert judged(given, ciphertext_hex="595298c7c6fd271f0402f804c33d3f66") is None


@pytest.mark.parametrize("mode", list(tongsuo.Aead))
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100])
def test_sealed_comes_back(mode: tongsuo.Aead, size: int) -> None:
    """With every size of tag and nonce, with and without something about it."""
    nonces = (7, 12, 13) if mode is tongsuo.Aead.CCM else (1, 8, 12, 16, 60)
    key = bytes(16)
    for nonce in nonces:
        for tag in (4, 8, 12, 16):
            for about in (b"", b"about"):
                sealed = tongsuo.seal(mode, key, bytes(nonce), bytes(size), about, tag)
                assert len(sealed) == size + tag
                assert tongsuo.unseal(mode, key, bytes(nonce), sealed, about, tag) == bytes(size)
                with pytest.raises(tongsuo.CipherError):
                    tongsuo.unseal(mode, key, bytes(nonce), sealed, about + b"!", tag)


def test_sizes_that_are_none() -> None:
    """Refused in our words; a case that expects it passes."""
    ccm = {"algorithm": "SM4-CCM", "key_hex": KEY, "plaintext_hex": "00", "aad_hex": ""}
    assert judged({**ccm, "nonce_hex": "00" * 14, "tag_bytes": 16}, error="nonce") is None
    assert judged({**ccm, "nonce_hex": "00" * 12, "tag_bytes": 3}, error="tag") is None
    assert judged({**ccm, "key_hex": "00", "nonce_hex": "00" * 12}, error="key") is None
    assert judged({**ccm, "nonce_hex": "00" * 12}, ciphertext_and_tag_hex="00") is not None
    with pytest.raises(tongsuo.CipherError, match="expected a tag"):
        tongsuo.unseal(tongsuo.Aead.GCM, bytes(16), bytes(12), b"short", b"", 16)
    with pytest.raises(tongsuo.CipherError, match="expected 16 bytes"):
        tongsuo.encrypt_block(bytes(16), b"short")
    for sealed in (b"", bytes(15), bytes(16)):
        with pytest.raises(tongsuo.CipherError):
            tongsuo.decrypt_cbc(bytes(16), bytes(16), sealed)


@pytest.mark.parametrize("name", ["SM9", "SM4-XTS"])
def test_what_we_do_not_have_is_beyond(name: str) -> None:
    """Never counted as passed."""
    with pytest.raises(BeyondError, match=name):
        judged({"algorithm": name, "key_hex": KEY, "plaintext_hex": ""})
