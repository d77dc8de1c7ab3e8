"""Signatures of an OFD (电子签名, 电子签章): GB/T 33190 chapter 18, GB/T 38540, GM/T 0031.

    Signature.xml   names every protected file with its digest (SM3, SHA-2)   checked
    SignedValue     a seal whose data hash is that of Signature.xml     checked
                    an SM2 signature over the part to be signed         checked
                    PKCS#7, RSA                                         not checked: said

That the certificate is that of whom it names is for the list of trusted issuers to say; none is
kept here, so a signature that holds says who could have made it, not that he is trusted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tallyport.evidence.documents import der
from tallyport.evidence.documents.der import DerError, Node
from tallyport.evidence.documents.model import Finding, RefusedError, Rule, Severity
from tallyport.evidence.documents.tree import Element, first, local, parsed, text_of

SIGNATURES_MAX = 100  # An invoice has one or two; a contract one a page.
BARE_SHOWN = 5  # Files that no signature protects.
REFERENCES_MAX = 5_000  # As many files as a package may have.
_SM3 = frozenset({"1.2.156.10197.1.401", "sm3"})
_PLAIN = {
    "sha256": "sha256", "sha-256": "sha256", "2.16.840.1.101.3.4.2.1": "sha256",
    "sha512": "sha512", "sha-512": "sha512", "2.16.840.1.101.3.4.2.3": "sha512",
}  # fmt: skip
_SM2_SIGNATURE = "1.2.156.10197.1.501"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crypto:
    """What signatures are checked with; adapters bring it."""

    sm3: Callable[[bytes], bytes]
    verify_sm2: Callable[[bytes, bytes, bytes], bool]  # Public key, message, r and s.


def check(
    files: Mapping[str, bytes],
    listing: str,
    resolve: Callable[[str, str], str],
    crypto: Crypto,
    read: Collection[str] = (),
) -> list[Finding]:
    """Return what the signatures that `listing` names are worth.

    `read` are the files that the paper's words come from: one that none protects is a doubt, for
    whoever has the package could have exchanged it.
    """
    root = parsed(_file(files, listing), listing)
    named = [one for one in root.iter() if local(one) == "Signature"][:SIGNATURES_MAX]
    found, protected = [], set[str]()
    for one in named:
        place = resolve(listing, one.get("BaseLoc", ""))
        found += _signature(files, place, resolve, crypto)
        protected |= _protected(files, place, resolve)
    if not found:
        return [_told(Rule.UNSIGNED, Severity.NOTE, "a signature", "none", listing)]
    bare = sorted(set(read) - protected)
    if bare:
        came = ", ".join(bare[:BARE_SHOWN])[:400]
        found.append(_unchecked("a signature over all that is read", f"none over {came}", listing))
    return found


def _protected(
    files: Mapping[str, bytes], place: str, resolve: Callable[[str, str], str]
) -> set[str]:
    """Return the files that a signature names."""
    root = parsed(_file(files, place), place)
    listed = [one for one in root.iter() if local(one) == "Reference"][:REFERENCES_MAX]
    return {resolve("", one.get("FileRef", "")) for one in listed}


def _file(files: Mapping[str, bytes], path: str) -> bytes:
    if path not in files:
        raise RefusedError(Rule.BROKEN, "all files that are named", f"no {path[:200]}", path[:200])
    return files[path]


def _signature(
    files: Mapping[str, bytes], place: str, resolve: Callable[[str, str], str], crypto: Crypto
) -> list[Finding]:
    root = parsed(_file(files, place), place)
    references = first(root, "SignedInfo/References")
    if references is None:
        return [_broken("References", "none", place)]
    method = references.get("CheckMethod", "").casefold() or "md5"
    found = list(_digests(files, references, method, place, resolve, crypto))
    value = first(root, "SignedValue")
    path = resolve(place, text_of(value))
    if path not in files:
        return [*found, _broken("the signed value", f"no {path[:200]}", place)]
    return [*found, _seal(files[path], files[place], path, crypto)]


def _digests(
    files: Mapping[str, bytes],
    references: Element,
    method: str,
    place: str,
    resolve: Callable[[str, str], str],
    crypto: Crypto,
) -> list[Finding]:
    """Check the digest of each protected file; one finding when the method is unknown."""
    found = []
    if method not in _SM3 and method not in _PLAIN:
        return [_unchecked("digests by SM3 or SHA-2", method[:100], place)]
    listed = [one for one in references if local(one) == "Reference"]
    for one in listed[:REFERENCES_MAX]:
        path = resolve("", one.get("FileRef", ""))
        try:
            expected = base64.b64decode(text_of(first(one, "CheckValue")), validate=True)
        except (binascii.Error, ValueError):
            expected = b""
        if path not in files or _digest(files[path], method, crypto) != expected:
            came = "another content" if path in files else "no such file"
            found.append(_broken(f"{path[:200]} as it was signed", came, place))
    return found if listed else [_broken("files that are protected", "none", place)]


def _digest(data: bytes, method: str, crypto: Crypto) -> bytes:
    return crypto.sm3(data) if method in _SM3 else hashlib.new(_PLAIN[method], data).digest()


def _seal(value: bytes, described: bytes, place: str, crypto: Crypto) -> Finding:
    """Check a seal (SES_Signature); `described` is the Signature.xml that it seals."""
    try:
        parts = der.node_at(value).parts()
        signed = _signed(parts)
    except (DerError, IndexError, ValueError):
        signed = None
    if signed is None:
        return _unchecked("an electronic seal of GB/T 38540 or GM/T 0031", "another form", place)
    body, certificate, algorithm, signature, sealed_hash = signed
    if algorithm != _SM2_SIGNATURE:
        return _unchecked("SM2 with SM3", algorithm, place)
    try:
        point = der.sm2_point(certificate)
    except (DerError, IndexError):
        point = None
    numbers = der.pair(signature)
    if point is None:
        return _unchecked("a certificate with an SM2 key", "another", place)
    if sealed_hash != crypto.sm3(described):
        return _broken("the seal of this Signature.xml", "the seal of another", place)
    if numbers is None or not crypto.verify_sm2(point, body, numbers):
        return _broken("a signature by the certificate in the seal", "another", place)
    return _told(
        Rule.SIGNED,
        Severity.NOTE,
        "SM2 by the certificate in the seal",
        "it holds; the certificate's issuer was not checked",
        place,
    )


def _signed(parts: list[Node]) -> tuple[bytes, bytes, str, bytes, bytes] | None:
    """Return what was signed, certificate, algorithm, signature, and the sealed hash."""
    body = parts[0].parts()
    if len(parts) >= 4 and parts[1].tag == der.OCTET_STRING:  # noqa: PLR2004 - GB/T 38540.
        return (
            parts[0].whole, parts[1].content, parts[2].oid(), parts[3].bits(), body[3].bits()
        )  # fmt: skip
    if len(parts) == 2 and len(body) >= 7:  # noqa: PLR2004 - GM/T 0031: all within the body.
        return (
            parts[0].whole, body[5].content, body[6].oid(), parts[1].bits(), body[3].bits()
        )  # fmt: skip
    return None


def _told(rule: Rule, severity: Severity, expected: str, came: str, origin: str) -> Finding:
    return Finding(rule=rule, severity=severity, expected=expected, came=came, origin=origin)


def _broken(expected: str, came: str, origin: str) -> Finding:
    return _told(Rule.SIGNATURE_BROKEN, Severity.CONTRADICTION, expected, came, origin)


def _unchecked(expected: str, came: str, origin: str) -> Finding:
    return _told(Rule.SIGNATURE_UNCHECKED, Severity.DOUBT, expected, came, origin)
