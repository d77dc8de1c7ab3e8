"""The engine of a member of a network (联盟网关), where bootstrap takes the embedded one."""

from __future__ import annotations

from pathlib import Path

from tallyport.adapters.clock import Clock
from tallyport.adapters.consortium.engine import ConsortiumEngine, Stores
from tallyport.adapters.consortium.rpc import Rpc
from tallyport.adapters.embedded.store import Database
from tallyport.app.network.plan import Member, NetworkError, Plan
from tallyport.app.network.serve import log_key, rules
from tallyport.ledger.note import VerifierKey


def engine(folder: Path, clock: Clock) -> ConsortiumEngine:
    """Return the engine of the member whose home is `folder`, a folder in that of the network.

    Raises:
        NetworkError: the member's node has never run.
    """
    member, plan = Member(folder), Plan.read(folder.parent)
    peer = plan.peer(folder.name)
    others = [one for one in plan.peers if one.name != peer.name]
    if not (member.ledger / "data.mdb").exists():
        raise NetworkError(f"{folder}: its node has not run yet; `tallyport network up` starts it")
    return ConsortiumEngine(
        Stores(ledger=Database(member.ledger, is_writer=False), outbox=member.outbox),
        rules(plan.channel),
        [Rpc(one.host, one.rpc_port) for one in (peer, *others)],
        log_key=log_key(folder),
        clock=clock,
    )


def log_keys(plan: Plan) -> list[VerifierKey]:
    """Return the verifier keys of all members' checkpoints."""
    return [VerifierKey.parse(peer.log_key) for peer in plan.peers]
