"""A folder as an anchor (目录锚点): a share, a mounted bucket, a repository that is pushed.

    000000000020.txt    the checkpoint over 20 entries, never changed
    000000000053.txt

What is there is never overwritten: the name is taken only when nobody has it.
"""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from tallyport.adapters.anchors.port import AnchorError

_DIGITS = 12
_SUFFIX = ".txt"


class FolderAnchor:
    """Checkpoints as files."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.name = folder, str(folder)

    def put(self, size: int, note: str) -> None:
        """Keep a checkpoint; see `port.Anchor`."""
        path = self._path(size)
        draft = self._folder / f".{path.name}.{token_hex(4)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # Fails when the name is taken, unlike a rename.
            except FileExistsError:
                if self.get(size) != note:
                    raise AnchorError(
                        f"{path}: another checkpoint over {size} entries is kept there already"
                    ) from None
            finally:
                draft.unlink()
        except OSError as error:
            raise AnchorError(f"{self.name}: cannot keep a checkpoint: {error.strerror}") from error

    def get(self, size: int) -> str | None:
        """Return what is kept for `size`."""
        try:
            return self._path(size).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise AnchorError(f"{self.name}: cannot read: {error}") from error

    def latest(self) -> str | None:
        """Return what is kept for the largest size."""
        try:
            names = [path.stem for path in self._folder.glob(f"*{_SUFFIX}")]
        except OSError as error:
            raise AnchorError(f"{self.name}: cannot read: {error.strerror}") from error
        sizes = [int(name) for name in names if name.isascii() and name.isdigit()]
        return self.get(max(sizes)) if sizes else None

    def _path(self, size: int) -> Path:
        return self._folder / f"{size:0{_DIGITS}d}{_SUFFIX}"
