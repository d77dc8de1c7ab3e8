"""The last checkpoint, beside the ledger (最新检查点): a signed word on what was there.

LMDB alone cannot tell that its newest commit is gone: damage to one page, or an old copy of the
file, gives a smaller ledger that fits together. The checkpoint in the folder says how large it was.
It is written after every commit, without waiting for the disk: after a power cut it may be older
than the ledger, which proves as much, but never newer.
"""

from __future__ import annotations

from pathlib import Path

from tallyport.kernel.guard import FaultError

NAME = "checkpoint"


class CheckpointFile:
    """The file, as text."""

    def __init__(self, folder: Path) -> None:
        self._path, self._draft = folder / NAME, folder / f"{NAME}.new"

    def read(self) -> str | None:
        """Return the note, or None when none was written yet.

        Raises:
            FaultError: the file is there and cannot be read.
        """
        try:
            # Empty: the power went off while the name was on disk already and the text was not.
            return self._path.read_text("utf-8", errors="replace") or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FaultError(f"cannot read {self._path}: {error.strerror}") from error

    def write(self, note: str) -> None:
        """Replace the note.

        Raises:
            FaultError: it cannot be written.
        """
        try:
            self._draft.write_text(note, "utf-8")
            self._draft.replace(self._path)
        except OSError as error:
            raise FaultError(f"cannot write {self._path}: {error.strerror}") from error
