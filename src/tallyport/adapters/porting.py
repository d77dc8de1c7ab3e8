"""A ledger out to one file and in again (导出导入), entry by entry; see `ledger.portable`.

Out: as many entries as the checkpoint beside the ledger was signed for, also while a node writes.
In: every entry is executed and must give its own bytes, then everything is audited. It happens in
a folder beside the ledger's, which takes the ledger's name at the very end: killed before, the next
import begins anew.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from tallyport.adapters.consortium.restoring import Restoring
from tallyport.adapters.embedded.audit import Depth, Kept, audit, reading
from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.adapters.embedded.copying import Extent, extent
from tallyport.adapters.embedded.frames import Kind
from tallyport.adapters.embedded.lock import Lock
from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.adapters.suites import verify
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Authority, Contract
from tallyport.ledger.machine import Machine
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note
from tallyport.ledger.portable import LINE_BYTES_MAX, Header, closing_line, parse_closing

_STEP = 500  # Entries between two words on the progress.

Progress = Callable[[int, int], None]  # (done, of)


def export_ledger(
    folder: Path, out: Path, *, progress: Progress = lambda _done, _of: None
) -> Header:
    """Write the ledger in `folder` to the file `out`; a name that ends in .gz is compressed.

    Raises:
        StoreError: no checkpoint was signed for it yet, or something cannot be read or written.
    """
    note = CheckpointFile(folder).read()
    if note is None:
        raise StoreError(f"{folder}: expected a ledger with its checkpoint beside it; found none")
    checkpoint = Checkpoint.parse(parse_note(note).text)
    channel = checkpoint.origin.removeprefix("tallyport/")
    header = Header(channel=channel, entries=checkpoint.size, head=checkpoint.head)
    sequence, draft = 0, out.with_name(f".{out.name}.part")
    with (
        reading(folder) as frames,
        _written(draft, is_compressed=out.suffix == ".gz") as file,
    ):
        file.write(header.line)
        entries = (frame.value for frame in frames if frame.kind is Kind.ENTRY)
        for sequence, data in enumerate(islice(entries, header.entries), start=1):
            file.write(data + b"\n")
            if sequence % _STEP == 0:
                progress(sequence, header.entries)
        if sequence != header.entries:
            raise StoreError(f"entry {sequence + 1} cannot be read; run `tallyport audit`")
        file.write(closing_line(note))
    draft.replace(out)
    progress(header.entries, header.entries)
    return header


def import_ledger(
    file: Path,
    folder: Path,
    contracts: tuple[Contract, ...],
    authority: Authority,
    *,
    channel: str | None = None,
    key: VerifierKey | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Extent:
    """Make the ledger in `folder` from an exported file; there must be none yet.

    `channel`: which one is expected; None: any.
    `key`: who must have signed the checkpoint; None: it is compared, whoever signed it.

    Raises:
        StoreError: there is a ledger, or the file's is not sound: says what was found.
        MalformedError: the file is no export; says in which line.
        UnfitError: an entry does not follow from those before it.
    """
    if folder.exists():
        raise StoreError(f"{folder}: expected no ledger there yet; choose an empty home")
    draft = folder.with_name(f"{folder.name}.importing")
    with closing(Lock(folder.with_name(f"{folder.name}.lock"))):
        shutil.rmtree(draft, ignore_errors=True)  # What an import left that was killed.
        with _read(file) as lines:
            header = Header.parse(next(lines, b""))
            if channel not in (None, header.channel):
                raise StoreError(f"{file}: expected the channel {channel}, got {header.channel}")
            machine = Machine(header.channel, contracts, authority, verify)
            note = _take(lines, draft, header, machine, progress)
        CheckpointFile(draft).write(note)
        kept = Kept(notes=(note,), key=key)
        report = audit(
            draft, header.channel, contracts, authority, kept=kept, depth=Depth.FULL
        ).report
        if not report.is_clean:
            raise StoreError(f"{file}: the ledger is not sound: {report.findings[0]}")
        draft.rename(folder)
    return Extent(channel=header.channel, entries=header.entries, head=header.head)


def rebuild_ledger(
    folder: Path,
    draft: Path,
    contracts: tuple[Contract, ...],
    authority: Authority,
    *,
    progress: Progress = lambda _done, _of: None,
) -> Extent:
    """Make the ledger in `folder` anew in the folder `draft`, from its entries alone, all of them.

    A release that keeps rows otherwise than the one before needs it: entries never change.

    Raises:
        StoreError: an entry cannot be read, or what comes out is not sound.
        UnfitError: an entry does not follow from those before it.
    """
    held = extent(folder)
    shutil.rmtree(draft, ignore_errors=True)  # What was left by somebody who was killed.
    machine = Machine(held.channel, contracts, authority, verify)
    with (
        reading(folder) as frames,
        closing(Database(draft)) as database,
        database.writing() as writing,
    ):
        database.belong(writing, held.channel)
        restoring = Restoring(database, machine)
        entries = (frame.value for frame in frames if frame.kind is Kind.ENTRY)
        with restoring.within(writing):
            for done, data in enumerate(islice(entries, held.entries), start=1):
                restoring.take([data])
                if done % _STEP == 0:
                    progress(done, held.entries)
            if held.entries:
                restoring.finish(held.entries, held.head)
    note = CheckpointFile(folder).read()
    if note is not None:
        CheckpointFile(draft).write(note)
    report = audit(draft, held.channel, contracts, authority).report
    if not report.is_clean:
        raise StoreError(f"{folder}: the ledger is not sound: {report.findings[0]}")
    progress(held.entries, held.entries)
    return held


def _take(
    lines: Iterator[bytes],
    draft: Path,
    header: Header,
    machine: Machine,
    progress: Progress,
) -> str:
    """Execute the lines of a file into a new store; return its checkpoint."""
    with closing(Database(draft)) as database, database.writing() as writing:
        database.belong(writing, header.channel)
        restoring = Restoring(database, machine)
        with restoring.within(writing):
            for sequence in range(1, header.entries + 1):
                try:
                    restoring.take([_entry(next(lines, b""))])
                except MalformedError as error:
                    raise MalformedError(f"line {sequence + 1}: {error}") from None
                if sequence % _STEP == 0:
                    progress(sequence, header.entries)
            restoring.finish(header.entries, header.head)
        note = parse_closing(next(lines, b""), header)
        if next(lines, b""):
            raise MalformedError(f"line {header.entries + 3}: expected the end of the file")
    progress(header.entries, header.entries)
    return note


def _entry(line: bytes) -> bytes:
    if not line.endswith(b"\n"):
        raise MalformedError("expected an entry; the file is cut off")
    return line[:-1]


@contextmanager
def _written(path: Path, *, is_compressed: bool) -> Iterator[IO[bytes]]:
    """Yield a file to write; a compressed one has no date: equal ledgers are equal files."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as plain:
            if not is_compressed:
                yield plain
                return
            with gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0) as packed:
                yield packed  # type: ignore[misc]
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}; is the disk full?") from error


@contextmanager
def _read(path: Path) -> Iterator[Iterator[bytes]]:
    """Yield the lines of a file, compressed or not."""
    try:
        with path.open("rb") as plain:
            is_packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            with gzip.GzipFile(fileobj=plain) if is_packed else plain as file:
                yield iter(lambda: file.readline(LINE_BYTES_MAX + 1), b"")
    except (OSError, EOFError) as error:
        raise StoreError(f"cannot read {path}: {error}; was it cut off on its way?") from error
