"""SM2 from the text of GB/T 32918 in whole numbers: slow, and sharing no code with the engine.

Only SM3 is the engine's; its vectors are checked elsewhere.
"""

from __future__ import annotations

from typing import TypeAlias

from tongsuopy.crypto import hashes  # type: ignore[import-untyped]

FIELD = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = FIELD - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GENERATOR = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTITY = b"1234567812345678"
Point: TypeAlias = "tuple[int, int] | None"


def sm3(data: bytes) -> bytes:
    """Return the digest."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return bytes(digest.finalize())


def digest_of(public: bytes, message: bytes, identity: bytes = IDENTITY) -> int:
    """Return e: the digest of ZA and the message."""
    numbers = b"".join(one.to_bytes(32, "big") for one in (A, B, *GENERATOR))
    za = sm3((8 * len(identity)).to_bytes(2, "big") + identity + numbers + public[1:])
    return int.from_bytes(sm3(za + message), "big")


def add(left: Point, right: Point) -> Point:
    """Return the sum of two points."""
    if left is None or right is None:
        return right if left is None else left
    if left[0] == right[0]:
        if (left[1] + right[1]) % FIELD == 0:
            return None
        slope = (3 * left[0] ** 2 + A) * pow(2 * left[1], -1, FIELD)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, FIELD)
    x = (slope * slope - left[0] - right[0]) % FIELD
    return x, (slope * (left[0] - x) - left[1]) % FIELD


def times(number: int, point: Point) -> Point:
    """Return a multiple of a point."""
    result: Point = None
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def is_signature(public: bytes, e: int, signature: bytes) -> bool:
    """Return whether r and s fit the digest `e`."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    point = (int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big"))
    found = add(times(s, GENERATOR), times((r + s) % ORDER, point))
    return found is not None and (e + found[0]) % ORDER == r
