"""Audits the ledger in a folder (账本审计), also while a node writes it; see `ledger.audit`.

    tree     every entry and node, the checkpoint; no signature and no row
    replay   and everything executed again, every row
    full     and every signature, by all processors

A process of its own reads the file, so that a damaged page ends that process and not the audit.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import IO

from tallyport.adapters.embedded import collector
from tallyport.adapters.embedded.checker import Checkers, Checking, Signed
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.frames import Frame, Kind, unpack
from tallyport.adapters.embedded.reader import WITHOUT_ROWS
from tallyport.adapters.embedded.store import StoreError, last_bytes, marks
from tallyport.adapters.suites import verify
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Authority, Contract
from tallyport.ledger.audit import Audit, Report
from tallyport.ledger.entry import skim
from tallyport.ledger.machine import Place
from tallyport.ledger.note import Checkpoint, VerifierKey, origin_of, parse_note
from tallyport.ledger.replay import Check, Claim, Replay

STALL_SECONDS_MAX = 60  # A disk answers in milliseconds; after a minute it is not going to.
CHECKS_MAX = 2  # Requests that wait for an answer: more would only fill the pipes.
_CHUNK_BYTES = 1 << 20
_STEP = 500  # Entries or rows between two looks at signatures and at the progress.

Progress = Callable[[int, int], None]  # (done, of)


@unique
class Depth(StrEnum):
    """How deep to look."""

    TREE = "tree"
    REPLAY = "replay"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A report and what it took."""

    report: Report
    depth: Depth
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Checkpoints that somebody kept, as signed notes, and the key that is to have signed them."""

    notes: Sequence[str] = ()
    key: VerifierKey | None = None  # None: the heads are compared, whoever signed them.


def audit(
    folder: Path,
    channel: str,
    contracts: tuple[Contract, ...],
    authority: Authority,
    *,
    kept: Kept = Kept(),
    depth: Depth = Depth.FULL,
    progress: Progress = lambda _done, _of: None,
) -> Audited:
    """Look at every byte that the ledger in `folder` says, also at the checkpoint beside it.

    Nothing is written. What is wrong stands in the report.

    Raises:
        StoreError: there is no ledger.
    """
    if not (folder / "data.mdb").exists():
        raise StoreError(f"no ledger in {folder}: expected a file data.mdb there")
    collector.relax()
    begun = time.monotonic()
    beside = CheckpointFile(folder).read()  # Before the ledger, so that it is not the newer one.
    notes = [*kept.notes, *([] if beside is None else [beside])]
    checkpoints, problems = _believed(notes, origin_of(channel), kept.key)
    replay = None if depth is Depth.TREE else Replay(channel, contracts, authority)
    course = Audit(replay, checkpoints)
    for problem in problems:
        course.find(Check.CHECKPOINT, None, problem)
    with (
        reading(folder, with_rows=depth is not Depth.TREE) as frames,
        closing(_Signatures(course, depth)) as signatures,
    ):
        is_whole = _listen(frames, course, signatures, _Meta(channel), progress)
    report = course.report(is_whole=is_whole)
    return Audited(report=report, depth=depth, seconds=time.monotonic() - begun)


def _believed(
    notes: Sequence[str], origin: str, key: VerifierKey | None
) -> tuple[list[Checkpoint], list[str]]:
    """Return the checkpoints that are to be believed, and what is wrong with the others."""
    checkpoints, problems = list[Checkpoint](), list[str]()
    for text in notes:
        try:
            note = parse_note(text)
            checkpoint = Checkpoint.parse(note.text)
        except MalformedError as error:
            problems.append(f"a checkpoint cannot be read: {error}")
            continue
        if checkpoint.origin != origin:
            problems.append(f"a checkpoint is of {checkpoint.origin}, expected {origin}")
        elif key is not None and not note.is_signed_by(key, verify):
            problems.append(f"the checkpoint over {checkpoint.size} is not signed by {key.name}")
        else:
            checkpoints.append(checkpoint)
    return checkpoints, problems


def _listen(
    frames: Iterator[Frame],
    course: Audit,
    signatures: _Signatures,
    meta: _Meta,
    progress: Progress,
) -> bool:
    """Hand over what was read, in order; return whether everything could be read."""
    of, is_whole = 0, True
    for done, (kind, name, value, nodes) in enumerate(frames):
        match kind:
            case Kind.SIZE:
                of = int(name) + int(value)
            case Kind.ENTRY:
                course.entry(int.from_bytes(name, "big"), value, nodes)
                meta.last = value
            case Kind.ROW:
                course.row(name, value)
            case Kind.NODE:
                course.find(Check.TREE, None, f"the node {name.hex()} belongs to no entry")
            case Kind.META:
                meta.found[name] = value
            case Kind.DAMAGE:
                behind = course.counts.entries + 1 if not course.counts.rows else None
                course.find(Check.STORE, behind, f"cannot be read: {value.decode()}")
                is_whole = False
            case Kind.END:
                meta.compare(course)
        if done % _STEP == 0:
            signatures.take()
            progress(min(done, of), of)
    signatures.finish()
    progress(of, of)
    return is_whole


class _Meta:
    """What the ledger says of itself."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.found: dict[bytes, bytes] = {}
        self.last: bytes | None = None  # The last entry.

    def compare(self, course: Audit) -> None:
        """Report what is not as it should be."""
        expected = marks(self._channel)
        if self.last is not None:
            try:
                at = skim(self.last).at
            except MalformedError:
                return  # Found already: the entry is none.
            expected[b"last"] = last_bytes(Place(sequence=course.counts.entries, at=at))
        for name, value in expected.items():  # Another engine may keep more there.
            if self.found.get(name) != value:
                message = f"{name!r}: expected {value!r}, got {self.found.get(name)!r}"
                course.find(Check.META, None, message)


