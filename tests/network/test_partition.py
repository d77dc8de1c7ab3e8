"""Lines that are cut (网络分区): three go on, two against two wait, nobody forks.

Goal: a side without two thirds records nothing, what its members asked for is recorded once the
lines are back, and all heads are equal. Method: real nodes in network namespaces; routes to
nowhere; members that pay in through their own nodes all the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from support.apart import Apart, can_separate
from support.net import entry_of, until

pytestmark = [pytest.mark.cometbft]

MEMBERS = ("operator", "customs", "bank", "logistics")
QUIET_SECONDS = 4  # Many blocks' time: who could go on would have.


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    """Yield four members on machines of their own, as good as."""
    if not can_separate():
        pytest.skip("NO NAMESPACES: expected root and `ip netns`; partitions were not tested")
    made = Apart(tmp_path, MEMBERS, 26_900)
    try:
        made.up()
        until(lambda: all(node.is_up and node.height for node in made.nodes()), "all nodes are up")
        yield made
    finally:
        made.close()


def test_three_go_on_and_two_against_two_wait(apart: Apart) -> None:
    """No fork at any time; after healing everything that was asked for is there once."""
    apart.found()
    for name in MEMBERS:  # A gateway has asked its node once before the lines break.
        entry_of(apart.pay(name, 0))

    apart.cut(MEMBERS[:3], MEMBERS[3:])
    alone = apart.pay("logistics", 1)
    for number in range(1, 6):
        entry_of(apart.pay("bank", number))
    assert not alone.done(), "one of four decided alone"
    apart.heal()
    began = time.monotonic()
    entry_of(alone)
    apart.same_heads()
    healed = [f"3|1 healed after {time.monotonic() - began:.1f} s"]

    size = apart.nodes()[0].size
    apart.cut(MEMBERS[:2], MEMBERS[2:])
    asked = [apart.pay(name, 10 + number) for number in range(3) for name in MEMBERS]
    done, _ = wait(asked, QUIET_SECONDS)
    late = len(done)  # A block may have been on its way when the lines were cut.
    assert late < len(asked), "a half decided"
    assert all(node.size <= size + late for node in apart.nodes())
    apart.heal()
    began = time.monotonic()
    for answer in asked:
        entry_of(answer)
    apart.same_heads()
    healed.append(f"2|2 healed after {time.monotonic() - began:.1f} s")

    keys = apart.keys()
    assert len(keys) == len(set(keys)) == 1 + 4 + 1 + 5 + 12
    print(*healed, sep="; ")  # noqa: T201 - For who reads the output of a run.
