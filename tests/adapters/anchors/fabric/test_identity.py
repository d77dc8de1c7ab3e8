"""Whoever signs for Fabric does it as Fabric wants it, and says so when the files do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from support.fabric_gateway import papers
from tallyport.adapters.anchors.fabric.identity import ORDER, Identity, holder
from tallyport.adapters.anchors.port import AnchorError


def test_signatures_are_of_the_lower_half(tmp_path: Path) -> None:
    """Half of them would not be without care; each is one of the key."""
    one = papers(tmp_path, "ali")
    identity = Identity.read("AliMSP", one.certificate, one.key)
    public = x509.load_pem_x509_certificate(identity.certificate).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    for number in range(40):
        message = number.to_bytes(2)
        signature = identity.sign(message)
        public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        assert utils.decode_dss_signature(signature)[1] <= ORDER // 2


def test_its_text_form_shows_no_key(tmp_path: Path) -> None:
    """It may stand in a log."""
    one = papers(tmp_path, "ali")
    assert "PrivateKey" not in repr(Identity.read("AliMSP", one.certificate, one.key))


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    """Each says which file, and what was expected of it."""
    ali, bek = papers(tmp_path, "ali"), papers(tmp_path, "bek")
    other = papers(tmp_path, "other", curve=ec.SECP384R1())
    locked = tmp_path / "locked.pem"
    key = load_pem_private_key(ali.key.read_bytes(), None)
    locked.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    )
    for certificate, secret, words in (
        (tmp_path / "none", ali.key, "none: cannot read"),
        (ali.certificate, tmp_path / "none", "none: cannot read"),
        (ali.key, ali.key, "expected a certificate"),
        (ali.certificate, ali.certificate, "expected a private key"),
        (ali.certificate, locked, "no passphrase"),
        (ali.certificate, bek.key, "bek-key.pem: expected the key of .*ali.pem"),
        (other.certificate, other.key, "curve P-256"),
    ):
        with pytest.raises(AnchorError, match=words):
            Identity.read("AliMSP", certificate, secret)


def test_a_holder_stays_the_same_with_a_new_certificate(tmp_path: Path) -> None:
    """Member, name and issuer count, not the key; another member with the same name is another."""
    first = papers(tmp_path, "ali").certificate.read_bytes()
    second = papers(tmp_path, "ali").certificate.read_bytes()
    assert first != second
    assert holder("AliMSP", first) == holder("AliMSP", second) == "AliMSP: CN=ali; CN=ali"
    assert holder("BekMSP", first) != holder("AliMSP", first)
    with pytest.raises(ValueError, match="expected a certificate"):
        holder("AliMSP", b"x")