class _Signatures:
    """Has claims checked by processes of their own, while the replay goes on."""

    def __init__(self, course: Audit, depth: Depth) -> None:
        self._course, self._is_wanted = course, depth is Depth.FULL
        self._checkers = Checkers()
        self._checks: deque[tuple[list[Claim], Checking]] = deque()

    def take(self) -> None:
        """Have the audit's new claims checked; wait when too many are waiting."""
        claims = self._course.claims()
        if self._is_wanted and claims:
            self._course.counts.signatures += len(claims)
            signed = [Signed(c.suite, c.public, c.message, c.signature) for c in claims]
            self._checks.append((claims, self._checkers.start(signed)))
        self._settle(CHECKS_MAX)

    def finish(self) -> None:
        """Wait for all of them."""
        self.take()
        self._settle(0)

    def close(self) -> None:
        """End the processes."""
        self._checkers.close()

    def _settle(self, waiting_max: int) -> None:
        while len(self._checks) > waiting_max:
            claims, checking = self._checks.popleft()
            for claim, fits in zip(claims, checking.result(), strict=True):
                if not fits:
                    message = "has a signature that does not fit"
                    self._course.find(Check.SIGNATURE, claim.sequence, message)


@contextmanager
def reading(folder: Path, *, with_rows: bool = True) -> Iterator[Iterator[Frame]]:
    """Yield the frames of a process that reads the ledger; end that process."""
    command = [sys.executable, "-m", "tallyport.adapters.embedded.reader", str(folder)]
    command += [] if with_rows else [WITHOUT_ROWS]
    with subprocess.Popen(  # noqa: S603 - Our own module.
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as process:
        try:
            yield iter(()) if process.stdout is None else _frames(process.stdout)
        finally:
            process.kill()


def _frames(out: IO[bytes]) -> Iterator[Frame]:
    """Yield frames; when the reader falls silent before its last one, the last one is DAMAGE."""
    waiting = b""
    while True:
        ready, _, _ = select.select([out], [], [], STALL_SECONDS_MAX)
        data = os.read(out.fileno(), _CHUNK_BYTES) if ready else b""
        if not data:
            message = "the reader crashed" if ready else "the reader stalled"
            advice = "a page of the file is damaged; restore a backup"
            yield Frame(Kind.DAMAGE, value=f"{message}: {advice}".encode())
            return
        found, waiting = unpack(waiting + data)
        yield from found
        if found and found[-1].kind in (Kind.DAMAGE, Kind.END):
            return
