"""One writer at a time (写锁): a second process is told who holds the ledger, and stays out."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from tallyport.kernel.guard import FaultError


class HeldError(FaultError):
    """Another process writes this ledger."""


class Lock:
    """An advisory lock on a file; the system frees it when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            message = (
                f"the ledger in {path.parent} is written by process {holder}; "
                "stop it, or reach it through its API"
            )
            raise HeldError(message) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def close(self) -> None:
        """Let the next one in."""
        self._file.close()
