"""Frames: how the process that reads a ledger tells the one that audits it what is there.

frame   kind 1 byte, three lengths 4 bytes each, then name, value and nodes
"""

from __future__ import annotations

import struct
from enum import Enum, unique
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


_KINDS = {kind.value: kind for kind in Kind}


class Frame(NamedTuple):
    """One thing that was read."""

    kind: Kind
    name: bytes = b""
    value: bytes = b""
    nodes: bytes = b""


def pack(frame: Frame) -> bytes:
    """Return the bytes of a frame."""
    kind, name, value, nodes = frame
    header = _HEADER.pack(kind.value, len(name), len(value), len(nodes))
    return b"".join((header, name, value, nodes))


def unpack(data: bytes) -> tuple[list[Frame], bytes]:
    """Return the whole frames at the front of `data`, and what is left of it."""
    found, at, size = list[Frame](), 0, len(data)
    while size >= at + _HEADER.size:
        kind, *lengths = _HEADER.unpack_from(data, at)
        name = at + _HEADER.size
        value = name + lengths[0]
        nodes = value + lengths[1]
        end = nodes + lengths[2]
        if end > size:
            break
        found.append(Frame(_KINDS[kind], data[name:value], data[value:nodes], data[nodes:end]))
        at = end
    return found, data[at:]
