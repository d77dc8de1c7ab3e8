"""Who speaks to Fabric (身份): a certificate of a member's CA and its key, ECDSA over P-256.

    signature    DER of r and s over SHA-256, with s in the lower half of the order

Fabric refuses a signature with an s of the upper half, for n - s would pass as well and one
transaction would have two spellings. Needs the package `cryptography`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tallyport.adapters.anchors.fabric.schema import SERIALIZED_IDENTITY
from tallyport.adapters.anchors.port import AnchorError
from tallyport.adapters.consortium.wire import encode

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Identity:
    """A key that signs, and the certificate that says whose it is."""

    member: str  # Fabric's name for an institution: MSP id.
    certificate: bytes  # PEM
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def read(cls, member: str, certificate: Path, key: Path) -> Identity:
        """Read both from PEM files.

        Raises:
            AnchorError: one cannot be read, the key is none of P-256, or they do not fit.
        """
        try:
            chain, secret = certificate.read_bytes(), key.read_bytes()
        except OSError as error:
            raise AnchorError(f"{error.filename}: cannot read: {error.strerror}") from error
        try:
            loaded = load_pem_private_key(secret, password=None)
        except (TypeError, ValueError) as error:
            raise AnchorError(f"{key}: expected a private key, PEM, no passphrase") from error
        try:
            public = x509.load_pem_x509_certificate(chain).public_key()
        except ValueError as error:
            raise AnchorError(f"{certificate}: expected a certificate, PEM") from error
        if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not _is_p256(loaded.curve):
            raise AnchorError(f"{key}: expected a key of the curve P-256")
        if public != loaded.public_key():
            raise AnchorError(f"{key}: expected the key of {certificate}, got another one")
        return cls(member, chain, loaded)

    @property
    def serialized(self) -> bytes:
        """As it stands in every header."""
        return encode(SERIALIZED_IDENTITY, {"mspid": self.member, "id_bytes": self.certificate})

    def sign(self, message: bytes) -> bytes:
        """Return a signature over `message` that Fabric takes."""
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return utils.encode_dss_signature(r, min(s, ORDER - s))


def _is_p256(curve: ec.EllipticCurve) -> bool:
    return isinstance(curve, ec.SECP256R1)


def holder(member: str, certificate: bytes) -> str:
    """Return who a certificate speaks for: the same after it was renewed.

    Raises:
        ValueError: these bytes are no certificate.
    """
    try:
        read = x509.load_pem_x509_certificate(certificate)
    except ValueError as error:
        raise ValueError(f"expected a certificate, PEM: {error}") from error
    return f"{member}: {read.subject.rfc4514_string()}; {read.issuer.rfc4514_string()}"
