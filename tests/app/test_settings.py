"""Settings and the node's own file: what can be chosen, and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallyport.app.home import Home
from tallyport.app.settings import Keys, NodeFile, Settings, SettingsError, Shown, Spoken, Time

FILE = NodeFile(channel="main", keys=Keys.TRIAL, time=Time.TRIAL, seed=7)


def test_the_environment_chooses() -> None:
    """Each variable has a default."""
    assert Settings.read({}) == Settings()
    chosen = Settings.read(
        {
            "TALLYPORT_HOME": "here",
            "TALLYPORT_PASSPHRASE": "open",
            "TALLYPORT_HOST": "::1",
            "TALLYPORT_PORT": "81",
        }
    )
    assert chosen == Settings(
        home=Path("here"),
        passphrase="open",  # noqa: S106 - Of a test.
        host="::1",
        port=81,
    )


@pytest.mark.parametrize("port", ["", "x", "0", "-1", "65536", "８０"])
def test_a_port_that_is_none(port: str) -> None:
    """The variable is named."""
    with pytest.raises(SettingsError, match="TALLYPORT_PORT"):
        Settings.read({"TALLYPORT_PORT": port})


def test_a_node_keeps_what_was_chosen_once(tmp_path: Path) -> None:
    """The same again is fine, another choice is not."""
    home = Home(tmp_path / "home")
    with pytest.raises(SettingsError, match="no node here"):
        NodeFile.read(home)
    FILE.write(home)
    FILE.write(home)
    assert NodeFile.read(home) == FILE
    with pytest.raises(SettingsError, match="another node"):
        NodeFile(channel="main", keys=Keys.STORE, time=Time.SYSTEM).write(home)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"channel":"main","keys":"x"}', "\udc80"])
def test_a_damaged_file_is_said_to_be_so(tmp_path: Path, text: str) -> None:
    """Whatever it holds, the message names the file."""
    (tmp_path / "node.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError, match=r"node\.json"):
        NodeFile.read(Home(tmp_path))


@pytest.mark.parametrize("name", ["TALLYPORT_METRICS", "TALLYPORT_LOG"])
def test_a_word_that_is_not_known_is_told(name: str) -> None:
    """With those that are."""
    with pytest.raises(SettingsError, match=f"{name}: expected one of"):
        Settings.read({name: "sometimes"})


def test_words_are_read() -> None:
    """Who reads the figures, how the log is written."""
    chosen = Settings.read({"TALLYPORT_METRICS": "all", "TALLYPORT_LOG": "json"})
    assert (chosen.metrics, chosen.log) == (Shown.ALL, Spoken.JSON)
