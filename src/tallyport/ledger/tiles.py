"""The tree as files that never change (哈希瓦片): 256 hashes each, addressed by level and number.

    tile/0/x001/x234/067          leaf hashes 1 234 067 * 256 and the 255 behind it
    tile/1/004.p/17               of level 1, the first 17: the tree has grown no further yet
    tile/entries/000              the entries of tile/0/000, each behind its length, two bytes

A hash of level n is the head of 256 hashes of level n - 1. Whoever has the tiles of a checkpoint
makes every proof himself, and asks us nothing that would tell us what he is after.

Source: C2SP tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.merkle import HASH_BYTES, Node

WIDTH = 256
HEIGHT = 8  # Levels of the tree in one tile.
LEVEL_MAX = 63  # The source's.
INDEX_PARTS_MAX = 6  # Numbers up to 10**18: a log of 2**63 entries has fewer tiles.
ENTRY_LENGTH_MAX = 65_535  # The source writes the length of an entry in two bytes.
ENTRIES = "entries"
_PART = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Where a tile stands. A bundle of entries stands where its tile of level 0 does."""

    level: int
    index: int
    width: int = WIDTH
    is_bundle: bool = False

    @property
    def path(self) -> str:
        """Its address below the log's own."""
        parts, left = [f"{self.index % _PART:03d}"], self.index // _PART
        while left:  # audit: loop: each round takes three digits
            parts.append(f"x{left % _PART:03d}")
            left //= _PART
        place = "/".join(reversed(parts))
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{ENTRIES if self.is_bundle else self.level}/{place}{partial}"

    @property
    def first(self) -> int:
        """Number of its first hash within the level."""
        return self.index * WIDTH

    def is_in(self, size: int) -> bool:
        """Return whether a tree of `size` leaves has all of it."""
        return self.first + self.width <= size >> (HEIGHT * self.level)


def parse_path(path: str) -> Tile:
    """Read an address.

    Raises:
        MalformedError: it is none, or is spelled otherwise than it has to be.
    """
    word, _, rest = path.removeprefix("tile/").partition("/")
    place, _, width = rest.partition(".p/")
    parts = [part.removeprefix("x") for part in place.split("/")]
    is_bundle = word == ENTRIES
    numbers = [*parts, width or str(WIDTH), "0" if is_bundle else word]
    if not all(one.isascii() and one.isdigit() and len(one) <= 3 for one in numbers):  # noqa: PLR2004 - Three digits a part.
        raise MalformedError(
            f"expected tile/LEVEL/NUMBER or tile/entries/NUMBER, got {path[:80]!r}"
        )
    tile = Tile(
        level=int(numbers[-1]),
        index=int("".join(parts)) if len(parts) <= INDEX_PARTS_MAX else 0,
        width=int(numbers[-2]),
        is_bundle=is_bundle,
    )
    if tile.path != path or tile.level > LEVEL_MAX or not 0 < tile.width <= WIDTH:
        raise MalformedError(f"expected {tile.path} or the like, got {path[:80]!r}")
    return tile


def hashes(tile: Tile, node: Node) -> bytes:
    """Return what stands in a tile; `node` reads the perfect subtrees of the log."""
    level = HEIGHT * tile.level
    return b"".join(node(level, tile.first + number) for number in range(tile.width))


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return what stands in a bundle of entries.

    Raises:
        MalformedError: an entry is too long for this form.
    """
    parts = list[bytes]()
    for data in entries:
        if len(data) > ENTRY_LENGTH_MAX:
            raise MalformedError(
                f"expected entries of at most {ENTRY_LENGTH_MAX} bytes, one has {len(data)}; "
                "ask for it by its number"
            )
        parts += [len(data).to_bytes(2, "big"), data]
    return b"".join(parts)


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a tree of `size` leaves, the partial ones of its edge with them."""
    for level in range(LEVEL_MAX + 1):
        count = size >> (HEIGHT * level)
        if count == 0:
            return
        yield from (Tile(level=level, index=index) for index in range(count // WIDTH))
        if count % WIDTH:
            yield Tile(level=level, index=count // WIDTH, width=count % WIDTH)


def hashes_length(tile: Tile) -> int:
    """Return how many bytes a tile has."""
    return tile.width * HASH_BYTES
