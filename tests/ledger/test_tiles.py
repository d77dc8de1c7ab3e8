"""Tiles hold the tree, all of it and nothing else; their addresses have one spelling.

Goal: whoever has the tiles has the head and every proof. Method: small and crooked trees are cut
into tiles and the head is computed again from tiles alone, by code of this test; the source's own
examples; addresses there and back, and those that are none.
"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.merkle import Frontier, leaf_hash
from tallyport.ledger.tiles import (
    ENTRY_LENGTH_MAX,
    WIDTH,
    Tile,
    bundle,
    hashes,
    hashes_length,
    parse_path,
    tiles_of,
)


def head_of(leaves: list[bytes]) -> bytes:
    """Return the head of leaf hashes, straight from RFC 6962."""
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    left, right = head_of(leaves[:middle]), head_of(leaves[middle:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700, 65_537])
def test_the_head_is_in_the_tiles(size: int) -> None:
    """Leaf hashes in tiles of level 0; each hash above is the head of a full tile below."""
    nodes: dict[tuple[int, int], bytes] = {}
    tree, leaves = Frontier(), list[bytes]()
    for number in range(size):
        leaves.append(leaf_hash(b"%d" % number))
        tree, closed = tree.append(leaves[-1])
        nodes |= {(level, index): head for level, index, head in closed}
    files = {tile: hashes(tile, lambda level, at: nodes[level, at]) for tile in tiles_of(size)}
    assert all(len(data) == hashes_length(tile) for tile, data in files.items())
    assert all(tile.is_in(size) for tile in files)
    by_level = {
        level: b"".join(data for tile, data in files.items() if tile.level == level)
        for level in {tile.level for tile in files}
    }
    assert by_level[0] == b"".join(leaves)
    assert head_of(leaves) == tree.head
    for level in range(1, max(by_level) + 1):
        below = [by_level[level - 1][at : at + 32] for at in range(0, len(by_level[level - 1]), 32)]
        full = [below[at : at + WIDTH] for at in range(0, len(below) - WIDTH + 1, WIDTH)]
        assert by_level[level] == b"".join(head_of(one) for one in full)


def test_seventy_thousand() -> None:
    """The example of the source."""
    found = list(tiles_of(70_000))
    assert sum(1 for tile in found if tile.level == 0 and tile.width == WIDTH) == 273
    rest = [(tile.level, tile.width) for tile in found[273:]]
    assert rest == [(0, 112), (1, 256), (1, 17), (2, 1)]
    assert [tile.path for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]


@given(st.integers(0, 10**17), st.integers(0, 63), st.integers(1, 256), st.booleans())
def test_an_address_there_and_back(index: int, level: int, width: int, is_bundle: bool) -> None:  # noqa: FBT001 - Drawn.
    """Whatever it stands for."""
    tile = Tile(level=0 if is_bundle else level, index=index, width=width, is_bundle=is_bundle)
    assert parse_path(tile.path) == tile


def test_the_address_of_the_source() -> None:
    """1 234 067."""
    assert Tile(level=0, index=1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(level=0, index=5, width=8, is_bundle=True).path == "tile/entries/005.p/8"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/007",
        "tile/0/000.p/",
        "tile/-1/000",
        "tile/entries/../000",
        "tile/0/" + "x001/" * 9 + "000",
        "tile/0/٠٠٠",
    ],
)
def test_another_spelling_is_none(path: str) -> None:
    """Two addresses of one tile would be two files."""
    with pytest.raises(MalformedError):
        parse_path(path)


def test_a_bundle_holds_entries_behind_their_lengths() -> None:
    """And says so when one does not fit."""
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert len(bundle([b"x" * ENTRY_LENGTH_MAX])) == ENTRY_LENGTH_MAX + 2
    with pytest.raises(MalformedError, match="65535"):
        bundle([b"x" * (ENTRY_LENGTH_MAX + 1)])


def test_what_has_not_grown_yet_is_not_in() -> None:
    """A partial tile is there only as far as the tree goes."""
    assert Tile(level=0, index=0, width=3).is_in(3)
    assert not Tile(level=0, index=0, width=4).is_in(3)
    assert not Tile(level=1, index=0, width=1).is_in(255)
