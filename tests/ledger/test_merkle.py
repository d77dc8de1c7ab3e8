"""Merkle trees: heads and proofs are those of RFC 6962, and nothing else passes.

Goal: whoever follows the RFC agrees with us; no changed proof is accepted. Method: an oracle that
copies the recursive definitions of the RFC over plain lists; every size and place of small trees;
every changed bit, hash, place and size; then the published cases of transparency-dev.
"""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.ledger.merkle import (
    EMPTY_HEAD,
    Frontier,
    Node,
    consistency_proof,
    frontier,
    grow,
    head_by_inclusion,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    range_head,
)

SIZES = range(1, 34)
LEAVES = [b"leaf %d" % number for number in range(70)]


# The oracle: RFC 6962, section 2.1, as it stands there.


def largest_power(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    power = 1
    while 2 * power < size:
        power *= 2
    return power


def mth(data: list[bytes]) -> bytes:
    """Return the Merkle tree hash of the entries."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    middle = largest_power(len(data))
    return hashlib.sha256(b"\x01" + mth(data[:middle]) + mth(data[middle:])).digest()


def path(place: int, data: list[bytes]) -> list[bytes]:
    """Return the audit path of an entry."""
    if len(data) == 1:
        return []
    middle = largest_power(len(data))
    if place < middle:
        return [*path(place, data[:middle]), mth(data[middle:])]
    return [*path(place - middle, data[middle:]), mth(data[:middle])]


def subproof(old: int, data: list[bytes], *, is_whole: bool) -> list[bytes]:
    """Return the consistency proof of the first `old` entries."""
    if old == len(data):
        return [] if is_whole else [mth(data)]
    middle = largest_power(len(data))
    if old <= middle:
        return [*subproof(old, data[:middle], is_whole=is_whole), mth(data[middle:])]
    return [*subproof(old - middle, data[middle:], is_whole=False), mth(data[:middle])]


def grown(data: list[bytes]) -> tuple[Frontier, Node, dict[tuple[int, int], bytes]]:
    """Return a tree that was appended to leaf by leaf, its reader of nodes and the nodes."""
    tree, nodes = Frontier(), dict[tuple[int, int], bytes]()
    for leaf in data:
        tree, closed = tree.append(leaf_hash(leaf))
        nodes.update({(level, index): head for level, index, head in closed})
    return tree, lambda level, index: nodes[level, index], nodes


# Properties.


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_head_is_that_of_the_rfc(data: list[bytes]) -> None:
    """Appending one by one, or reading stored nodes: the same head."""
    tree, node, nodes = grown(data)
    assert tree.size == len(data)
    assert tree.head == mth(data)
    assert frontier(len(data), node) == tree
    if data:
        assert range_head(0, len(data), node) == mth(data)
    for (level, index), head in nodes.items():
        assert head == mth(data[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof(size: int) -> None:
    """It is the RFC's path, and leads to the head from its own place only."""
    tree, node, _ = grown(LEAVES[:size])
    for index in range(size):
        proof = inclusion_proof(index, size, node)
        leaf = leaf_hash(LEAVES[index])
        assert list(proof) == path(index, LEAVES[:size])
        assert head_by_inclusion(leaf, index, size, proof) == tree.head
        passing = [at for at in range(size + 2) if is_included(leaf, at, size, proof, tree.head)]
        assert passing == [index]
        assert not is_included(leaf_hash(b"another"), index, size, proof, tree.head)
        assert not is_included(leaf, -1, size, proof, tree.head)


@pytest.mark.parametrize("new", SIZES)
def test_every_consistency_proof(new: int) -> None:
    """It is the RFC's proof, and ties the new tree to each of its prefixes only."""
    tree, node, _ = grown(LEAVES[:new])
    heads = [mth(LEAVES[:size]) for size in range(new + 2)]
    for old in range(1, new + 1):
        proof = consistency_proof(old, new, node)
        assert list(proof) == subproof(old, LEAVES[:new], is_whole=True)
        assert is_consistent(old, new, proof, heads[old], tree.head)
        for wrong in range(1, new + 1):
            fits = is_consistent(wrong, new, proof, heads[wrong], tree.head)
            assert fits == (wrong == old)
            assert is_consistent(old, new, proof, heads[wrong], tree.head) == (wrong == old)
        assert not is_consistent(old, new, proof, heads[old], heads[new + 1])
    assert is_consistent(0, new, (), EMPTY_HEAD, tree.head)
    assert not is_consistent(0, new, (tree.head,), EMPTY_HEAD, tree.head)
    assert not is_consistent(new + 1, new, (), heads[new + 1], tree.head)


def flips(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return the proof with one byte changed, one hash lost, doubled, or out of turn."""
    changed = [
        (
            *proof[:at],
            bytes(value ^ (1 << byte % 8) * (byte == spot) for spot, value in enumerate(part)),
            *proof[at + 1 :],
        )
        for at, part in enumerate(proof)
        for byte in range(len(part))
    ]
    lost = [(*proof[:at], *proof[at + 1 :]) for at in range(len(proof))]
    doubled = [(*proof[:at], part, *proof[at:]) for at, part in enumerate(proof)]
    swapped = [
        (*proof[:at], right, left, *proof[at + 2 :])
        for at, (left, right) in enumerate(pairwise(proof))
        if left != right
    ]
    short = [(*proof[:at], part[:-1], *proof[at + 1 :]) for at, part in enumerate(proof)]
    return [*changed, *lost, *doubled, *swapped, *short, (*proof, bytes(32))]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 11, 16, 21])
def test_no_changed_proof_passes(size: int) -> None:
    """Each byte, each order, each length: for inclusion and for consistency."""
    tree, node, _ = grown(LEAVES[:size])
    for at in range(size):
        leaf, old_head = leaf_hash(LEAVES[at]), mth(LEAVES[: at + 1])
        for forged in flips(inclusion_proof(at, size, node)):
            assert not is_included(leaf, at, size, forged, tree.head)
        for forged in flips(consistency_proof(at + 1, size, node)):
            assert not is_consistent(at + 1, size, forged, old_head, tree.head)


def test_a_leaf_never_passes_for_a_node() -> None:
    """The second-preimage attack that the prefixes are for."""
    tree, node, _ = grown(LEAVES[:4])
    forged = node(1, 0) + node(1, 1)
    assert leaf_hash(forged) != tree.head
    assert not is_included(leaf_hash(forged), 0, 1, (), tree.head)


def test_an_empty_log() -> None:
    """Its head is the hash of nothing; it holds nothing."""
    assert Frontier().head == EMPTY_HEAD == hashlib.sha256(b"").digest()
    assert head_by_inclusion(leaf_hash(b""), 0, 0, ()) is None
    assert is_consistent(0, 0, (), EMPTY_HEAD, EMPTY_HEAD)
    assert not is_consistent(0, 0, (), bytes(32), EMPTY_HEAD)


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_published_cases(kind: str) -> None:
    """Outside cases of transparency-dev: valid ones pass, invalid ones do not."""
    tried = 0
    for line in shared("data", "cases", "merkle.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        given_ = case["input"]
        if given_["kind"] != kind:
            continue
        proof = tuple(base64.b64decode(part) for part in given_["proof"] or ())
        if kind == "inclusion":
            leaf, head = (base64.b64decode(given_[name]) for name in ("leafHash", "root"))
            fits = is_included(leaf, given_["leafIdx"], given_["treeSize"], proof, head)
        else:
            heads = [base64.b64decode(given_[name]) for name in ("root1", "root2")]
            fits = is_consistent(given_["size1"], given_["size2"], proof, heads[0], heads[1])
        assert fits == case["expected"]["valid"], case["id"]
        tried += 1
    assert tried


@given(st.integers(0, 40))
def test_growing_in_place_is_appending(size: int) -> None:
    """The same heads and the same nodes; who appends many makes no tree of each."""
    heads, tree = list[bytes](), Frontier()
    for number, leaf in enumerate(LEAVES[: size + 1]):
        closed = grow(heads, number, leaf_hash(leaf))
        tree, expected = tree.append(leaf_hash(leaf))
        assert (tuple(heads), tuple(closed)) == (tree.heads, expected)
