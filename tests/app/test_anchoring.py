"""A ledger is anchored forward only, and an anchor finds out whoever rewrites or forgets.

Goal: after any accident, either the anchor has a beginning of the ledger, or somebody is told.
Method: a node's log is anchored step by step; then an older copy, another history, an anchor that
lost its memory, an anchor of somebody else; a thread that does it; the command line.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from support.engines import LOG_KEY, engine, submit_all
from support.portal import empty_portal, small_portal
from support.toy import ALI, BEK, CHANNEL, Add, enrolment, sealed, signing
from tallyport.adapters.anchors.folder import FolderAnchor
from tallyport.adapters.embedded.engine import Engine
from tallyport.app.anchoring import Anchoring, anchor_of
from tallyport.app.settings import Settings, SettingsError
from tallyport.cli.main import app
from tallyport.ledger.note import VerifierKey, origin_of

KEY = VerifierKey(origin_of(CHANNEL), LOG_KEY.public)


def add(made: Engine, *names: str) -> None:
    """Let something happen."""
    submit_all(made, [sealed(ALI, name, Add(name=name, amount=1)) for name in names])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Engine]:
    """Yield a ledger."""
    with engine(tmp_path / "ledger") as made:
        submit_all(made, [sealed(ALI, "enrol", enrolment(ALI))])
        yield made


def anchoring(made: Engine, folder: Path, *, key: VerifierKey = KEY) -> Anchoring:
    """Anchor to a folder; what was confirmed is kept beside it."""
    anchor = FolderAnchor(folder / "anchor")
    return Anchoring(made, key, [anchor], folder / "confirmed", seconds=1)


def problem(one: Anchoring) -> str:
    """Return what is wrong."""
    (found,) = one.once()
    return found.problem


def test_step_by_step(made: Engine, tmp_path: Path) -> None:
    """Each checkpoint is there, the last one is read back, nothing twice."""
    one = anchoring(made, tmp_path)
    for number in range(4):
        add(made, f"add-{number}")
        assert one.lag > 0
        for _ in range(2):
            (found,) = one.once()
            assert (found.size, found.problem) == (made.size, "")
        assert one.lag == 0
    assert len(list((tmp_path / "anchor").iterdir())) == 4
    assert one.failures == 0


def test_started_again_it_knows_what_was_confirmed(made: Engine, tmp_path: Path) -> None:
    """The position is on disk."""
    anchoring(made, tmp_path).once()
    assert anchoring(made, tmp_path).lag == 0


def test_another_history_is_told_and_not_written_over(tmp_path: Path) -> None:
    """Two ledgers that part after the first entry; the second finds the first one's anchor."""
    for word in ("true", "false"):
        with engine(tmp_path / word) as made:
            submit_all(made, [sealed(ALI, "enrol", enrolment(ALI))])
            add(made, word, f"{word}-2")
            one = anchoring(made, tmp_path)
            if word == "true":
                assert problem(one) == ""
                before = FolderAnchor(tmp_path / "anchor").latest()
            else:
                assert "another head" in problem(one)
    assert FolderAnchor(tmp_path / "anchor").latest() == before
    assert one.failures == 1


def test_an_old_copy_is_told(made: Engine, tmp_path: Path) -> None:
    """A ledger that has fewer entries than were anchored must not go on."""
    made.submit(b"").result()
    with engine(tmp_path / "old") as old:
        submit_all(old, [sealed(ALI, "enrol", enrolment(ALI))])
        add(made, "more")
        assert problem(anchoring(made, tmp_path)) == ""
        assert "old copy" in problem(anchoring(old, tmp_path))


def test_an_anchor_that_forgets_is_told(made: Engine, tmp_path: Path) -> None:
    """It had confirmed more than it has."""
    anchoring(made, tmp_path).once()
    shutil.rmtree(tmp_path / "anchor")
    assert "has forgotten" in problem(anchoring(made, tmp_path))
    assert not (tmp_path / "anchor").exists()


def test_what_somebody_else_put_there_is_told(made: Engine, tmp_path: Path) -> None:
    """Another log, another signature, another thing altogether."""
    anchor = FolderAnchor(tmp_path / "anchor")
    anchor.put(1, made.checkpoint().replace("tallyport/toys", "tallyport/other"))
    assert "holds the log tallyport/other" in problem(anchoring(made, tmp_path))
    shutil.rmtree(tmp_path / "anchor")
    anchor.put(1, "hello\n")
    assert "something else" in problem(anchoring(made, tmp_path))
    shutil.rmtree(tmp_path / "anchor")
    anchoring(made, tmp_path).once()
    other = VerifierKey(KEY.name, signing(BEK).public)
    assert "not signed by us" in problem(anchoring(made, tmp_path, key=other))


def test_a_damaged_position_is_told(made: Engine, tmp_path: Path) -> None:
    """With what to do."""
    one = anchoring(made, tmp_path)
    one.once()
    (path,) = (tmp_path / "confirmed").iterdir()
    path.write_text("x", "ascii")
    assert "delete the file" in problem(one)


def test_a_thread_does_it(made: Engine, tmp_path: Path) -> None:
    """At the start, and again from time to time."""
    anchor = FolderAnchor(tmp_path / "anchor")
    with anchoring(made, tmp_path):
        deadline = time.monotonic() + 20
        while anchor.latest() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    assert anchor.latest() == made.checkpoint()


def test_a_place_is_a_folder_or_an_address(tmp_path: Path) -> None:
    """As the setting spells it."""
    assert anchor_of(str(tmp_path)).name == str(tmp_path)
    assert anchor_of("https://anchor.example/log/").name == "https://anchor.example/log"


def test_settings() -> None:
    """Places between commas; how often."""
    chosen = Settings.read(
        {"TALLYPORT_ANCHORS": "/a, https://b ,", "TALLYPORT_ANCHOR_SECONDS": "5"}
    )
    assert (chosen.anchors, chosen.anchor_seconds) == (("/a", "https://b"), 5)
    for text in ("0", "-1", "x", "86401"):
        with pytest.raises(SettingsError, match="TALLYPORT_ANCHOR_SECONDS"):
            Settings.read({"TALLYPORT_ANCHOR_SECONDS": text})


def call(*words: str, home: Path) -> Result:
    """Run a command."""
    result: Result = CliRunner().invoke(app, words, env={"TALLYPORT_HOME": str(home)})
    return result


def test_on_the_command_line(tmp_path: Path) -> None:
    """Write, check; a ledger that was made anew is found out."""
    home, anchor = tmp_path / "home", str(tmp_path / "anchor")
    with small_portal(home) as portal:
        key = str(portal.node.engine.verifier_key)
    assert call("anchor", "write", anchor, home=home).exit_code == 0
    assert call("anchor", "check", anchor, "--key", key, home=home).exit_code == 0
    assert "TALLYPORT_ANCHORS" in str(call("anchor", "check", home=home).exception)
    shutil.rmtree(home)
    with empty_portal(home):
        pass
    assert call("anchor", "check", anchor, home=home).exit_code == 1
    assert call("anchor", "write", anchor, home=home).exit_code == 1
