"""The ledger's part of the demo, without exports: played in a test, or in a process to be killed.

python tests/support/story.py HOME      plays it in HOME and prints entries and head
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from tallyport.adapters.clock import ManualClock
from tallyport.adapters.keystore import trial_key
from tallyport.app.bootstrap import open_node
from tallyport.app.demo import cast, certificate, order
from tallyport.app.demo.stage import OPENING, Stage
from tallyport.app.home import Home
from tallyport.app.settings import Keys, NodeFile, Settings, Time
from tallyport.kernel.calendar import start_of
from tallyport.kernel.money import Money

DAY = date(2025, 1, 2)
SEED = 1
SELLER, BUYER = cast.seller("XJYO"), cast.buyer("B010001")
FAMOUS = order.Agreement(
    number=order.FAMOUS,
    seller=SELLER,
    buyer=BUYER,
    total=Money(55_555_501, "USD"),
    vins=("JTDKB20X477006598", "LGWEF2A55EL036754"),
)
ORDERED = order.Agreement(
    number="XJYO-2024110101",
    seller=SELLER,
    buyer=BUYER,
    total=Money(100_000_001, "USD"),
    vins=("HLX33B128R1643455",),
)


@contextmanager
def stage(home: Path) -> Iterator[Stage]:
    """Yield a stage in `home`; what a killed run left unfollowed is followed first."""
    NodeFile(channel="main", keys=Keys.TRIAL, time=Time.TRIAL, seed=SEED).write(Home(home))
    clock = ManualClock(start_of(DAY) + OPENING)
    with open_node(Settings(home=home), clock) as node:
        node.settle()
        yield Stage(node, clock, cast.BANK)


def begin(stage: Stage) -> None:
    """Found the consortium; issue, circulate and sell the certificate."""
    founding = cast.founding(
        lambda name: trial_key(SEED, name), {SELLER: "Exporter"}, {BUYER: "Milan"}
    )
    stage.send(cast.PLATFORM, founding, key="found")
    certificate.grant(stage, DAY)
    stage.pay_in(cast.FACTOR, certificate.wan(4_000), "FACTOR-1")
    certificate.issue(stage, DAY)
    certificate.circulate(stage)
    certificate.sell(stage)


def trade(stage: Stage) -> list[str]:
    """Finance the order, open and release the escrow; return why it was refused before."""
    order.lend(stage, ORDERED, certificate.evidence_id(), DAY)
    refused = order.escrow(stage, FAMOUS)
    order.prove(stage, FAMOUS, ["commitment"])
    return refused


def end(stage: Stage) -> None:
    """Let time pass to maturity."""
    stage.turn_to(DAY + timedelta(days=order.LOAN_DAYS))
    stage.pay_in(SELLER, ORDERED.total, "BUYER-ORDER-1")
    order.take_over(stage, FAMOUS)
    due = certificate.due(DAY)
    stage.turn_to(due - timedelta(days=2))
    stage.pay_in(cast.LANDPORT, certificate.wan(6_000), "LANDPORT-1")
    stage.turn_to(due)


def play(home: Path) -> tuple[int, str]:
    """Play everything in `home`; return the number of entries and the head."""
    with stage(home) as played:
        begin(played)
        trade(played)
        end(played)
        return played.node.engine.size, played.node.head


if __name__ == "__main__":
    sys.stdout.write("{} {}\n".format(*play(Path(sys.argv[1]))))
