"""CometBFT (共识节点): where it is found, and how it is set for a ledger.

What differs from its defaults, and why:

    timeout_commit 100 ms (1 s)       finality in well under a second
    create_empty_blocks no, 10 s      a quiet ledger makes no blocks; timers still fire
    recheck no                        what became invalid is turned away when it is ordered
    size 20,000 (5,000)               the gateways hold back before that
    gossip 30 ms (100 ms)             votes arrive soon; 10 ms cost a tenth of a core a node
    indexer null                      entries are found in the ledger
    max_request_batch_size 1,000      a gateway sends many envelopes in one question
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from tallyport.app.network.plan import Member, NetworkError, Peer, Plan

VERSION = "v0.38.25"
PACKAGE = f"github.com/cometbft/cometbft/cmd/cometbft@{VERSION}"
INSTALL = f"go install {PACKAGE}"


def binary(environment: dict[str, str] | None = None) -> Path:
    """Return the program: TALLYPORT_COMETBFT, or one on the PATH, or where Go puts it.

    Raises:
        NetworkError: it is not installed; says the line that installs it.
    """
    given = dict(os.environ) if environment is None else environment
    named = given.get("TALLYPORT_COMETBFT")
    go = given.get("GOBIN") or str(Path(given.get("GOPATH") or Path.home() / "go") / "bin")
    search = os.pathsep.join((given.get("PATH", ""), go, str(Path("var/bin").absolute())))
    found = shutil.which(named) if named else shutil.which("cometbft", path=search)
    if found is None:
        raise NetworkError(
            f"expected the program cometbft {VERSION}, found none"
            f"{f' at {named}' if named else ' on the PATH'}; with Go 1.22 or newer install it by\n"
            f"  {INSTALL}\nor by `tools/install_cometbft.sh`; TALLYPORT_COMETBFT may name its place"
        )
    return Path(found)


def write_config(member: Member, plan: Plan, peer: Peer) -> None:
    """Write `config.toml` of a member's CometBFT."""
    others = ",".join(one.address for one in plan.peers if one.name != peer.name)
    path = member.comet / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(_config(peer, others, "", 0, ""), "utf-8")


def write_joining(member: Member, plan: Plan, peer: Peer, trusted: tuple[int, str]) -> None:
    """Write `config.toml` of a node that takes a snapshot; it trusts a block's height and hash."""
    others = ",".join(one.address for one in plan.peers if one.name != peer.name)
    servers = ",".join(
        f"http://{one.host}:{one.rpc_port}" for one in plan.peers if one.is_validator
    )
    path = member.comet / "config" / "config.toml"
    path.write_text(_config(peer, others, servers, *trusted), "utf-8")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=True)


def _config(peer: Peer, others: str, servers: str, height: int, trusted: str) -> str:
    return f"""# Written by `tallyport network`.
version = "0.38.25"
proxy_app = "unix://app.sock"
abci = "socket"
moniker = {_text(peer.name)}
db_backend = "goleveldb"
log_level = "error"

[rpc]
laddr = "tcp://{peer.host}:{peer.rpc_port}"
max_request_batch_size = 1000
max_body_bytes = 33554432
timeout_broadcast_tx_commit = "10s"

[p2p]
laddr = "tcp://{peer.host}:{peer.p2p_port}"
persistent_peers = {_text(others)}
addr_book_strict = false
allow_duplicate_ip = true
pex = false
flush_throttle_timeout = "25ms"
max_packet_msg_payload_size = 65536
send_rate = 52428800
recv_rate = 52428800

[mempool]
type = "flood"
recheck = false
size = 20000
cache_size = 50000
max_txs_bytes = 268435456
max_tx_bytes = 1048700

[statesync]
enable = {"true" if servers else "false"}
rpc_servers = {_text(servers)}
trust_height = {height}
trust_hash = {_text(trusted)}
trust_period = "168h0m0s"
discovery_time = "5s"

[consensus]
timeout_propose = "2s"
timeout_commit = "100ms"
create_empty_blocks = false
create_empty_blocks_interval = "10s"
peer_gossip_sleep_duration = "30ms"

[storage]
discard_abci_responses = true

[tx_index]
indexer = "null"
"""
