"""A ledger as a folder of tiles (哈希瓦片目录), to be served by any web server; see `ledger.tiles`.

Made from the ledger on disk, also while a node writes, up to the checkpoint beside it. What is full
never changes and is not written again; the checkpoint comes last, so that whoever reads it finds
all that it covers.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from tallyport.adapters.embedded.audit import reading
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.frames import Kind
from tallyport.adapters.embedded.store import StoreError
from tallyport.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.ledger.tiles import HEIGHT, WIDTH, Tile, bundle


def write_tiles(ledger: Path, out: Path, *, with_entries: bool = False) -> int:
    """Write the tiles of the ledger in the folder `ledger` into `out`; return of how many entries.

    Raises:
        StoreError: there is no checkpoint, or something cannot be read or written.
        MalformedError: an entry is too long for a bundle.
    """
    note = CheckpointFile(ledger).read()
    if note is None:
        raise StoreError(f"{ledger}: expected a ledger with its checkpoint beside it; found none")
    checkpoint = Checkpoint.parse(parse_note(note).text)
    making, tree = _Making(out), Frontier()
    with reading(ledger) as frames:
        entries = (frame.value for frame in frames if frame.kind is Kind.ENTRY)
        for data in islice(entries, checkpoint.size):
            tree, closed = tree.append(leaf_hash(data))
            for level, _, head in closed:
                if level % HEIGHT == 0:
                    making.add(level // HEIGHT, head)
            if with_entries:
                making.add_entry(data)
    if (tree.size, tree.head) != (checkpoint.size, checkpoint.head):
        raise StoreError(f"{ledger}: is not what its checkpoint says; run `tallyport audit`")
    making.finish()
    _write(out / "checkpoint", note.encode())
    return tree.size


class _Making:
    """Tiles that are being filled, one a level, and the bundle of entries."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._hashes: dict[int, list[bytes]] = {}
        self._done: dict[int, int] = {}  # Full tiles by level.
        self._entries: list[bytes] = []
        self._bundles = 0

    def add(self, level: int, head: bytes) -> None:
        """Take the next hash of a level."""
        waiting = self._hashes.setdefault(level, [])
        waiting.append(head)
        if len(waiting) == WIDTH:
            self._put(level)
            self._done[level] = self._done.get(level, 0) + 1
            waiting.clear()

    def add_entry(self, data: bytes) -> None:
        """Take the next entry."""
        self._entries.append(data)
        if len(self._entries) == WIDTH:
            self._put_bundle()
            self._bundles += 1
            self._entries.clear()

    def finish(self) -> None:
        """Write what is not full."""
        for level, waiting in self._hashes.items():
            if waiting:
                self._put(level)
        if self._entries:
            self._put_bundle()

    def _put(self, level: int) -> None:
        hashes = self._hashes[level]
        tile = Tile(level=level, index=self._done.get(level, 0), width=len(hashes))
        path = self._out / tile.path
        if not path.exists() or path.stat().st_size != len(hashes) * HASH_BYTES:
            _write(path, b"".join(hashes))

    def _put_bundle(self) -> None:
        tile = Tile(level=0, index=self._bundles, width=len(self._entries), is_bundle=True)
        path = self._out / tile.path
        if not path.exists():
            _write(path, bundle(self._entries))


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; is the disk full?") from error
