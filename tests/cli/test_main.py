"""What anybody types or sends is told as it came, and what is written is its owner's.

Goal: no trace, whatever is asked; brackets in a name are brackets; no file that others can read.
Method: the real entry point with the words of a hostile user; a table of hostile cells.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tallyport.cli.main import OWNER_ONLY, main
from tallyport.cli.output import complain, show
from tallyport.kernel.guard import FaultError

HOSTILE = "[/red] [link=x]"
WORDS = [
    ("demo", "--vehicles", "0", "--no-serve"),
    ("run", ".", "--as-of", "9999-12-31"),
    ("run", HOSTILE),
    ("user", HOSTILE, "--member", "m", "--role", HOSTILE, "--password", "x"),
    ("entry", "1"),
    ("token", HOSTILE, "--name", "bank"),
]


@pytest.mark.parametrize("words", WORDS)
def test_what_is_asked_is_answered_with_a_sentence(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 1 and a line that begins with our name."""
    monkeypatch.setattr("sys.argv", ["tallyport", *words])
    monkeypatch.setenv("TALLYPORT_HOME", str(tmp_path / "home"))
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit) as ended:
            main()
        assert os.umask(before) == OWNER_ONLY
    finally:
        os.umask(before)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("tallyport: ")


def test_brackets_are_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    """A firm in somebody's export may be called anything."""
    show(HOSTILE, ["firm"], [(HOSTILE,)])
    assert capsys.readouterr().out.count("[/red]") == 2
    complain(FaultError(HOSTILE))
    assert HOSTILE in capsys.readouterr().err


def test_a_token_is_shown_once_and_belongs_to_a_user(tmp_path: Path) -> None:
    """A line that a script can keep; the next one of the name is another."""
    program = [sys.executable, "-c", "from tallyport.cli import main; main()"]
    made = ["user", "clerk", "--member", "ali", "--role", "operator", "--password", "9-Horses-run"]
    wanted = ["token", "clerk", "--name", "erp"]
    environment = os.environ | {"TALLYPORT_HOME": str(tmp_path)}
    lines = [
        subprocess.run(
            [*program, *words], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for words in (made, wanted, wanted)
    ]
    assert all(line.startswith("tp_") and line.count("\n") == 1 for line in lines[1:])
    assert lines[1] != lines[2]
