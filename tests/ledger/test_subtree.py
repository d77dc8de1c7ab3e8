"""Proofs about subtrees are what the definition says, and nothing else passes for one.

Goal: every subtree of every small tree has a proof that verifies, and a changed proof, head or span
does not. Method: all trees up to 20 leaves against a plain recursion over the leaves; changes drawn
at random; the cases that the draft leaves to the reader.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tallyport.ledger.merkle import (
    EMPTY_HEAD,
    Node,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_head,
)
from tallyport.ledger.subtree import (
    is_consistent_below,
    is_included_below,
    is_subtree,
    subtree_proof,
)

SIZE_MAX = 20
LEAVES = [leaf_hash(bytes([number])) for number in range(2 * SIZE_MAX)]


def head(start: int, end: int) -> bytes:
    """Return the head over leaves by the definition alone."""
    if end - start == 1:
        return LEAVES[start]
    half = 1
    while half * 2 < end - start:
        half *= 2
    return node_hash(head(start, start + half), head(start + half, end))


def node(level: int, index: int) -> bytes:
    """Return a stored node."""
    return head(index << level, (index + 1) << level)


def below(start: int) -> Node:
    """Return the nodes of the tree that begins at leaf `start`."""
    return lambda level, index: head(start + (index << level), start + ((index + 1) << level))


SUBTREES = [
    (start, end)
    for start in range(SIZE_MAX)
    for end in range(start + 1, SIZE_MAX + 1)
    if is_subtree(start, end)
]
PIECES = [(span, size) for span in SUBTREES for size in range(span[1], SIZE_MAX + 1)]


def test_what_is_a_subtree() -> None:
    """`start` is a multiple of the power of two that holds the leaves."""
    assert is_subtree(0, 7)
    assert is_subtree(4, 7)
    assert not is_subtree(4, 9)
    assert not is_subtree(2, 5)
    assert not is_subtree(3, 3)
    assert not is_subtree(-1, 0)


def test_every_piece_of_every_tree_is_proved() -> None:
    """Also the pieces from the start, whose proof is the one of RFC 6962."""
    for span, size in PIECES:
        proof = subtree_proof(span, size, node)
        assert is_consistent_below(span, size, proof, head(*span), head(0, size))
        if span[0] == 0:
            assert proof == consistency_proof(span[1], size, node)


def test_every_leaf_of_a_subtree_is_proved() -> None:
    """As in a tree of its own."""
    for start, end in SUBTREES:
        for index in range(start, end):
            proof = inclusion_proof(index - start, end - start, below(start))
            assert is_included_below(LEAVES[index], index, (start, end), proof, head(start, end))
            assert not is_included_below(
                LEAVES[index], index + 1, (start, end), proof, head(start, end)
            )
    assert not is_included_below(LEAVES[2], 2, (2, 5), (), LEAVES[2])


@given(st.sampled_from(PIECES), st.data())
def test_nothing_else_passes(piece: tuple[tuple[int, int], int], data: st.DataObject) -> None:
    """One hash changed, dropped or added, or another span or size, is no proof."""
    span, size = piece
    proof = list(subtree_proof(span, size, node))
    own, whole = head(*span), head(0, size)
    other = leaf_hash(b"other")
    match data.draw(st.sampled_from(["change", "drop", "add", "head", "tree", "piece"])):
        case "change":
            assume(proof)
            proof[data.draw(st.integers(0, len(proof) - 1))] = other
        case "drop":
            assume(proof)
            del proof[data.draw(st.integers(0, len(proof) - 1))]
        case "add":
            proof.insert(data.draw(st.integers(0, len(proof))), other)
        case "head":
            own = other
        case "tree":
            whole = other
        case _:
            another, size = data.draw(st.sampled_from(PIECES))
            assume(head(*another) != own)
            assume(another != (0, size))  # Any head is the whole of its own tree.
            span = another
    assert not is_consistent_below(span, size, proof, own, whole)


@pytest.mark.parametrize(
    ("span", "size", "fine"),
    [((0, 0), 0, True), ((1, 1), 2, True), ((2, 2), 1, False), ((3, 2), 4, False)],
)
def test_nothing_is_a_piece_of_every_tree(span: tuple[int, int], size: int, *, fine: bool) -> None:
    """Its head is that of the empty tree, its proof is empty."""
    anything = leaf_hash(b"anything")
    assert is_consistent_below(span, size, (), EMPTY_HEAD, anything) is fine
    assert not is_consistent_below(span, size, (anything,), EMPTY_HEAD, anything)
    assert not is_consistent_below(span, size, (), anything, anything)


def test_bad_input_is_no_proof() -> None:
    """Spans that are none, trees that are too small, hashes of another length."""
    proof = subtree_proof((4, 6), 7, node)
    whole = head(0, 7)
    assert not is_consistent_below((4, 6), 5, proof, head(4, 6), whole)
    assert not is_consistent_below((3, 5), 7, proof, head(3, 5), whole)
    assert not is_consistent_below((4, 6), 7, (b"short", *proof[1:]), head(4, 6), whole)
    assert not is_consistent_below((4, 6), 7, proof, b"short", whole)
    assert range_head(4, 6, node) == head(4, 6)
