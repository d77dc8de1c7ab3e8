"""The folder of an earlier release is opened after an upgrade, with every entry and the same head.

Goal: whoever upgrades in place loses nothing, killed wherever. Method: the small node of the tests
is marked as one of an earlier release and one of its rows is dropped, as a release that keeps rows
otherwise would have it; then it is upgraded, also from its middle.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.portal import small_portal
from tallyport.adapters.embedded.audit import audit
from tallyport.adapters.embedded.lock import HeldError, Lock
from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.app.backup import back_up, restore
from tallyport.app.bootstrap import open_node
from tallyport.app.home import Home
from tallyport.app.settings import Settings
from tallyport.app.upgrading import UpgradeError, before, upgrade
from tallyport.cli.main import app
from tallyport.contracts import table
from tallyport.contracts.members.authority import signer


@pytest.fixture
def old(tmp_path: Path) -> tuple[Home, str]:
    """Return a home of an earlier release, and its head."""
    home = Home(tmp_path / "home")
    with small_portal(home.folder) as portal:
        head = portal.node.head
    database = Database(home.ledger)
    with database.writing() as transaction, transaction.cursor(db=database.rows) as cursor:
        transaction.put(b"format", b"tallyport-embedded/0", db=database.meta)
        cursor.first()
        cursor.delete()
    database.close()
    return home, head


def is_served(home: Home, head: str) -> bool:
    """Return whether a home is sound and has the head."""
    assert audit(home.ledger, "main", table.ALL, signer).report.is_clean
    with open_node(Settings(home=home.folder)) as node:
        return node.head == head


def test_it_is_refused_and_then_upgraded(old: tuple[Home, str]) -> None:
    """The ledger as it was stays beside it; the second time there is nothing to do."""
    home, head = old
    with pytest.raises(StoreError, match="earlier release"), open_node(Settings(home=home.folder)):
        pass
    made = upgrade(home)
    assert made is not None
    assert made.head.hex() == head
    assert is_served(home, head)
    assert before(home).exists()
    assert upgrade(home) is None


def test_killed_between_two_names_it_is_finished(old: tuple[Home, str]) -> None:
    """And what was half made is made again."""
    home, head = old
    (home.folder / "ledger.upgraded").mkdir()
    upgrade(home)
    home.ledger.rename(home.folder / "ledger.upgraded")
    assert upgrade(home) is not None
    assert is_served(home, head)


def test_it_is_not_done_under_a_node_nor_over_an_earlier_one(old: tuple[Home, str]) -> None:
    """A writer keeps it out; so does what an upgrade before left."""
    home, _ = old
    lock = Lock(home.ledger / "writer.lock")
    with pytest.raises(HeldError):
        upgrade(home)
    lock.close()
    before(home).mkdir()
    with pytest.raises(UpgradeError, match="move it away"):
        upgrade(home)


def test_a_backup_of_an_earlier_release_is_restored(old: tuple[Home, str], tmp_path: Path) -> None:
    """It is upgraded on the way."""
    home, head = old
    back_up(home, tmp_path / "backup")
    restored = Home(tmp_path / "restored")
    assert restore(tmp_path / "backup", restored).head == head
    assert is_served(restored, head)


def test_on_the_command_line(old: tuple[Home, str]) -> None:
    """Once, and once more."""
    home, head = old
    words = ["upgrade", "--home", str(home.folder)]
    assert head in CliRunner().invoke(app, words).output
    assert "nothing to do" in CliRunner().invoke(app, words).output
