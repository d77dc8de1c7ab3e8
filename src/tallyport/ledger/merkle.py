"""Merkle trees of RFC 6962: heads, inclusion and consistency, for whoever keeps or checks a log.

A leaf is hashed with 0x00 before it, a node with 0x01, so that one never passes for the other.
`Frontier` is all that appending needs: the heads of the perfect subtrees, left to right.

    size 7  =  4 + 2 + 1          frontier (h03, h45, h6), head = H(h03, H(h45, h6))

Source: RFC 6962 section 2.1, RFC 9162 sections 2.1.3 to 2.1.4 (verification).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
PROOF_MAX = 64  # A log of 2**64 entries has proofs of at most 64 hashes.

Node = Callable[[int, int], bytes]  # (level, index) -> head of that perfect subtree


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_HEAD = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves as the heads of its perfect subtrees, largest first."""

    size: int = 0
    heads: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[int, int, bytes], ...]]:
        """Return the tree with one more leaf hash, and the nodes (level, index, hash) it closed."""
        heads = list(self.heads)
        closed = grow(heads, self.size, leaf)
        return Frontier(self.size + 1, tuple(heads)), tuple(closed)

    @property
    def head(self) -> bytes:
        """The tree head: 32 bytes that fix every leaf and its place."""
        if not self.heads:
            return EMPTY_HEAD
        head = self.heads[-1]
        for left in reversed(self.heads[:-1]):
            head = node_hash(left, head)
        return head


def grow(heads: list[bytes], size: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Add a leaf hash to `heads`, a frontier of `size` leaves; return the nodes that it closed."""
    level, index, made = 0, size, leaf
    closed = [(0, index, leaf)]
    while index % 2 == 1:  # audit: loop: each round halves the index
        made = node_hash(heads.pop(), made)
        level, index = level + 1, index // 2
        closed.append((level, index, made))
    heads.append(made)
    return closed


def frontier(size: int, node: Node) -> Frontier:
    """Return the frontier of the first `size` leaves, read from stored nodes."""
    heads, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            heads.append(node(level, start >> level))
            start += 1 << level
    return Frontier(size, tuple(heads))


def _split(size: int) -> int:
    """Return the largest power of two below `size` >= 2."""
    return 1 << (size - 1).bit_length() - 1


# audit: recursion: each step halves the range
def range_head(start: int, end: int, node: Node) -> bytes:
    """Return the head over leaves `start` (in) to `end` (out); `start` is aligned as in a tree."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(range_head(start, middle, node), range_head(middle, end, node))


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, from the leaf up."""
    path, start, end = [], 0, size
    while end - start > 1:  # audit: loop: each round narrows the range
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_head(middle, end, node))
            end = middle
        else:
            path.append(range_head(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """Return the proof that the first `old` leaves are a prefix of the first `new`; 0 < old."""
    path, start, end, whole = [], 0, new, True
    while end != old:  # audit: loop: each round narrows the range
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_head(middle, end, node))
            end = middle
        else:
            path.append(range_head(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(range_head(start, end, node))
    return tuple(reversed(path))


def head_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the only head that `proof` can belong to, or None when its shape is impossible."""
    if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, *proof)):
        return None
    place, last, head = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            head = node_hash(part, head)
            while not place & 1 and place:  # audit: loop: each round halves it
                place, last = place >> 1, last >> 1
        else:
            head = node_hash(head, part)
        place, last = place >> 1, last >> 1
    return head if last == 0 else None


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Return whether `proof` shows leaf hash `leaf` at `index` of the tree (`size`, `head`)."""
    return head_by_inclusion(leaf, index, size, proof) == head


def is_consistent(
    old: int, new: int, proof: Sequence[bytes], old_head: bytes, new_head: bytes
) -> bool:
    """Return whether `proof` shows that tree (`old`, `old_head`) is a prefix of the new one.

    An empty old tree is a prefix of anything and takes an empty proof; equal sizes take an empty
    proof and equal heads.
    """
    if old in (0, new):
        return new >= 0 and not proof and old_head == (new_head if old == new else EMPTY_HEAD)
    if not 0 < old < new or any(len(part) != HASH_BYTES for part in (old_head, *proof)):
        return False
    # A perfect old tree is a node of the new one: the proof need not repeat its head.
    path = (old_head, *proof) if old & (old - 1) == 0 else tuple(proof)
    return _heads_by_consistency(old, new, path) == (old_head, new_head)


def _heads_by_consistency(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the only two heads that `path` can belong to, or None when its shape is impossible."""
    if not path:
        return None
    place, last = old - 1, new - 1
    while place & 1:  # audit: loop: each round halves it
        place, last = place >> 1, last >> 1
    early = late = path[0]
    for part in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            early, late = node_hash(part, early), node_hash(part, late)
            while not place & 1 and place:  # audit: loop: each round halves it
                place, last = place >> 1, last >> 1
        else:
            late = node_hash(late, part)
        place, last = place >> 1, last >> 1
    return (early, late) if last == 0 else None
