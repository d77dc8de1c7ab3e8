"""One writer at a time: the second is told who the first is; a dead one does not count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tallyport.adapters.embedded.lock import HeldError, Lock

HOLD = """
import sys, time
from pathlib import Path
from tallyport.adapters.embedded.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    """With the number of the process and what to do; after `close` the next one comes in."""
    path = tmp_path / "deep" / "writer.lock"
    first = Lock(path)
    with pytest.raises(HeldError, match=f"process {os.getpid()}; stop it"):
        Lock(path)
    first.close()
    Lock(path).close()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    """The system frees the lock, however the process died."""
    path = tmp_path / "writer.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(HeldError, match=f"process {process.pid}"):
            Lock(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
    Lock(path).close()
