"""Goal: no table hides what it shows.

Method: long cells, printed into a pipe and on terminals that are too narrow.
"""

from __future__ import annotations

import pytest
from rich.console import Console

from tallyport.cli import output

LONG = "ed25519:" + "80e40700628e5db5b3dae0ce890dff3c" * 5


@pytest.mark.parametrize("width", [20, 80])
def test_a_pipe_gets_whole_cells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Whoever looks for a key with `grep` finds it."""
    monkeypatch.setattr(output, "console", Console(width=width, highlight=False))
    output.show("Keys", ("key", ">number"), [(LONG, 7), ("[red]short", None)])
    shown = capsys.readouterr().out
    assert LONG in shown
    assert "[red]short" in shown


def test_a_narrow_terminal_folds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No character is lost, and no line is wider than the terminal."""
    narrow = Console(width=40, highlight=False, force_terminal=True, no_color=True)
    monkeypatch.setattr(output, "console", narrow)
    output.show("Keys", ("key",), [(LONG,)])
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert LONG in "".join(part.strip() for part in shown.split("│"))
