"""Networks as they are laid out, and how they are judged; no process is started here.

Goal: every member has what it needs and nobody else's secrets, and each mistake is told with its
remedy. Method: networks are laid out in a folder and read again; the health of made-up nodes is
judged.
"""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tallyport.adapters.clock import SystemClock
from tallyport.adapters.ed25519 import Signing
from tallyport.app.home import Home
from tallyport.app.network import comet
from tallyport.app.network.gateway import engine, log_keys
from tallyport.app.network.layout import Wanted, add_observer, lay_out
from tallyport.app.network.plan import Member, NetworkError, Plan
from tallyport.app.network.running import down, holder_of, up
from tallyport.app.network.serve import keeping, log_key
from tallyport.app.network.status import NodeStatus, judge
from tallyport.app.network.supervise import Child, stop_left_over
from tallyport.app.settings import Keys, NodeFile, Time
from tallyport.cli import network

FOUR = ("operator", "customs", "bank", "logistics")


def made(folder: Path, **chosen: Any) -> Plan:  # noqa: ANN401 - What may be chosen.
    """Return a network of four, laid out."""
    return lay_out(folder, Wanted(members=FOUR, **chosen))


def config(folder: Path, name: str) -> dict[str, Any]:
    """Return the configuration of a member's CometBFT."""
    path = folder / name / "comet" / "config" / "config.toml"
    return tomllib.loads(path.read_text("utf-8"))


def test_a_network_is_laid_out_whole(tmp_path: Path) -> None:
    """One genesis, four keys, ports that do not meet, peers that know each other."""
    plan = made(tmp_path)
    assert Plan.read(tmp_path) == plan
    texts = {
        (tmp_path / name / "comet" / "config" / "genesis.json").read_text("utf-8") for name in FOUR
    }
    assert len(texts) == 1
    genesis = json.loads(texts.pop())
    assert genesis["app_state"] == {"channel": "main", "time": "system"}
    assert len({one["address"] for one in genesis["validators"]}) == 4
    ports = {port for peer in plan.peers for port in (peer.p2p_port, peer.rpc_port)}
    assert ports == set(range(26_600, 26_608))
    for name in FOUR:
        peers = config(tmp_path, name)["p2p"]["persistent_peers"].split(",")
        assert sorted(peers) == sorted(one.address for one in plan.peers if one.name != name)
    assert len({str(key) for key in log_keys(plan)}) == 4


