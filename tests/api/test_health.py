"""What is watched tells the truth, and the runbook speaks of nothing else.

Goal: a stopped ledger, a full disk, old pages are seen; figures count what happened; only who may
reads them. Method: the small node of the tests is asked, then broken one way at a time.
"""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.portal import client, show, small_portal
from support.town import ALI, BANK, FUND, PORT, cny
from tallyport.api import health
from tallyport.app.portal import Portal
from tallyport.app.settings import Shown
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.limit.effect import Effect
from tallyport.kernel.ids import BankReferenceId, LimitId
from tallyport.ledger.machine import Rejected

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
Usage = namedtuple("Usage", ("total", "used", "free"))  # noqa: PYI024 - As the library has it.


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Portal]:
    """Yield a node of this test's own."""
    with small_portal(tmp_path) as portal:
        show(portal)
        yield portal


def figures(**headers: str) -> dict[str, float]:
    """Return what /metrics answers, by name with its labels."""
    found = client().get("/metrics", headers=headers)
    assert found.status_code == 200
    lines = [line for line in found.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_node_that_is_well(node: Portal) -> None:
    """Alive and ready."""
    assert client().get("/livez").json() == client().get("/healthz").json() == {"status": "alive"}
    ready = client().get("/readyz")
    assert (ready.status_code, ready.json()["entries"]) == (200, node.node.engine.size)


def test_commands_are_counted_by_their_outcome(node: Portal) -> None:
    """Accepted, refused with its reason, rejected with its reason; each once."""
    deposit = Deposit(owner=ALI, amount=cny(1), reference=BankReferenceId("M-1"))
    for _ in range(2):  # The second is a repeat: no new entry.
        node.node.submit(BANK, "m-1", deposit)
    node.node.submit(FUND, "m-2", Effect(limit_id=LimitId("NONE")))
    with pytest.raises(Rejected):
        node.node.submit(FUND, "m-2", Effect(limit_id=LimitId("OTHER")))
    found = figures()
    assert found['tallyport_commands_total{outcome="accepted",reason=""}'] == 1
    refused = 'tallyport_commands_total{outcome="refused",reason="limit.limit_not_found"}'
    assert found[refused] == 1
    reused = "idempotency_key_must_not_carry_another_wish"
    assert found[f'tallyport_commands_total{{outcome="rejected",reason="{reused}"}}'] == 1
    assert found["tallyport_commit_seconds_count"] == 3
    assert found["tallyport_ledger_entries"] == node.node.engine.size
    assert found["tallyport_up"] == 1
    assert found["tallyport_view_lag_entries"] == 0
    assert found["tallyport_disk_free_bytes"] > 0


def test_timers_that_are_due_are_seen_until_they_fire(node: Portal) -> None:
    """The certificate's maturity."""
    assert figures()["tallyport_timers_due"] == 0
    clock = node.node.clock
    clock.set(clock.now().replace(year=2025))  # type: ignore[attr-defined]
    assert figures()["tallyport_timers_due"] > 0
    node.node.pass_time()
    found = figures()
    assert found["tallyport_timers_due"] == 0
    assert found["tallyport_timers_fired_total"] > 0


def test_a_login_that_fails_is_counted(node: Portal) -> None:
    """And the password is nowhere."""
    del node
    client().post("/login", {"username": "olga", "password": "wrong word 77"})
    assert figures()['tallyport_login_failures_total{why="wrong"}'] == 1


def test_a_stopped_ledger_is_neither_alive_nor_ready(node: Portal) -> None:
    """The process still answers."""
    node.node.engine.close()
    assert client().get("/livez").status_code == 503
    ready = client().get("/readyz")
    assert (ready.status_code, "stopped" in ready.json()["why"]) == (503, True)
    assert figures()["tallyport_up"] == 0


def test_old_pages_are_not_ready(node: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind by more than is allowed."""
    monkeypatch.setattr(health, "BEHIND_MAX", -1)
    ready = client().get("/readyz")
    assert (ready.status_code, "behind the ledger" in ready.json()["why"]) == (503, True)
    assert client().get("/livez").status_code == 200
    del node


@pytest.mark.parametrize("usage", [Usage(1 << 40, (1 << 40) - 1, 1), None])
def test_a_full_disk_is_not_ready(
    node: Portal, monkeypatch: pytest.MonkeyPatch, usage: Usage | None
) -> None:
    """Or one that does not answer."""

    def asked(_path: Path) -> Usage:
        if usage is None:
            raise OSError(5, "Input/output error")
        return usage

    monkeypatch.setattr(shutil, "disk_usage", asked)
    ready = client().get("/readyz")
    assert (ready.status_code, "disk" in ready.json()["why"]) == (503, True)
    assert client().get("/livez").status_code == 200
    assert ("tallyport_disk_free_bytes" in figures()) == (usage is not None)
    del node


@pytest.mark.parametrize(
    ("shown", "address", "headers", "status"),
    [
        (Shown.LOOPBACK, "127.0.0.1", {}, 200),
        (Shown.LOOPBACK, "::1", {}, 200),
        (Shown.LOOPBACK, "203.0.113.9", {}, 404),
        (Shown.LOOPBACK, "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        (Shown.LOOPBACK, "", {}, 404),
        (Shown.ALL, "203.0.113.9", {}, 200),
        (Shown.NOBODY, "127.0.0.1", {}, 404),
    ],
)
def test_who_may_read_the_figures(
    node: Portal, shown: Shown, address: str, headers: dict[str, str], status: int
) -> None:
    """A proxy on this machine asks for others."""
    node.shown = shown
    asked = client().get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert asked.status_code == status


def test_the_runbook_names_every_figure_and_no_other(node: Portal) -> None:
    """In its table; and each alarm speaks of figures that are there."""
    node.metrics.login_failed("wrong")
    node.node.submit(PORT, "any", Effect(limit_id=LimitId("NONE")))
    text = client().get("/metrics").content.decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    ours = {name for name in kinds if not name.endswith("_created")}
    page = RUNBOOK.read_text("utf-8")
    table = set(re.findall(r"^\| `(tallyport_\w+)` \|", page, re.MULTILINE))
    assert table == ours
    alarms = page.partition("## Alarms")[2].partition("## Backup")[0]
    sections = re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", alarms, re.MULTILINE | re.DOTALL)
    assert len(sections) >= 10
    for name, body in sections:
        assert all(f"*{word}*" in body for word in ("When", "Meaning", "See", "Do")), name
        assert set(re.findall(r"`(tallyport_\w+)`", body)) <= ours, name
    watched = set(re.findall(r"`(tallyport_\w+)", alarms))
    assert watched == ours, "each figure has an alarm that looks at it"
