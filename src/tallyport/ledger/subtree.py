"""Proofs about subtrees (子树证明): a run of leaves that any tree holding it has as one piece.

[start, end) is a subtree when `start` is a multiple of the smallest power of two that holds
`end - start` leaves. It is hashed as a tree of its own, so that one hash can stand for the leaves
4, 5 and 6 of every tree that has them:

    tree of 7         h = H(h03, H(h45, h6))
    subtree [4, 7)        H(h45, h6)              piece of the tree by the proof (h03)

Source: draft-ietf-plants-merkle-tree-certs, section 4 (subtrees, their inclusion and consistency).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from tallyport.ledger.merkle import (
    EMPTY_HEAD,
    HASH_BYTES,
    Node,
    is_included,
    node_hash,
    range_head,
)

Span: TypeAlias = tuple[int, int]  # Leaves from the first (in) to the last (out).


class _Place(Enum):
    """Where a hash of the proof stands."""

    RIGHT = auto()  # Right of what is known of the tree.
    LEFT = auto()  # Left of it, and outside the subtree.
    BOTH = auto()  # Left of it, and the left part of the subtree too.
    WITHIN = auto()  # The last part of the subtree, which is a node of the tree.


class _Step(NamedTuple):
    place: _Place
    start: int
    end: int


def is_subtree(start: int, end: int) -> bool:
    """Return whether [start, end) is a subtree of the trees that are large enough."""
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def is_included_below(
    leaf: bytes, index: int, span: Span, proof: Sequence[bytes], head: bytes
) -> bool:
    """Return whether `proof` shows leaf hash `leaf` at `index` in the subtree (`span`, `head`).

    `index` counts from the start of the whole tree.
    """
    start, end = span
    if not is_subtree(start, end):
        return False
    return is_included(leaf, index - start, end - start, proof, head)


def _steps(span: Span, size: int) -> list[_Step]:
    """Return what a proof for the subtree `span` of a tree of `size` leaves holds, bottom up."""
    (start, end), left, right, steps = span, 0, size, list[_Step]()
    while (left, right) != (start, end):  # audit: loop: each round narrows the range
        middle = left + (1 << (right - left - 1).bit_length() - 1)
        if end <= middle:
            steps.append(_Step(_Place.RIGHT, middle, right))
            right = middle
        elif start >= middle:
            steps.append(_Step(_Place.LEFT, left, middle))
            left = middle
        else:
            steps.append(_Step(_Place.BOTH, left, middle))
            start = left = middle
    if start != span[0]:
        steps.append(_Step(_Place.WITHIN, start, end))
    return steps[::-1]


def subtree_proof(span: Span, size: int, node: Node) -> tuple[bytes, ...]:
    """Return the proof that the subtree `span` is a piece of the tree of `size` leaves."""
    return tuple(range_head(step.start, step.end, node) for step in _steps(span, size))


def is_consistent_below(
    span: Span, size: int, proof: Sequence[bytes], head: bytes, tree_head: bytes
) -> bool:
    """Return whether `proof` shows the subtree (`span`, `head`) in the tree (`size`, `tree_head`).

    Nothing is a piece of every tree, and a tree is a piece of itself; both take an empty proof.
    """
    start, end = span
    if start == end or span == (0, size):
        whole = EMPTY_HEAD if start == end else tree_head
        return 0 <= start <= end <= size and not proof and head == whole
    if not is_subtree(start, end) or end > size:
        return False
    steps = _steps(span, size)
    if len(proof) != len(steps) or any(len(part) != HASH_BYTES for part in (head, *proof)):
        return False
    below = above = head
    for step, part in zip(steps, proof, strict=True):
        match step.place:
            case _Place.WITHIN:
                below = above = part
            case _Place.BOTH:
                below, above = node_hash(part, below), node_hash(part, above)
            case _Place.LEFT:
                above = node_hash(part, above)
            case _:  # RIGHT
                above = node_hash(above, part)
    return below == head and above == tree_head
