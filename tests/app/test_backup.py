"""A backup is one moment of a node, and what is restored from it is the same, proved.

Goal: backed up while it runs, restored elsewhere: same head, same checkpoint, same pages; damaged,
foreign or old ones are refused and leave nothing behind. Method: the small node of the portal's
tests is backed up between its commands, then every part of the backup is damaged in turn.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support import papers as make
from support.portal import VIN, small_portal
from support.town import ALI, BANK, cny
from tallyport.adapters.embedded.audit import Kept
from tallyport.app.backup import BackupError, Manifest, back_up, restore
from tallyport.app.bootstrap import open_node
from tallyport.app.decisions import Decisions
from tallyport.app.home import Home
from tallyport.app.paper_desk import PaperDesk
from tallyport.app.permissions import PortalRole, Seat
from tallyport.app.portal import Portal
from tallyport.app.settings import Settings
from tallyport.cli.main import app
from tallyport.contracts.books.deposit import Deposit
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import BankReferenceId


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Yield a node that runs."""
    with small_portal(tmp_path_factory.mktemp("node") / "home") as portal:
        yield portal


@pytest.fixture
def backup(portal: Portal, tmp_path: Path) -> Path:
    """Back the running node up."""
    back_up(portal.home, tmp_path / "backup")
    return tmp_path / "backup"


def test_the_same_node_stands_elsewhere(portal: Portal, backup: Path, tmp_path: Path) -> None:
    """Same head, same checkpoint, same documents; the views are there before it is opened."""
    home = Home(tmp_path / "restored")
    manifest = restore(backup, home)
    assert manifest.head == portal.node.head
    assert home.views.exists()
    with open_node(Settings(home=home.folder)) as node:
        assert (node.head, node.views.position) == (portal.node.head, manifest.entries)
        assert node.engine.checkpoint() == portal.node.engine.checkpoint()
        assert node.documents.get(f"vehicle:{VIN}", 1) == b'{"vin":"HLX33B128R1643455"}'
        with portal.reading() as old, closing(node.views.reader()) as new:
            assert shown(old) == shown(new)
            assert len(shown(new)) > 10


def shown(views: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every view, but what reactors have followed."""
    named = views.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: sorted(map(tuple, views.execute(f'SELECT * FROM "{name}"')), key=repr)  # noqa: S608
        for (name,) in named
        if name != "position"
    }


def test_what_people_decided_and_handed_in_comes_along(portal: Portal, tmp_path: Path) -> None:
    """Nobody could make it again."""
    seat = Seat(user="ali", member=ALI, roles=frozenset({PortalRole.OPERATOR}))
    at = datetime(2024, 5, 6, tzinfo=UTC)
    paper, _ = PaperDesk(portal.home).take(seat, "invoice.xml", make.einvoice(), at)
    Decisions(portal.home)  # A work list, though an empty one.
    back_up(portal.home, tmp_path / "backup")
    home = Home(tmp_path / "restored")
    restore(tmp_path / "backup", home)
    assert PaperDesk(home).one(None, paper.number) == paper
    assert (home.evidence / "worklist.sqlite").exists()


def test_while_it_writes(portal: Portal, tmp_path: Path) -> None:
    """Every backup that is made meanwhile is one moment: it restores, and the log extends it."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            deposit = Deposit(
                owner=ALI, amount=cny(1), reference=BankReferenceId(f"BACKUP-{number}")
            )
            portal.node.submit(BANK, f"backup-{number}", deposit)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [back_up(portal.home, tmp_path / f"backup-{number}") for number in range(3)]
    finally:
        stop.set()
        thread.join()
    entries = [one.entries for one in made]
    assert entries == sorted(entries)
    for number, one in enumerate(made):
        restored = restore(tmp_path / f"backup-{number}", Home(tmp_path / f"home-{number}"))
        assert (restored.head, restored.entries) == (one.head, one.entries)
        assert portal.node.engine.consistency(one.entries, portal.node.engine.size) is not None


def test_keys_only_when_asked_for(portal: Portal, tmp_path: Path) -> None:
    """Nothing secret lies in a backup by itself; the passphrase never."""
    home = tmp_path / "home"
    shutil.copytree(portal.home.folder, home, ignore=shutil.ignore_patterns("*.lock"))
    (home / "keys").mkdir()
    (home / "keys" / "log.key").write_text("locked")
    (home / "passphrase").write_text("a word")
    (home / "portal.secret").write_text("x" * 50)
    back_up(Home(home), tmp_path / "without")
    with_keys = back_up(Home(home), tmp_path / "with", with_keys=True)
    places = {path.name for path in (tmp_path / "without").rglob("*")}
    assert not places & {"log.key", "keys", "passphrase", "portal.secret", "views.sqlite"}
    assert {"keys/log.key", "portal.secret"} <= set(with_keys.files)
    assert "passphrase" not in with_keys.files


