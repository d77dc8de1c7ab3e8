"""What is pinned belongs together: the same versions for users and for developers, all hashed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-fabric.txt",
    "requirements-spark.txt",
    "requirements-fuzz.txt",
)


def pins(name: str) -> set[str]:
    """Return a line with version, marker and hashes for each package in the file `name`."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    return {line for line in text.splitlines() if "==" in line}


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """An archive that was exchanged after pinning is not installed."""
    lines = pins(name)
    assert lines
    assert all("--hash=sha256:" in line for line in lines)


def test_developers_have_what_users_have() -> None:
    """Whatever passes the tests is what users run."""
    for other in ("requirements-dev.txt", "requirements-spark.txt"):
        assert pins("requirements.txt") <= pins(other)


def test_every_dependency_is_pinned() -> None:
    """Run `make lock` when this fails."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {re.split(r"[<>=\[ ]", one)[0].lower() for one in project["project"]["dependencies"]}
    pinned = {line.partition("==")[0].lower() for line in pins("requirements.txt")}
    assert wanted <= pinned, "run `make lock`"


def test_the_chaincode_has_an_environment_of_its_own() -> None:
    """What it alone needs is pinned for it alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    ours = {line.partition("==")[0].lower() for line in pins("requirements-dev.txt")}
    its = {line.partition("==")[0].lower() for line in pins("requirements-fabric.txt")}
    assert set(project["dependency-groups"]["chaincode"]) <= its, "run `make lock`"
    assert {"fabric-chaincode-python", "protobuf"} <= its - ours
