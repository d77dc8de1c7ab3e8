"""A node of one's own is made once, whenever the making was killed.

Goal: after a kill at any step the next call ends with a founded node and a real passphrase.
Method: the making is cut off before its founding, and while the passphrase is written.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.own_node import OPERATOR, own_node
from tallyport.app.settings import Settings
from tallyport.ledger.entry import CommandEntry


class Killed(BaseException):
    """The process is gone."""


def killed(*_: object, **__: object) -> CommandEntry:
    """Stand for a call that never came back."""
    raise Killed


def test_a_node_that_was_killed_before_its_founding_is_founded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and settings are there already; they are kept."""
    settings = Settings(home=tmp_path, passphrase="a long enough word 7")  # noqa: S106 - A test.
    with monkeypatch.context() as patch:
        patch.setattr(Node, "submit", killed)
        with pytest.raises(Killed):
            own_node(settings, tmp_path)
    kept = {path.name: path.read_bytes() for path in Home(tmp_path).keys.iterdir()}
    _, operator = own_node(settings, tmp_path)
    assert operator == OPERATOR
    assert {path.name: path.read_bytes() for path in Home(tmp_path).keys.iterdir()} == kept


def test_a_passphrase_that_was_not_written_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it is written there is none, and the next call makes one."""
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", killed)
        with pytest.raises(Killed):
            own_node(Settings(home=tmp_path), tmp_path)
    home = Home(tmp_path)
    assert not home.passphrase.exists()
    own_node(Settings(home=tmp_path), tmp_path)
    assert len(home.passphrase.read_text("ascii")) >= 24
    assert home.passphrase.stat().st_mode & 0o077 == 0
