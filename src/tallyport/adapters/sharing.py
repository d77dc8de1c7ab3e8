"""Documents for another member (授权阅读): their keys, wrapped to what it published.

    {"format":"tallyport-grant/1","scheme":"x25519","sealed":"...","to":"silk-factoring","wrapped":"..."}

A key for this one file is wrapped: X25519 sealed box (libsodium: X25519, XSalsa20-Poly1305), or SM2
encryption. The rest is sealed with it (XChaCha20-Poly1305): whose documents, their data keys, the
documents as they lie encrypted. So the file tells others nothing but whom it is for and how large
it is. It is never put on the ledger, where it could be opened for good.

The file does not say truly who made it. It need not: every document in it must be what the ledger
says was attested, which `app.sharing` checks.

A member's encryption key is kept in its key store like one that signs: for X25519 an Ed25519 seed,
turned as libsodium does; for SM2 a key of that curve. It never signs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from nacl.bindings import crypto_sign_ed25519_sk_to_curve25519
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead
from nacl.signing import SigningKey
from nacl.utils import random

from tallyport.adapters import ed25519, sm2, tongsuo
from tallyport.adapters.documents import Kept, Opened
from tallyport.adapters.suites import Secret
from tallyport.contracts.members.encryption import EncryptionKey, Scheme
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite

FORMAT = "tallyport-grant/1"
GRANT_BYTES_MAX = 1 << 30  # A dossier of scans is far smaller; a larger file is read by nobody.
KEY_BYTES = 32
SUITES = {Scheme.X25519: Suite.ED25519, Scheme.SM2: Suite.SM2}  # How its secret is kept.


class GrantError(FaultError):
    """A grant cannot be made or opened. Says which and why."""


def public_of(secret: Secret) -> tuple[Scheme, str]:
    """Return what a member publishes of the key that it decrypts with."""
    match secret:
        case ed25519.Signing():
            return Scheme.X25519, bytes(_private(secret).public_key).hex()
        case sm2.Signing():
            return Scheme.SM2, secret.public.hex()


def grant(opened: Opened, to: EncryptionKey) -> bytes:
    """Return a file that only the owner of `to` can read.

    Raises:
        GrantError: nothing can be wrapped to its key.
    """
    key = random(KEY_BYTES)
    public = bytes.fromhex(to.public_hex)
    try:
        match to.scheme:
            case Scheme.X25519:
                wrapped = bytes(SealedBox(PublicKey(public)).encrypt(key))
            case Scheme.SM2:
                wrapped = tongsuo.sm2_encrypt(public, key)
    except (CryptoError, ValueError) as error:
        raise GrantError(
            f"nothing can be encrypted to the key of {to.member}; it has to publish another"
        ) from error
    inner = json.dumps(
        {
            "subject": opened.subject,
            "keys": [[first, _text(one)] for first, one in opened.keys],
            "documents": [
                [one.version, one.commitment, _text(one.sealed)] for one in opened.documents
            ],
        }
    ).encode()
    outer = {
        "format": FORMAT,
        "to": to.member,
        "scheme": to.scheme.value,
        "wrapped": _text(wrapped),
        "sealed": _text(bytes(Aead(key).encrypt(inner, _about(to.member)))),
    }
    return json.dumps(outer, sort_keys=True).encode() + b"\n"


def open_grant(data: bytes, member: MemberId, secret: Callable[[Scheme], Secret]) -> Opened:
    """Return what was granted to `member`, whose key `secret` gives.

    Raises:
        GrantError: it is no grant, is for somebody else, was changed, or is for an older key.
    """
    if len(data) > GRANT_BYTES_MAX:
        raise GrantError(f"expected a grant of at most {GRANT_BYTES_MAX} bytes, got {len(data)}")
    try:
        outer = json.loads(data)
        known, to, scheme = outer["format"], outer["to"], Scheme(outer["scheme"])
        wrapped, sealed = _bytes(outer["wrapped"]), _bytes(outer["sealed"])
    except (ValueError, KeyError, TypeError) as error:
        raise GrantError(f"expected a {FORMAT}; this is none, or was cut ({error})") from None
    if known != FORMAT or to != member:
        raise GrantError(f"expected a grant to {member}, got a {known} to {to}")
    try:
        inner = Aead(_unwrapped(wrapped, secret(scheme))).decrypt(sealed, _about(member))
        return _read(json.loads(inner))
    except (CryptoError, ValueError, KeyError, TypeError):
        raise GrantError(
            f"the grant does not open with the key of {member}: it was changed, or wrapped to an"
            " older key; ask for it again"
        ) from None


def _unwrapped(wrapped: bytes, secret: Secret) -> bytes:
    match secret:
        case ed25519.Signing():
            return bytes(SealedBox(_private(secret)).decrypt(wrapped))
        case sm2.Signing():
            return tongsuo.sm2_decrypt(secret, wrapped)


def _private(secret: ed25519.Signing) -> PrivateKey:
    signing = bytes(SigningKey(secret.seed)) + secret.public
    return PrivateKey(crypto_sign_ed25519_sk_to_curve25519(signing))


def _read(inner: dict[str, Any]) -> Opened:
    keys = tuple((int(first), _bytes(key)) for first, key in inner["keys"])
    if not keys or keys[0][0] != 0 or any(len(key) != KEY_BYTES for _, key in keys):
        raise ValueError("keys that are none")
    if not inner["documents"]:
        raise ValueError("no documents")
    return Opened(
        subject=str(inner["subject"]),
        keys=keys,
        documents=tuple(
            Kept(version=int(version), commitment=str(commitment), sealed=_bytes(sealed))
            for version, commitment, sealed in inner["documents"]
        ),
    )


def _about(member: str) -> bytes:
    return f"{FORMAT}\n{member}".encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
