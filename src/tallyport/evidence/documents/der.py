"""Read DER (ASN.1) as far as seals need it: tag, content, and the bytes as they were signed."""

from __future__ import annotations

from dataclasses import dataclass

SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x30, 0x02, 0x03, 0x04, 0x06
_LONG_TAG = 0x1F


class DerError(ValueError):
    """It is not DER."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value; `whole` has its header too."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> list[Node]:
        """Return what a constructed value holds."""
        found, at = [], 0
        while at < len(self.content):
            node = node_at(self.content, at)
            found.append(node)
            at += len(node.whole)
        return found

    def bits(self) -> bytes:
        """Return the bytes of a BIT STRING."""
        if self.tag != BIT_STRING or not self.content or self.content[0]:
            raise DerError("expected a bit string of whole bytes")
        return self.content[1:]

    def oid(self) -> str:
        """Return an object identifier with dots."""
        if self.tag != OID or not self.content:
            raise DerError("expected an object identifier")
        numbers, value = [min(self.content[0] // 40, 2)], 0
        numbers.append(self.content[0] - 40 * numbers[0])
        for byte in self.content[1:]:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        return ".".join(map(str, numbers))


def node_at(data: bytes, at: int = 0) -> Node:
    """Return the value that begins at `at`.

    Raises:
        DerError: it does not end within `data`, or has a long tag or an open length.
    """
    if at + 2 > len(data) or data[at] & _LONG_TAG == _LONG_TAG:
        raise DerError("expected a short tag and a length")
    length, start = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > len(data):  # noqa: PLR2004 - 4 GiB at most.
            raise DerError("expected a length of 1 to 4 bytes")
        length, start = int.from_bytes(data[start : start + count]), start + count
    if start + length > len(data):
        raise DerError("ends before its length")
    return Node(data[at], data[start : start + length], data[at : start + length])


def sm2_point(certificate: bytes) -> bytes | None:
    """Return the SM2 public key (65 bytes) of an X.509 certificate, None when it has another."""
    body = node_at(certificate).parts()[0].parts()
    for part in body:
        try:
            algorithm, key = part.parts()
            names = [one.oid() for one in algorithm.parts() if one.tag == OID]
            point = key.bits()
        except (DerError, ValueError):
            continue
        if "1.2.156.10197.1.301" in names and len(point) == 65:  # noqa: PLR2004 - 04, x, y.
            return point
    return None


def pair(signature: bytes) -> bytes | None:
    """Return SEQUENCE { r, s } as 64 bytes, None when it is none."""
    try:
        numbers = [
            int.from_bytes(one.content) for one in node_at(signature).parts() if one.tag == INTEGER
        ]
    except DerError:
        return None
    if len(numbers) != 2 or any(number >> 256 for number in numbers):  # noqa: PLR2004
        return None
    return b"".join(number.to_bytes(32) for number in numbers)
