"""The checkpoint beside the ledger: replaced whole, and missed only when it never was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallyport.adapters.embedded.checkpoint_file import CheckpointFile
from tallyport.kernel.guard import FaultError


def test_it_is_replaced(tmp_path: Path) -> None:
    """Nothing at first; then the last note; no draft stays behind."""
    file = CheckpointFile(tmp_path)
    assert file.read() is None
    for note in ("one\n", "two 中文\n"):
        file.write(note)
        assert CheckpointFile(tmp_path).read() == note
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_an_empty_file_is_none(tmp_path: Path) -> None:
    """The power went off at the wrong moment; the ledger is not worse for it."""
    (tmp_path / "checkpoint").write_text("")
    assert CheckpointFile(tmp_path).read() is None


def test_a_file_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    """A folder in its place."""
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(FaultError, match="cannot read"):
        CheckpointFile(tmp_path).read()
    with pytest.raises(FaultError, match="cannot write"):
        CheckpointFile(tmp_path).write("x")
