"""The page on machines of their own: its unit and its compose file are what they say.

Goal: whoever copies them from docs/network.md starts a node. Method: both are read as systemd and a
container engine would, and the command in them is one that `tallyport` knows, with its options.
"""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tallyport.app.network.layout import Wanted, lay_out
from tallyport.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "network.md").read_text("utf-8")


def block(language: str) -> str:
    """Return the page's example in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, f"no example in {language}"
    return found[1]


def unit() -> configparser.ConfigParser:
    """Return the unit as systemd reads it: names are case-sensitive."""
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(block("ini"))
    return read


def compose() -> dict[str, Any]:
    """Return the only service of the compose file."""
    read = yaml.safe_load(block("yaml"))
    assert read.keys() == {"services"}
    node: dict[str, Any] = read["services"]["node"]
    return node


@pytest.mark.parametrize("command", [unit()["Service"]["ExecStart"], compose()["command"]])
def test_the_command_is_one_that_we_know(command: str) -> None:
    """Program, verb and every option."""
    program, *words = shlex.split(command)
    assert Path(program).name == "tallyport"
    assert words[:2] == ["network", "up"]
    assert "--foreground" in words, "a service stays"
    known = CliRunner().invoke(app, ["network", "up", "--help"]).output
    for word in words:
        if word.startswith("--"):
            assert word in known


def test_the_unit_starts_again_and_after_the_network() -> None:
    """Sections and settings that a node needs."""
    read = unit()
    assert set(read.sections()) == {"Unit", "Service", "Install"}
    assert read["Unit"]["After"] == "network-online.target"
    assert read["Service"]["Restart"] == "always"
    assert int(read["Service"]["LimitNOFILE"]) >= 4_096
    assert read["Install"]["WantedBy"] == "multi-user.target"
    assert "Environment" in read["Service"]


def test_the_container_publishes_the_port_for_peers_and_no_other(tmp_path: Path) -> None:
    """That of the third member, as `init` lays it out; questions stay on loopback."""
    node = compose()
    plan = lay_out(tmp_path, Wanted(members=("operator", "customs", "bank", "logistics")))
    peer = plan.peer("bank")
    assert node["ports"] == [f"{peer.p2p_port}:{peer.p2p_port}"]
    folder = shlex.split(node["command"])[shlex.split(node["command"]).index("--home") + 1]
    assert node["volumes"] == [f"./network:{folder}"]
    assert node["restart"] == "always"
    assert "env_file" in node, "the passphrase is not in the file"
