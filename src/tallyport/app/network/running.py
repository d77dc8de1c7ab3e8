"""Start and stop a network (启停): a supervisor in the background that outlives the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tallyport.adapters.consortium.rpc import Rpc
from tallyport.adapters.embedded.lock import HeldError, Lock
from tallyport.app.network.comet import binary, write_joining
from tallyport.app.network.plan import Member, NetworkError, Plan
from tallyport.app.network.status import NodeStatus, look
from tallyport.app.network.supervise import DETACH, LOCK_FILE, stop_left_over

START_SECONDS_MAX = 60  # A node starts in two or three; four on a busy machine in ten.
STOP_SECONDS_MAX = 40  # Each process has ten before it is killed.
_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 3  # Until a supervisor must hold its lock.


def up(folder: Path, names: Sequence[str] = ()) -> list[NodeStatus]:
    """Start the members' nodes, wait until each makes or follows blocks, return how they are.

    Raises:
        NetworkError: CometBFT is not installed, or the nodes do not come up.
    """
    plan = Plan.read(folder)
    binary()
    wanted = {plan.peer(name).name for name in names} or {peer.name for peer in plan.peers}
    for name in sorted(wanted):
        holder = holder_of(folder / name)
        if holder:
            raise NetworkError(
                f"{name} runs already, supervised by process {holder}; `tallyport network down` "
                "ends it"
            )
        stop_left_over(folder / name)
    log_path = folder / "network.log"
    with log_path.open("ab") as log:
        for name in sorted(wanted):  # Each has a supervisor of its own, and is ended alone.
            subprocess.run(  # noqa: S603 - Ourselves; it goes on in the background.
                (
                    sys.executable,
                    "-m",
                    "tallyport.app.network.supervise",
                    DETACH,
                    str(folder),
                    name,
                ),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                check=True,
            )
    began = time.monotonic()
    while time.monotonic() < began + START_SECONDS_MAX:
        nodes = [node for node in look(plan) if node.name in wanted]
        if all(node.is_up and node.height for node in nodes):
            return nodes
        if time.monotonic() > began + _GRACE_SECONDS and not all(
            holder_of(folder / name) for name in wanted
        ):
            raise NetworkError(f"the supervisor has ended; {log_path} says why")
        time.sleep(_LOOK_SECONDS)
    raise NetworkError(
        f"the nodes did not come up within {START_SECONDS_MAX} s; see {folder}/*/logs, "
        "then `tallyport network down`"
    )


def down(folder: Path, names: Sequence[str] = ()) -> list[str]:
    """Stop the members' nodes; return the names of those that ran.

    Raises:
        NetworkError: a supervisor does not end.
    """
    plan = Plan.read(folder)
    wanted = [plan.peer(name) for name in names] or list(plan.peers)
    holders = {peer.name: holder_of(folder / peer.name) for peer in wanted}
    for holder in sorted(set(holders.values()) - {0}):
        os.kill(holder, signal.SIGTERM)
    stopped = []
    for name, holder in holders.items():
        _wait_for_end(folder / name)
        if stop_left_over(folder / name) or holder:
            stopped.append(name)
    return stopped


def prepare_joining(folder: Path, name: str) -> None:
    """Let a new node trust the newest block of the network and take a snapshot from there.

    Raises:
        RpcError: the network does not answer.
    """
    plan = Plan.read(folder)
    first = next(peer for peer in plan.peers if peer.is_validator and peer.name != name)
    rpc = Rpc(first.host, first.rpc_port)
    try:
        commit = rpc.ask("commit")["signed_header"]["commit"]
    finally:
        rpc.close()
    trusted = int(commit["height"]), str(commit["block_id"]["hash"])
    write_joining(Member(folder / name), plan, plan.peer(name), trusted)


def holder_of(folder: Path) -> int:
    """Return the number of the process that supervises a member, or 0."""
    path = folder / LOCK_FILE
    if not path.exists():
        return 0
    try:
        Lock(path).close()
    except HeldError:
        text = path.read_text("ascii").strip()
        return int(text) if text.isdigit() else 0
    return 0


def _wait_for_end(folder: Path) -> None:
    until = time.monotonic() + STOP_SECONDS_MAX
    while holder_of(folder):
        if time.monotonic() > until:
            raise NetworkError(f"{folder.name}: its supervisor does not end; see the logs")
        time.sleep(_LOOK_SECONDS)
