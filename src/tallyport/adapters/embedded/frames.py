"""Frames: how the process that reads a ledger tells the one that audits it what is there.

frame   kind 1 byte, three lengths 4 bytes each, then name, value and nodes
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum, unique
from itertools import accumulate, pairwise
from typing import NamedTuple

_HEADER = struct.Struct(">cIII")


@unique
class Kind(Enum):
    """What a frame holds."""

    SIZE = b"S"  # Name: number of entries; value: number of rows.
    ENTRY = b"E"  # Name: sequence, 8 bytes; nodes: the heads that the entry closes.
    NODE = b"N"  # One that no entry closes.
    ROW = b"R"
    META = b"M"
    DAMAGE = b"D"  # Value: what is wrong. The last frame.
    END = b"Z"  # Everything was read. The last frame.


class Frame(NamedTuple):
    """One thing that was read."""

    kind: Kind
    name: bytes = b""
    value: bytes = b""
    nodes: bytes = b""


def pack(frame: Frame) -> bytes:
    """Return the bytes of a frame."""
    kind, *parts = frame
    return b"".join((_HEADER.pack(kind.value, *map(len, parts)), *parts))


def unpack(waiting: bytearray) -> Iterator[Frame]:
    """Yield the whole frames at the front of `waiting` and take them away."""
    at = 0
    while len(waiting) >= at + _HEADER.size:
        kind, *lengths = _HEADER.unpack_from(waiting, at)
        ends = list(accumulate(lengths, initial=at + _HEADER.size))
        if ends[-1] > len(waiting):
            break
        name, value, nodes = (bytes(waiting[start:end]) for start, end in pairwise(ends))
        at = ends[-1]
        yield Frame(Kind(kind), name, value, nodes)
    del waiting[:at]
