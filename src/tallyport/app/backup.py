"""Backup and restore of a node (在线备份与恢复): one folder, with the proof that it is the same.

    backup.json            what is here: channel, entries, head, SHA-256 of every file
    node.json              what was chosen when the node was made
    ledger/                one moment of the ledger, and a signed checkpoint of it
    documents/             dossiers, encrypted
    portal.sqlite          users of the portal
    evidence/              what people decided in the work list, papers that they handed in
    keys/, portal.secret   only when asked for; the keys stay locked with the passphrase

Views are left out: they are folded again; so is what evidence drew from exports: it is read again
from them. The passphrase is never in it. A restored node stands in
its home only after everything was audited and has the head that the backup states.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from tallyport.adapters.embedded.audit import Depth, Kept, audit
from tallyport.adapters.embedded.copying import Extent, copy_ledger, extent
from tallyport.adapters.embedded.store import Database
from tallyport.adapters.suites import verify
from tallyport.app.home import Home
from tallyport.app.settings import NodeFile
from tallyport.app.upgrading import before, upgrade
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import parse_entry
from tallyport.ledger.machine import Machine
from tallyport.projections.projection import Views
from tallyport.projections.table import VIEWS

FORMAT = "tallyport-backup/1"
MANIFEST = "backup.json"
NOTHING_KEPT = Kept()
BY_PEOPLE = ("worklist.sqlite", "papers.sqlite")  # Of the evidence: nobody can make them again.
_BATCH = 1_000  # Entries folded into the views at once.


class BackupError(FaultError):
    """A backup cannot be made, or is not to be trusted. Says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    format: str
    version: str  # The release that made it.
    channel: str
    entries: int
    head: str
    files: dict[str, str]  # Place and SHA-256, in order of the places.

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of the backup in `folder`.

        Raises:
            BackupError: there is none, or it is none of ours.
        """
        path = folder / MANIFEST
        try:
            found = cls(**json.loads(path.read_text("utf-8")))
            places = {str(place): str(digest) for place, digest in found.files.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise BackupError(
                f"{path}: expected the list of a backup, got {error!r}; is it the right folder?"
            ) from error
        if found.format != FORMAT or type(found.entries) is not int:
            raise BackupError(f"{path}: expected a {FORMAT}, got {str(found.format)[:40]!r}")
        if any(Path(place).is_absolute() or ".." in Path(place).parts for place in places):
            raise BackupError(f"{path}: expected places inside the backup")
        return found


def back_up(home: Home, folder: Path, *, with_keys: bool = False) -> Manifest:
    """Copy the node in `home` into the new folder `folder`, also while it runs.

    Raises:
        BackupError: something stands there already, or cannot be copied.
    """
    channel = NodeFile.read(home).channel
    with _made(folder) as draft:
        held = copy_ledger(home.ledger, draft / "ledger")
        if held.channel != channel:
            raise BackupError(f"{home.ledger}: expected the channel {channel}, got {held.channel}")
        shutil.copyfile(home.folder / "node.json", draft / "node.json")
        # Behind the ledger: whatever it commits to is in the documents already.
        _copy_database(home.documents / "documents.sqlite", draft / "documents/documents.sqlite")
        _copy_database(home.folder / "portal.sqlite", draft / "portal.sqlite")
        for name in BY_PEOPLE:
            _copy_database(home.evidence / name, draft / "evidence" / name)
        if with_keys:
            _copy_keys(home, draft)
        manifest = Manifest(
            format=FORMAT,
            version=version("tallyport"),
            channel=channel,
            entries=held.entries,
            head=held.head.hex(),
            files={place: _digest(draft / place) for place in _places(draft)},
        )
        (draft / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", "utf-8")
    return manifest


def restore(folder: Path, home: Home, *, kept: Kept = NOTHING_KEPT) -> Manifest:
    """Make the node in the empty `home` from the backup in `folder`; audit it before it counts.

    `kept`: checkpoints that somebody kept; a backup that is older than one of them is refused.

    Raises:
        BackupError: the home is not empty, or the backup is damaged, foreign or older than it says.
    """
    manifest = Manifest.read(folder)
    for place, digest in manifest.files.items():
        if not (folder / place).is_file() or _digest(folder / place) != digest:
            raise BackupError(
                f"{folder / place}: is not the file that was backed up; use another backup"
            )
    with _made(home.folder) as draft:
        for place in manifest.files:
            (draft / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / place, draft / place)
        made = Home(draft)
        if upgrade(made) is not None:  # The backup is of an earlier release.
            shutil.rmtree(before(made))  # The backup itself has it.
        _check(made, manifest, kept)
        _fold(made, manifest.channel)
    return manifest


def _check(made: Home, manifest: Manifest, kept: Kept) -> None:
    """See that what was restored is sound, ours, and what the backup says."""
    channel = NodeFile.read(made).channel
    held = extent(made.ledger)
    stated = Extent(
        channel=manifest.channel, entries=manifest.entries, head=bytes.fromhex(manifest.head)
    )
    if channel != manifest.channel or held.channel != manifest.channel:
        raise BackupError(
            f"expected one channel, {manifest.channel}, got a node of {channel} and a ledger of "
            f"{held.channel}: the backup was put together from several"
        )
    if held.entries < stated.entries:
        raise BackupError(
            f"expected {stated.entries} entries, got {held.entries}: the ledger in it is older"
        )
    report = audit(made.ledger, channel, table.ALL, signer, kept=kept, depth=Depth.FULL).report
    if not report.is_clean:
        raise BackupError(f"the ledger in it is not sound: {report.findings[0]}")
    if held != stated or report.head != stated.head:
        raise BackupError(f"expected the head {manifest.head}, got {report.head.hex()}")


def _fold(made: Home, channel: str) -> None:
    """Build the views; no key is needed for that."""
    machine = Machine(channel, table.ALL, signer, verify)
    with (
        closing(Database(made.ledger, is_writer=False)) as database,
        closing(Views(made.views, VIEWS)) as views,
        database.reading() as reading,
    ):
        last = database.last(reading)
        size = last.sequence if last else 0
        for first in range(1, size + 1, _BATCH):
            numbers = range(first, min(first + _BATCH, size + 1))
            entries = (database.entry(reading, number) for number in numbers)
            views.apply(parse_entry(data, machine.events) for data in entries if data)


@contextmanager
def _made(folder: Path) -> Iterator[Path]:
    """Yield a folder that takes the name `folder` when the block ends well, and vanishes if not."""
    draft = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(f"{folder}: expected an empty folder, or none; choose another")
        shutil.rmtree(draft, ignore_errors=True)  # What somebody left who was killed.
        draft.mkdir(parents=True)
        try:
            yield draft
            for path in sorted(draft.rglob("*")):
                _sync(path)
            _sync(draft)
            draft.rename(folder)
            _sync(folder.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise BackupError(f"cannot write {folder}: {error}; is the disk full?") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_database(path: Path, to: Path) -> None:
    """Copy a SQLite file while others use it; one that is not there is left out."""
    if not path.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as database,
            closing(sqlite3.connect(to)) as copy,
        ):
            database.backup(copy)
    except sqlite3.Error as error:
        raise BackupError(f"cannot copy {path}: {error}; try again in a moment") from error


def _copy_keys(home: Home, draft: Path) -> None:
    if home.keys.exists():
        shutil.copytree(home.keys, draft / "keys")
    secret = home.folder / "portal.secret"
    if secret.exists():
        shutil.copyfile(secret, draft / "portal.secret")


def _places(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