def test_every_damaged_file_is_found(backup: Path, tmp_path: Path) -> None:
    """Changed or missing; and no home is left behind."""
    for place in Manifest.read(backup).files:
        for spoil in (lambda path: path.write_bytes(path.read_bytes() + b"x"), Path.unlink):
            copy = tmp_path / "copy"
            shutil.copytree(backup, copy)
            spoil(copy / place)
            with pytest.raises(BackupError, match="not the file that was backed up"):
                restore(copy, Home(tmp_path / "restored"))
            assert not (tmp_path / "restored").exists()
            shutil.rmtree(copy)


def edited(backup: Path, **fields: object) -> None:
    """Change what a backup says of itself."""
    path = backup / "backup.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"entries": 10_000}, "the ledger in it is older"),
        ({"head": "ab" * 32}, "expected the head abab"),
        ({"channel": "other"}, "expected one channel"),
        ({"format": "zip"}, "expected a tallyport-backup/1"),
        ({"files": {"../node.json": "0"}}, "expected places inside"),
        ({"more": 1}, "expected the list of a backup"),
    ],
)
def test_a_backup_that_says_something_else(
    backup: Path, tmp_path: Path, fields: dict[str, object], sentence: str
) -> None:
    """It is older than it claims, or another's."""
    edited(backup, **fields)
    with pytest.raises(BackupError, match=sentence):
        restore(backup, Home(tmp_path / "restored"))
    assert not list(tmp_path.glob("*restored*"))


def test_an_old_backup_is_told_by_a_checkpoint_that_somebody_kept(
    portal: Portal, backup: Path, tmp_path: Path
) -> None:
    """It was signed for more entries than there are."""
    deposit = Deposit(owner=ALI, amount=cny(1), reference=BankReferenceId("LATER"))
    portal.node.submit(BANK, "later", deposit)
    kept = Kept(notes=(portal.node.engine.checkpoint(),), key=portal.node.engine.verifier_key)
    with pytest.raises(BackupError, match="is missing: a checkpoint was signed for"):
        restore(backup, Home(tmp_path / "restored"), kept=kept)


def test_a_home_or_folder_in_use_is_left_alone(portal: Portal, backup: Path) -> None:
    """Neither a backup nor a node is overwritten."""
    with pytest.raises(BackupError, match="expected an empty folder"):
        restore(backup, portal.home)
    with pytest.raises(BackupError, match="expected an empty folder"):
        back_up(portal.home, backup)


def test_what_was_left_by_somebody_who_was_killed_is_cleared_away(
    backup: Path, tmp_path: Path
) -> None:
    """Half a home has another name until it is whole."""
    (tmp_path / ".restored.part" / "ledger").mkdir(parents=True)
    (tmp_path / "restored").mkdir()
    restore(backup, Home(tmp_path / "restored"))
    assert not (tmp_path / ".restored.part").exists()


def test_on_the_command_line(portal: Portal, tmp_path: Path) -> None:
    """Back up, restore; export, import; an import says what it lacks."""

    def call(*words: object) -> str:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if isinstance(result.exception, FaultError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    home, log = portal.home.folder, tmp_path / "log.jsonl.gz"
    assert "keys are not in it" in call("backup", tmp_path / "b", "--home", home)
    assert "the passphrase elsewhere" in call(
        "backup", tmp_path / "b2", "--home", home, "--with-keys"
    )
    kept = tmp_path / "checkpoint"
    kept.write_text(portal.node.engine.checkpoint(), "utf-8")
    key = str(portal.node.engine.verifier_key)
    words = ("--checkpoint", kept, "--key", key)
    assert portal.node.head in call("restore", tmp_path / "b", "--home", tmp_path / "r", *words)
    assert portal.node.head in call("export", log, "--home", home)
    told = call("import", log, "--home", tmp_path / "i", "--key", key)
    assert portal.node.head in told
    assert "is no node yet" in told
    (tmp_path / "j").mkdir()
    (tmp_path / "j" / "node.json").write_text(
        (home / "node.json").read_text("utf-8").replace("main", "other"), "utf-8"
    )
    with pytest.raises(FaultError, match="expected the channel other, got main"):
        call("import", log, "--home", tmp_path / "j")
