"""What a network is (网络布局): its members, their ports, and the folder of each.

    DIR/network.json           channel, chain, time, members with their ports
    DIR/operator/              the home of the operator's node: node.json, ledger, keys ...
    DIR/operator/comet/        its CometBFT: config, validator key, blocks
    DIR/operator/app.sock      where the two meet
    DIR/operator/logs/         what they say

`network.json` is equal at all members and says nothing secret; a member on a machine of its own
needs it and the folder of its own name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tallyport.app.settings import Time
from tallyport.kernel.guard import FaultError

MEMBERS_MAX = 64  # Validators talk to each other; more than this is another kind of network.
PORT_FIRST = 26_600  # A member takes two: the first for peers, the second for questions.


class NetworkError(FaultError):
    """The network cannot be laid out, read or run. Says what was expected and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A member as the others know it."""

    name: str
    host: str
    p2p_port: int
    rpc_port: int
    node_id: str  # Of its CometBFT: pins the key of the connection.
    log_key: str  # Verifier key of its checkpoints.
    is_validator: bool = True

    @property
    def address(self) -> str:
        """Where its peers reach it."""
        return f"{self.node_id}@{self.host}:{self.p2p_port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A network."""

    channel: str
    chain: str
    time: Time
    seed: int  # Of the trial keys, when there are such.
    peers: tuple[Peer, ...]

    def peer(self, name: str) -> Peer:
        """Return a member.

        Raises:
            NetworkError: there is none of this name.
        """
        for peer in self.peers:
            if peer.name == name:
                return peer
        names = ", ".join(peer.name for peer in self.peers)
        raise NetworkError(f"no member {name!r} in this network; it has {names}")

    def write(self, folder: Path) -> None:
        """Keep it in `folder`."""
        path = folder / "network.json"
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def of(cls, member: Path) -> Plan | None:
        """Return the network whose member's folder this is, or None when it is a node alone.

        Raises:
            NetworkError: the plan is damaged.
        """
        folder = member.parent
        return cls.read(folder) if (folder / "network.json").exists() else None

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """Return the network that is laid out in `folder`.

        Raises:
            NetworkError: there is none, or its file is damaged.
        """
        path = folder / "network.json"
        try:
            fields = json.loads(path.read_text("utf-8"))
            return cls(
                channel=str(fields["channel"]),
                chain=str(fields["chain"]),
                time=Time(fields["time"]),
                seed=int(fields["seed"]),
                peers=tuple(Peer(**one) for one in fields["peers"]),
            )
        except FileNotFoundError:
            raise NetworkError(
                f"{folder}: no network here; `tallyport network init --members a,b,c,d` makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NetworkError(f"{path}: expected a network's plan, got {error!r}") from error


@dataclass(frozen=True, slots=True)
class Member:
    """The folder of one member and its parts."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """Folder of the ledger: the application writes it, everybody else of the house reads."""
        return self.folder / "ledger"

    @property
    def outbox(self) -> Path:
        """Folder of envelopes that wait to be committed."""
        return self.folder / "outbox"

    @property
    def comet(self) -> Path:
        """Home of CometBFT."""
        return self.folder / "comet"

    @property
    def socket(self) -> Path:
        """Where CometBFT and the application meet."""
        return self.folder / "app.sock"

    @property
    def logs(self) -> Path:
        """Folder of logs."""
        return self.folder / "logs"
