"""The demo on four nodes is the demo on one ledger: the same entries, the same head.

Goal: nothing above the engine can tell which it has, and no process is left behind. Method: the
command line plays a small year twice, on the embedded engine and on a real network.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.net import require_cometbft
from tallyport.app.demo.network import MEMBERS, on_network
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.plan import NetworkError
from tallyport.app.network.running import holder_of
from tallyport.app.settings import Settings
from tallyport.cli.main import app


@pytest.mark.cometbft
def test_the_demo_has_the_same_head_on_a_network(tmp_path: Path) -> None:
    """A receipt of the network proves the settlement with the node's own key."""
    require_cometbft()
    runner, heads = CliRunner(), []
    for name, more in (("embedded", []), ("network", ["--network", "4"])):
        home = str(tmp_path / name)
        said = runner.invoke(app, ["demo", "--no-serve", "--vehicles", "60", "--home", home, *more])
        assert said.exit_code == 0, said.output
        heads += re.findall(r"entries, head\s+([0-9a-f]{64})", said.output)
    assert len(heads) == 2
    assert heads[0] == heads[1]
    report = tmp_path / "network" / "network" / MEMBERS[0] / "report"
    words = ["verify", str(report / "receipt.json"), "--key", str(report / "log.key")]
    assert runner.invoke(app, words).exit_code == 0
    assert not any(holder_of(tmp_path / "network" / "network" / one) for one in MEMBERS[:4])


def test_what_cannot_be_a_demo_s_network(tmp_path: Path) -> None:
    """A number that is none; a folder with another network."""
    settings = Settings(home=tmp_path)
    with (
        pytest.raises(NetworkError, match="expected 1 to 7 members, got 8"),
        on_network(settings, 8, 1),
    ):
        pass
    lay_out(tmp_path / "network", Wanted(members=("a", "b")))
    with pytest.raises(NetworkError, match="choose another home"), on_network(settings, 4, 1):
        pass
