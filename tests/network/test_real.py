"""Real nodes: CometBFT and our application, as processes, on loopback.

Goal: what was acknowledged is on every node, once, whoever dies. Method: members pay in through
their own nodes while processes are killed; afterwards every key stands in the ledger exactly once
and all heads are equal.
"""

from __future__ import annotations

import time

import pytest

from support.net import Net, entry_of, until
from tallyport.adapters.consortium.rpc import Rpc
from tallyport.adapters.ed25519 import verify
from tallyport.app.network.gateway import log_keys
from tallyport.app.network.layout import add_observer
from tallyport.app.network.running import prepare_joining, up
from tallyport.ledger.entry import Outcome
from tallyport.ledger.receipt import check

pytestmark = [pytest.mark.cometbft]


def test_one_node_records_and_proves(alone: Net) -> None:
    """Founding, deposits, a retry, a stroke; then a restart finds all of it."""
    assert alone.found().outcome is Outcome.ACCEPTED
    first = entry_of(alone.pay("operator", 1))
    assert entry_of(alone.pay("operator", 1)) == first
    gateway = alone.gateway("operator")
    gateway.submit(b"").result(30)
    check(gateway.receipt(first.sequence), log_keys(alone.plan), verify)
    head = alone.same_heads().head
    alone.down()
    alone.up()
    assert alone.same_heads().head == head
    assert entry_of(alone.pay("operator", 2)).sequence == first.sequence + 1


def test_four_nodes_survive_the_death_of_any_process(four: Net) -> None:
    """One of four, an application alone, then all at once; nothing is lost or repeated."""
    four.found()
    acknowledged = [entry_of(four.pay(name, 0)).sequence for name in four.members]
    assert sorted(acknowledged) == [2, 3, 4, 5]

    # A checkpoint that all four have signed covers them.
    gateway = four.gateway("bank")
    until(lambda: gateway.size == 5, "the bank has all")
    four.same_heads()
    keys = log_keys(four.plan)
    receipt = gateway.cosigned_receipt(2, keys, 4)
    assert check(receipt, keys, verify).size == 5
    three = gateway.cosigned_receipt(2, keys, 3)
    assert check(three, keys, verify, 3).size == 5
    assert len(str(three)) <= 2_048

    # One of four dies whole: three go on, and it catches up.
    for process in ("app", "comet"):
        four.kill("logistics", process)
    answers = [four.pay(name, 1) for name in four.members[:3] for _ in (0, 1)]
    assert len({entry_of(answer).sequence for answer in answers}) == 3
    four.same_heads()

    # An application alone dies while envelopes are on their way through its node.
    waiting = [four.pay("customs", number) for number in range(2, 30)]
    four.kill("customs", "app")
    waiting += [four.pay("customs", number) for number in range(30, 40)]
    assert len({entry_of(answer).sequence for answer in waiting}) == 38
    four.same_heads()

    # Everything dies at once, in the middle of it.
    waiting = [four.pay(name, number) for number in range(40, 60) for name in four.members]
    time.sleep(0.15)
    for name in four.members:
        for process in ("app", "comet"):
            four.kill(name, process)
    assert len({entry_of(answer).sequence for answer in waiting}) == 80
    four.same_heads()

    keys_seen = four.keys()
    assert len(keys_seen) == len(set(keys_seen)) == 1 + 4 + 3 + 38 + 80
    assert {node.health for node in four.nodes()} <= {"ok", "catching up"}


def test_a_fifth_node_joins_by_a_snapshot(four: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the entries, makes the rows, and follows."""
    four.found()
    four.down()
    monkeypatch.setenv("TALLYPORT_SNAPSHOT_BLOCKS", "5")
    four.up()
    for number in range(12):
        entry_of(four.pay(four.members[number % 4], number))
    add_observer(four.folder, "auditor")
    prepare_joining(four.folder, "auditor")
    for number in range(12, 15):
        entry_of(four.pay("bank", number))
    up(four.folder, ["auditor"])
    four.same_heads()
    entry_of(four.pay("bank", 15))
    node = four.same_heads()
    assert node.size == 17
    auditor = four.plan.peer("auditor")
    rpc = Rpc(auditor.host, auditor.rpc_port)
    assert int(rpc.ask("status")["sync_info"]["earliest_block_height"]) > 1, "it began at block 1"
    rpc.close()