def test_what_a_member_holds_is_its_own(tmp_path: Path) -> None:
    """Keys are CometBFT's way of writing them, readable by their owner alone, and on loopback."""
    plan = made(tmp_path)
    genesis = (tmp_path / "bank" / "comet" / "config" / "genesis.json").read_text("utf-8")
    for peer in plan.peers:
        folder = tmp_path / peer.name / "comet" / "config"
        for name in ("priv_validator_key.json", "node_key.json"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        key = json.loads((folder / "priv_validator_key.json").read_text("utf-8"))
        secret = base64.b64decode(key["priv_key"]["value"])
        public = Signing(secret[:32]).public
        assert secret[32:] == public == base64.b64decode(key["pub_key"]["value"])
        assert key["address"] == hashlib.sha256(public).hexdigest()[:40].upper()
        assert key["address"] in genesis
        settings = config(tmp_path, peer.name)
        for part in ("rpc", "p2p"):
            assert settings[part]["laddr"].startswith("tcp://127.0.0.1:")


def test_settings_that_the_ledger_needs(tmp_path: Path) -> None:
    """The defaults that would hurt are changed."""
    made(tmp_path)
    settings = config(tmp_path, "bank")
    assert settings["consensus"]["timeout_commit"] == "100ms"
    assert settings["consensus"]["create_empty_blocks"] is False
    assert settings["mempool"]["recheck"] is False
    assert settings["mempool"]["size"] > 5_000
    assert settings["proxy_app"] == "unix://app.sock"


def test_keys_behind_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application opens its own; without the passphrase it says what it needs."""
    wanted = Wanted(members=("bank",), keys=Keys.STORE, time=Time.SYSTEM)
    with pytest.raises(NetworkError, match="TALLYPORT_PASSPHRASE"):
        lay_out(tmp_path, wanted)
    plan = lay_out(tmp_path, wanted, "a passphrase")
    assert NodeFile.read(Home(tmp_path / "bank")).keys is Keys.STORE
    with pytest.raises(NetworkError, match="TALLYPORT_PASSPHRASE"):
        log_key(tmp_path / "bank")
    monkeypatch.setenv("TALLYPORT_PASSPHRASE", "a passphrase")
    assert log_key(tmp_path / "bank").public == log_keys(plan)[0].public


def test_an_observer_is_added(tmp_path: Path) -> None:
    """It knows the others, has ports of its own and no vote."""
    made(tmp_path)
    plan = add_observer(tmp_path, "auditor")
    auditor = plan.peer("auditor")
    assert not auditor.is_validator
    assert auditor.p2p_port == 26_608
    comet.write_joining(Member(tmp_path / "auditor"), plan, auditor, (7, "AB" * 32))
    settings = config(tmp_path, "auditor")["statesync"]
    assert settings["enable"]
    assert (settings["trust_height"], settings["trust_hash"]) == (7, "AB" * 32)
    assert settings["rpc_servers"].count("http://127.0.0.1:") == 4
    with pytest.raises(NetworkError, match="distinct names"):
        add_observer(tmp_path, "auditor")


@pytest.mark.parametrize("members", [(), ("a", "a"), ("A",), ("../x",), ("",), ("a b",)])
def test_names_that_are_none(tmp_path: Path, members: tuple[str, ...]) -> None:
    """A name is a folder and a word on the command line."""
    with pytest.raises(NetworkError, match="distinct names"):
        lay_out(tmp_path, Wanted(members=members))
    assert not list(tmp_path.iterdir())


def test_a_folder_holds_one_network(tmp_path: Path) -> None:
    """Nothing is laid over another's keys."""
    made(tmp_path)
    with pytest.raises(NetworkError, match="here already"):
        made(tmp_path)
    with pytest.raises(
        NetworkError, match="no member 'x' in this network; it has operator, customs"
    ):
        Plan.read(tmp_path).peer("x")
    (tmp_path / "network.json").write_text("{}", "utf-8")
    with pytest.raises(NetworkError, match="expected a network's plan"):
        Plan.read(tmp_path)
    with pytest.raises(NetworkError, match="network init"):
        Plan.read(tmp_path / "elsewhere")


def test_without_cometbft_the_line_that_installs_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever starts a network."""
    with pytest.raises(NetworkError, match="go install github"):
        comet.binary({"PATH": str(tmp_path), "GOBIN": str(tmp_path), "TALLYPORT_COMETBFT": "none"})
    made(tmp_path / "net")
    monkeypatch.setenv("TALLYPORT_COMETBFT", str(tmp_path / "none"))
    with pytest.raises(NetworkError, match="found none at"):
        up(tmp_path / "net")


def test_what_was_never_started(tmp_path: Path) -> None:
    """Nothing to stop; no gateway before the node has run."""
    made(tmp_path)
    assert down(tmp_path) == []
    assert holder_of(tmp_path / "bank") == 0
    with pytest.raises(NetworkError, match="has not run yet"):
        engine(tmp_path / "bank", SystemClock())


def test_a_number_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path: Path) -> None:
    """A stale file names a process that is not ours: number 1 lives."""
    (tmp_path / "app.pid").write_text("1", "ascii")
    (tmp_path / "comet.pid").write_text("none", "ascii")
    assert stop_left_over(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_a_child_is_started_again_but_not_at_once(tmp_path: Path) -> None:
    """Who dies at once would else be started a thousand times a second."""
    child = Child("app", ("/bin/false",), tmp_path, tmp_path / "log")
    child.start()
    assert child.process is not None
    child.process.wait()
    first = child.process
    child.start()
    assert child.process is first
    child.began -= 60
    child.start()
    assert child.process is not first
    child.stop()
    assert not child.pid_file.exists()


@pytest.mark.parametrize("text", ["0", "-1", "many", ""])
def test_settings_of_keeping(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A number of blocks, from one."""
    monkeypatch.setenv("TALLYPORT_SNAPSHOT_BLOCKS", text)
    with pytest.raises(NetworkError, match="TALLYPORT_SNAPSHOT_BLOCKS: expected a number"):
        keeping()
    monkeypatch.setenv("TALLYPORT_SNAPSHOT_BLOCKS", "7")
    assert keeping().snapshot_blocks == 7


def node(name: str, height: int, **told: Any) -> NodeStatus:  # noqa: ANN401 - Fields.
    """Return a node that is up."""
    fields: dict[str, Any] = {"head": f"h{height}", "peers": 3, "is_up": True} | told
    return NodeStatus(name=name, is_validator=True, height=height, **fields)


@pytest.mark.parametrize(
    ("nodes", "health"),
    [
        ([node("a", 9), node("b", 9)], ["ok", "ok"]),
        ([node("a", 9), node("b", 6)], ["ok", "ok"]),
        ([node("a", 90), node("b", 9)], ["ok", "behind by 81 blocks"]),
        ([node("a", 9), node("b", 1, health="catching up")], ["ok", "catching up"]),
        ([node("a", 9), node("b", 9, peers=0)], ["ok", "alone: no peer answers"]),
        ([node("a", 9, peers=0)], ["ok"]),
        ([node("a", 9), node("b", 9, head="x"), node("c", 8)], ["forked", "forked", "ok"]),
        ([node("a", 9), node("b", 0, is_up=False, health="down: x")], ["ok", "down: x"]),
    ],
)
def test_health_shows_beside_the_others(nodes: list[NodeStatus], health: list[str]) -> None:
    """Each line is one story."""
    judged = judge(nodes)
    assert [one.health[: len(told)] for one, told in zip(judged, health, strict=True)] == health
    assert [one.is_fine for one in judged] == [told == "ok" for told in health]


def test_the_command_line(tmp_path: Path) -> None:
    """Lay out, ask a network that is down, stop nothing."""
    runner, home = CliRunner(), ["--home", str(tmp_path)]
    done = runner.invoke(network.app, ["init", "--members", "a,b", *home])
    assert done.exit_code == 0, done.output
    asked = runner.invoke(network.app, ["status", "--json", *home])
    assert asked.exit_code == 1
    assert [one["health"][:5] for one in json.loads(asked.output)] == ["down:", "down:"]
    assert runner.invoke(network.app, ["status", *home]).exit_code == 1
    assert "nothing was running" in runner.invoke(network.app, ["down", *home]).output
