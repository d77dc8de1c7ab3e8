"""What anybody types or sends is told as it came, and what is written is its owner's.

Goal: no trace, whatever is asked; brackets in a name are brackets; no file that others can read.
Method: the real entry point with the words of a hostile user; a table of hostile cells.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tallyport.cli.main import OWNER_ONLY, main
from tallyport.cli.output import complain, console, show
from tallyport.kernel.guard import FaultError

HOSTILE = "[/red] [link=x]"
WORDS = [
    ("demo", "--vehicles", "0", "--no-serve"),
    ("run", ".", "--as-of", "9999-12-31"),
    ("run", HOSTILE),
    ("user", HOSTILE, "--member", "m", "--role", HOSTILE, "--password", "x"),
    ("entry", "1"),
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
    with console.capture() as captured:
        show(HOSTILE, ["firm"], [(HOSTILE,)])
    assert captured.get().count("[/red]") == 2
    complain(FaultError(HOSTILE))
    assert HOSTILE in capsys.readouterr().err
