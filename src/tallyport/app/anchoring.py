"""Write checkpoints to places outside, again and again (定期锚定), and hold the ledger to them.

    1  read what the anchor has; it must be the beginning of our log, or we stop
    2  write the checkpoint of now, unless it is there
    3  remember what was confirmed: an anchor that forgets is found out

Nothing is anchored over a fork: whoever finds that an anchor has another history than ours tells it
and leaves both as they are, for they are evidence.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

from tallyport.adapters.anchors.fabric.anchor import SCHEME, FabricAnchor
from tallyport.adapters.anchors.folder import FolderAnchor
from tallyport.adapters.anchors.http import HttpAnchor
from tallyport.adapters.anchors.port import Anchor, AnchorError
from tallyport.adapters.suites import verify
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.ledger.merkle import frontier
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note

log = logging.getLogger("tallyport.anchors")


class ForkedError(AnchorError):
    """An anchor has another history than this ledger, or a longer one. Nothing was written."""


class Tree(Protocol):
    """As much of an engine as anchoring needs."""

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        ...

    def checkpoint(self) -> str:
        """Return the signed note over what is on disk now."""
        ...

    def hashes(self, level: int, first: int, count: int) -> tuple[bytes, ...]:
        """Return heads of perfect subtrees."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """How an anchor stands to the ledger."""

    anchor: str
    size: int  # Of the last checkpoint that it has and that is ours; 0: none that is known.
    problem: str = ""  # Empty: all is well.


def anchor_of(place: str) -> Anchor:
    """Return the anchor that a setting names: an address, `fabric:` and a file, or a folder.

    Raises:
        AnchorError: it cannot be one.
    """
    if place.startswith(SCHEME):
        return FabricAnchor.read(Path(place.removeprefix(SCHEME)))
    return HttpAnchor(place) if "://" in place else FolderAnchor(Path(place))


def compare(
    anchor: Anchor, origin: str, size: int, head: Callable[[int], bytes], key: VerifierKey | None
) -> int:
    """Return the size of the last checkpoint in the anchor, which is one of ours; 0 for none.

    Raises:
        ForkedError: it is of another log, of another history, or of more entries than we have.
        AnchorError: the anchor does not answer.
    """
    note = anchor.latest()
    if note is None:
        return 0
    try:
        parsed = parse_note(note)
        stated = Checkpoint.parse(parsed.text)
    except MalformedError as error:
        raise ForkedError(f"{anchor.name}: holds something else: {error}") from error
    if stated.origin != origin:
        raise ForkedError(f"{anchor.name}: holds the log {stated.origin}, expected {origin}")
    if key is not None and not parsed.is_signed_by(key, verify):
        raise ForkedError(f"{anchor.name}: the checkpoint over {stated.size} is not signed by us")
    if stated.size > size:
        raise ForkedError(
            f"{anchor.name}: has a checkpoint over {stated.size} entries, this ledger has {size}: "
            "it is an old copy; restore a newer one, and do not go on with this one"
        )
    if head(stated.size) != stated.head:
        raise ForkedError(
            f"{anchor.name}: has another head over {stated.size} entries than this ledger: one of "
            "them was rewritten; stop, keep both, and compare with what others kept"
        )
    return stated.size


class Anchoring:
    """Anchors a ledger to several places; as a context, from time to time by a thread."""

    def __init__(
        self,
        tree: Tree,
        key: VerifierKey,
        anchors: Sequence[Anchor],
        folder: Path,
        *,
        seconds: int,
    ) -> None:
        self._tree, self._key, self._anchors = tree, key, tuple(anchors)
        self._folder, self._seconds = folder, seconds
        self.failures = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="anchors", daemon=True)

    def once(self) -> list[Anchored]:
        """Anchor to every place now, and say how each stands."""
        found = list[Anchored]()
        for anchor in self._anchors:
            try:
                found.append(Anchored(anchor=anchor.name, size=self._anchor(anchor)))
            except FaultError as error:
                self.failures += 1
                log.error("%s", error)  # noqa: TRY400 - Said in its own words; a trace adds none.
                found.append(Anchored(anchor=anchor.name, size=0, problem=str(error)))
        return found

    @property
    def lag(self) -> int:
        """Entries that the anchor that is furthest behind lacks; 0 without anchors."""
        size = self._tree.size
        return max((size - self._kept(anchor) for anchor in self._anchors), default=0)

    def _anchor(self, anchor: Anchor) -> int:
        note = self._tree.checkpoint()
        now = Checkpoint.parse(parse_note(note).text)
        there = compare(anchor, now.origin, now.size, self._head, self._key)
        kept = self._kept(anchor)
        if there < kept:
            raise ForkedError(
                f"{anchor.name}: has forgotten the checkpoint over {kept} entries that it "
                f"confirmed; it has one over {there}"
            )
        if there < now.size:
            anchor.put(now.size, note)
            if anchor.get(now.size) != note:
                raise AnchorError(f"{anchor.name}: does not give back what was written")
        self._keep(anchor, now.size)
        return now.size

    def _head(self, size: int) -> bytes:
        return frontier(size, lambda level, index: self._tree.hashes(level, index, 1)[0]).head

    def _path(self, anchor: Anchor) -> Path:
        return self._folder / sha256(anchor.name.encode()).hexdigest()[:16]

    def _kept(self, anchor: Anchor) -> int:
        """Return the size that the anchor has confirmed, as it was remembered."""
        try:
            word = self._path(anchor).read_text("ascii").partition(" ")[0]
        except FileNotFoundError:
            return 0
        except (OSError, UnicodeDecodeError) as error:
            raise AnchorError(f"{self._path(anchor)}: cannot read: {error}") from error
        if not word.isascii() or not word.isdigit():
            raise AnchorError(f"{self._path(anchor)}: expected a size; delete the file")
        return int(word)

    def _keep(self, anchor: Anchor, size: int) -> None:
        path = self._path(anchor)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            draft.write_text(f"{size} {anchor.name}\n", "utf-8")
            draft.replace(path)
        except OSError as error:
            raise AnchorError(f"{path}: cannot write: {error.strerror}") from error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.once()
            except Exception:  # The edge of this thread: said aloud, and tried again.
                log.exception("anchoring failed, and it is our own fault")
            self._stop.wait(self._seconds)
