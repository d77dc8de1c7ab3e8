"""Figures of a network for whoever watches it: lag, nodes that are not well, a fork.

Goal: each alarm of the runbook about the network rings when its case is there, and not otherwise.
Method: a member of a network that does not run; then answers of nodes that are made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.portal import small_portal
from tallyport.app import metrics
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.plan import Plan
from tallyport.app.network.status import NodeStatus, judge

MEMBERS = ("operator", "customs", "bank", "logistics")


@contextmanager
def watched(folder: Path) -> Iterator[dict[str, float]]:
    """Yield the figures of the network that a node in `folder` shows."""
    with small_portal(folder) as portal:
        portal.metrics._home = type(portal.home)(folder / MEMBERS[2])
        text = portal.metrics.text().decode()
        found = re.findall(r"^tallyport_network_(\w+) (\S+)$", text, re.MULTILINE)
        yield {name: float(value) for name, value in found}


def node(name: str, height: int, head: str = "aa") -> NodeStatus:
    """Return how a node answered."""
    return NodeStatus(name=name, is_validator=True, is_up=True, height=height, head=head, peers=3)


def test_a_node_without_a_network_shows_nothing_wrong(tmp_path: Path) -> None:
    """All figures are there, and 0."""
    with watched(tmp_path) as found:
        assert found == {"lag_blocks": 0, "unwell_nodes": 0, "forked": 0}


def test_nodes_that_do_not_run_are_not_well(tmp_path: Path) -> None:
    """They are asked, and do not answer."""
    lay_out(tmp_path, Wanted(members=MEMBERS, port=9))
    assert Plan.of(tmp_path / "bank") == Plan.read(tmp_path)
    with watched(tmp_path) as found:
        assert found == {"lag_blocks": 0, "unwell_nodes": 4, "forked": 0}


def test_a_lag_and_a_fork_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank is behind; two others disagree about one height."""
    answers = [node("operator", 90), node("customs", 90, "bb"), node("bank", 70)]
    monkeypatch.setattr(metrics, "look", lambda _: judge(answers))
    lay_out(tmp_path, Wanted(members=MEMBERS))
    with watched(tmp_path) as found:
        assert found == {"lag_blocks": 20, "unwell_nodes": 3, "forked": 1}
