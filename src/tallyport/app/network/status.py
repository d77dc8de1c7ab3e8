"""How a network is (网络状态): height, head, lag, peers and health of every node.

    node       height   entries   head       lag   peers   health
    operator     1204      8812   9f31c2d0     0       3   ok
    bank         1190      8700   77a0b1e4    14       3   catching up
    customs         –         –   –            –       –   down: node at 127.0.0.1:26603 ...

Two nodes with different heads at one height are the one thing that must never be: `forked`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.app.network.plan import Peer, Plan

LAG_BLOCKS_MAX = 5  # A node a few blocks behind is about to have them.
_TIMEOUT_SECONDS = 3


@unique
class Condition(StrEnum):
    """How a node is, in one word; `health` begins with it and may say more."""

    FINE = "ok"
    CATCHING_UP = "catching up"
    BEHIND = "behind"
    ALONE = "alone"
    DOWN = "down"
    FORKED = "forked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """One node, as it answered a moment ago."""

    name: str
    is_validator: bool
    is_up: bool
    height: int = 0
    size: int = 0
    head: str = ""
    lag: int = 0
    peers: int = 0
    health: str = ""

    @property
    def is_fine(self) -> bool:
        """Return whether nobody need look after it."""
        return self.health == "ok"

    @property
    def condition(self) -> Condition:
        """Return its health in one word."""
        return next(one for one in Condition if self.health.startswith(one.value))


def look(plan: Plan) -> list[NodeStatus]:
    """Ask every node at once."""
    with ThreadPoolExecutor(len(plan.peers)) as pool:
        return judge(pool.map(_ask, plan.peers))


def judge(asked: Iterable[NodeStatus]) -> list[NodeStatus]:
    """Return the nodes with their lag and health, which show only beside each other."""
    nodes = list(asked)
    top = max((node.height for node in nodes if node.is_up), default=0)
    heads = Counter((node.height, node.head) for node in nodes if node.is_up)
    judged = []
    for node in nodes:
        if not node.is_up:
            judged.append(node)
            continue
        lag = top - node.height
        health = node.health
        if any(height == node.height and head != node.head for height, head in heads):
            health = "forked: its head differs from another's at the same height; stop and compare"
        elif not health and lag > LAG_BLOCKS_MAX:
            health = f"behind by {lag} blocks"
        elif not health and node.peers == 0 and len(nodes) > 1:
            health = "alone: no peer answers"
        judged.append(replace(node, lag=lag, health=health or "ok"))
    return judged


def _ask(peer: Peer) -> NodeStatus:
    rpc = Rpc(peer.host, peer.rpc_port, _TIMEOUT_SECONDS)
    try:
        sync = rpc.ask("status")["sync_info"]
        peers = int(rpc.ask("net_info")["n_peers"])
        own = json.loads(rpc.query("/status"))
    except (RpcError, KeyError, ValueError, TypeError) as error:
        return NodeStatus(
            name=peer.name,
            is_validator=peer.is_validator,
            is_up=False,
            health=f"down: {error}",
        )
    finally:
        rpc.close()
    return NodeStatus(
        name=peer.name,
        is_validator=peer.is_validator,
        is_up=True,
        height=int(own["height"]),
        size=int(own["size"]),
        head=str(own["head"]),
        peers=peers,
        health="catching up" if sync["catching_up"] else "",
    )
