"""What git keeps is ours, and is for every machine.

Goal: a clone works and reads the same anywhere. Method: every line of every tracked text file is
held against a table of patterns; each pattern is tried on a planted line and on innocent ones.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Spelled with brackets, so that this file keeps the rules too.
HOSTS = (
    r"pypi[.]org",
    r"python(?:hosted)[.]org",
    r"registry[.]npmjs",
    r"(deb|security)[.]debian",
    r"proxy[.]golang",
    r"repo1?[.]maven",
    r"crates[.]io",
)
FORBIDDEN = [
    ("|".join(HOSTS), "names the host of a package registry"),
    (r"(?<![\w.~-])/(work|farm|home|root|Users)/\w|bash_job[s]", "names a path of one machine"),
    (r"\bFIXM[E]\b", "leaves something broken"),
    (r"\bTOD[O]\b(?!\(#\d+\))", "leaves something for later without an issue number"),
]
FOREIGN = re.compile(r"(^|/)(uv\.lock|node_modules/.*|.*\.min\.(js|css)|.*\.whl)$")


def tracked() -> list[str]:
    """Return the files that git keeps; none where the project came without git."""
    if not (ROOT / ".git").exists():
        return []
    command = ["git", "ls-files", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return [name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


def breaches(name: str, text: str) -> Iterator[str]:
    """Yield place, breach and line for every line that is about one machine or another day."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, breach in FORBIDDEN:
            if re.search(pattern, line):
                yield f"{name}:{number}: {breach}: {line.strip()[:80]}"


def test_tracked_files_are_for_every_machine() -> None:
    """No registry hosts, no machine paths, no unfinished business."""
    found: list[str] = []
    for name in tracked():
        try:
            found += breaches(name, (ROOT / name).read_text("utf-8"))
        except UnicodeDecodeError:
            continue  # A picture.
    assert not found, "\n".join(found)


def test_tracked_files_are_ours() -> None:
    """No scripts of others, no archives: they come with the packages that we pin."""
    assert not [name for name in tracked() if FOREIGN.search(name)]


@pytest.mark.parametrize(
    "line",
    ["see https://pypi~org/x", "cd ^work^main", "cd ^home^somebody", "FIX|ME later", "# TO|DO: x"],
)
def test_a_forbidden_line_is_caught(line: str) -> None:
    """Spelled out, each of these is reported with its place."""
    spelled = line.replace("~", ".").replace("^", "/").replace("|", "")
    assert list(breaches("file", spelled))


@pytest.mark.parametrize(
    "line",
    ["# TODO(#12): x", "/usr/bin/chromium", "see ~/work/x", "docs/home/page", "/works of art"],
)
def test_an_innocent_line_passes(line: str) -> None:
    """What looks alike is left alone."""
    assert not list(breaches("file", line))
