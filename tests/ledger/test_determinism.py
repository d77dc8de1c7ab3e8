"""Equal entries, equal bytes, equal heads: also with every contract of ours, on another machine.

Goal: nothing in the contracts depends on the order of hashes, on the process, on the run or on the
version of Python. Method: one story with limits, certificates, transfers and a maturity is told in
processes with different hash seeds, and by every other Python that is at hand: kernel, ledger and
contracts need nothing else. They must come to the same head, entry for entry.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSION = "import sys; print(*sys.version_info[:3])"
OTHERS = ("python3", *(f"python3.{minor}" for minor in range(11, 16)))


def told(python: str, seed: str) -> str:
    """Return size and head of the story as one Python tells it."""
    root = Path(__file__).parents[2]
    helpers = sysconfig.get_path("purelib")  # Of the story-tellers: they import pytest.
    first = filter(None, [os.environ.get("PYTHONPATH")])  # Machine code, where that is tried.
    path = os.pathsep.join((*first, str(root / "src"), str(root / "tests"), helpers))
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
    command = [python, "-m", "support.one_story"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def other_pythons() -> Iterator[str]:
    """Yield a Python of each version that is not ours, from 3.11 on."""
    seen: set[tuple[int, ...]] = {sys.version_info[:3]}
    folders = [Path(one) for one in (*os.environ["PATH"].split(os.pathsep), "/usr/bin")]
    folders += (Path.home() / ".pyenv" / "versions").glob("*/bin")
    for path in (folder / name for folder in folders for name in OTHERS):
        if not path.exists():
            continue
        said = subprocess.run([path, "-c", VERSION], capture_output=True, text=True, check=False)
        version = tuple(map(int, said.stdout.split()))
        if version >= (3, 11) and version not in seen:
            seen.add(version)
            yield str(path)


@pytest.mark.determinism
def test_a_story_has_one_head() -> None:
    """Whatever PYTHONHASHSEED is, and whichever Python tells it."""
    heads = {told(sys.executable, seed) for seed in ("0", "1", "31337")}
    others = list(other_pythons())
    heads |= {told(python, "2") for python in others}
    assert len(heads) == 1
    assert int(heads.pop().split()[0]) > 10
    print("also told by", ", ".join(others) or "no other Python: none is here")  # noqa: T201
