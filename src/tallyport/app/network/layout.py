"""Lay a network out (生成网络): keys, genesis and configuration of every member.

Validator keys come from the system's chance. In a trial the members' keys and the keys of the
logs are derived from a published seed, so that everybody can sign; otherwise they are made in the
key store of each member, behind `TALLYPORT_PASSPHRASE`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.keystore import KeyStore, trial_key
from tallyport.app.home import Home
from tallyport.app.network.comet import write_config
from tallyport.app.network.plan import MEMBERS_MAX, PORT_FIRST, Member, NetworkError, Peer, Plan
from tallyport.app.settings import Keys, NodeFile, Time
from tallyport.kernel.form import encode_moment
from tallyport.ledger.note import VerifierKey, origin_of

BLOCK_BYTES_MAX = 4 << 20  # Two hundred envelopes of fifty commands; a block stays under a second.
POWER = 10  # Of each validator: all count the same.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_DAY_NANOSECONDS = 86_400 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What whoever lays out a network may choose."""

    members: Sequence[str]
    channel: str = "main"
    keys: Keys = Keys.TRIAL
    time: Time = Time.SYSTEM
    seed: int = 0
    port: int = PORT_FIRST


def lay_out(folder: Path, wanted: Wanted, passphrase: str = "") -> Plan:
    """Write everything that the members need, and return the plan.

    Raises:
        NetworkError: a name that is none, or a network is here already.
    """
    names = tuple(wanted.members)
    _check_names(names)
    if (folder / "network.json").exists():
        raise NetworkError(f"{folder}: a network is here already; choose another folder")
    if wanted.keys is Keys.STORE and not passphrase:
        raise NetworkError(
            "TALLYPORT_PASSPHRASE: expected a passphrase; it locks the members' keys"
        )
    validators = {name: Signing.generate() for name in names}
    nodes = {name: Signing.generate() for name in names}
    peers = []
    for number, name in enumerate(names):
        key_of = _make_keys(folder / name, wanted, name, passphrase)
        log = VerifierKey(origin_of(wanted.channel), key_of(log_key_name(name)).public)
        peers.append(
            Peer(
                name=name,
                host="127.0.0.1",
                p2p_port=wanted.port + 2 * number,
                rpc_port=wanted.port + 2 * number + 1,
                node_id=address_of(nodes[name]),
                log_key=str(log),
            )
        )
    began = datetime.now(UTC)
    plan = Plan(
        channel=wanted.channel,
        chain=f"{wanted.channel}-{began:%Y%m%d%H%M%S}",
        time=wanted.time,
        seed=wanted.seed,
        peers=tuple(peers),
    )
    genesis = _genesis(plan, began, validators)
    for peer in plan.peers:
        member = Member(folder / peer.name)
        _write_keys(member, validators[peer.name], nodes[peer.name])
        _write(member.comet / "config" / "genesis.json", genesis)
        write_config(member, plan, peer)
    plan.write(folder)
    return plan


def add_observer(folder: Path, name: str, passphrase: str = "") -> Plan:
    """Lay out one more node, which follows and votes on nothing; it joins by a snapshot.

    Raises:
        NetworkError: the name is taken, or no name.
    """
    plan = Plan.read(folder)
    _check_names((*(peer.name for peer in plan.peers), name))
    first = plan.peers[0]
    given = NodeFile.read(Home(folder / first.name))
    wanted = Wanted(
        members=(name,), channel=plan.channel, keys=given.keys, time=given.time, seed=given.seed
    )
    key_of = _make_keys(folder / name, wanted, name, passphrase)
    node, port = Signing.generate(), max(peer.rpc_port for peer in plan.peers) + 1
    log = VerifierKey(origin_of(plan.channel), key_of(log_key_name(name)).public)
    peer = replace(
        first,
        name=name,
        p2p_port=port,
        rpc_port=port + 1,
        node_id=address_of(node),
        log_key=str(log),
        is_validator=False,
    )
    plan = replace(plan, peers=(*plan.peers, peer))
    member = Member(folder / name)
    _write_keys(member, Signing.generate(), node)
    genesis = (folder / first.name / "comet" / "config" / "genesis.json").read_text("utf-8")
    _write(member.comet / "config" / "genesis.json", genesis)
    write_config(member, plan, peer)
    plan.write(folder)
    return plan


def log_key_name(member: str) -> str:
    """Return the name of the key that signs a member's checkpoints."""
    return f"log/{member}"


def address_of(key: Signing) -> str:
    """Return a key's address, as CometBFT writes the id of a node."""
    return hashlib.sha256(key.public).hexdigest()[:40]


def _check_names(names: Sequence[str]) -> None:
    bad = [name for name in names if not _NAME.fullmatch(name)]
    if bad or len(set(names)) != len(names) or not 1 <= len(names) <= MEMBERS_MAX:
        raise NetworkError(
            f"members: expected 1 to {MEMBERS_MAX} distinct names of a-z, 0-9 and -, "
            f"got {', '.join(names) or 'none'}"
        )


def _make_keys(
    folder: Path, wanted: Wanted, name: str, passphrase: str
) -> Callable[[str], Signing]:
    home = Home(folder)
    NodeFile(channel=wanted.channel, keys=wanted.keys, time=wanted.time, seed=wanted.seed).write(
        home
    )
    if wanted.keys is Keys.TRIAL:
        return lambda key: trial_key(wanted.seed, key)
    store = KeyStore(home.keys, passphrase)
    for key in (log_key_name(name), name):
        store.create(key)
    return store.get


def _write_keys(member: Member, validator: Signing, node: Signing) -> None:
    config, data = member.comet / "config", member.comet / "data"
    _write(
        config / "priv_validator_key.json",
        json.dumps(
            {
                "address": address_of(validator).upper(),
                "pub_key": _public(validator),
                "priv_key": _private(validator),
            }
        ),
    )
    _write(config / "node_key.json", json.dumps({"priv_key": _private(node)}))
    _write(data / "priv_validator_state.json", '{"height": "0", "round": 0, "step": 0}\n')


def _genesis(plan: Plan, began: datetime, validators: dict[str, Signing]) -> str:
    return json.dumps(
        {
            "genesis_time": encode_moment(began),
            "chain_id": plan.chain,
            "initial_height": "1",
            "consensus_params": {
                "block": {"max_bytes": str(BLOCK_BYTES_MAX), "max_gas": "-1"},
                "evidence": {
                    "max_age_num_blocks": "100000",
                    "max_age_duration": str(2 * _DAY_NANOSECONDS),
                    "max_bytes": str(1 << 20),
                },
                "validator": {"pub_key_types": ["ed25519"]},
                "version": {"app": "1"},
                "abci": {"vote_extensions_enable_height": "0"},
            },
            "validators": [
                {
                    "address": address_of(key).upper(),
                    "pub_key": _public(key),
                    "power": str(POWER),
                    "name": name,
                }
                for name, key in validators.items()
            ],
            "app_hash": "",
            "app_state": {"channel": plan.channel, "time": plan.time.value},
        },
        indent=1,
    )


def _public(key: Signing) -> dict[str, str]:
    return {
        "type": "tendermint/PubKeyEd25519",
        "value": base64.b64encode(key.public).decode(),
    }


def _private(key: Signing) -> dict[str, str]:
    return {
        "type": "tendermint/PrivKeyEd25519",
        "value": base64.b64encode(key.seed + key.public).decode(),
    }


def _write(path: Path, text: str) -> None:
    """Write a file that may be secret: for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
