"""A real Hyperledger Fabric in a test's hand, without Docker.

    operator    orderer, etcdraft of one
    customs     peer; its users write
    bank        peer; without its signature nothing is endorsed

Everything listens on loopback, with TLS, and lies in one folder; a chaincode runs for each member.
Programs and sample configuration come from `tools/install_fabric.sh`.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from support.net import free_port

ROOT = Path(__file__).parents[2]
CHANNEL, CHAINCODE = "anchors", "checkpoints"
OPERATOR, MEMBERS = "Operator", ("Customs", "Bank")
BATCH_TIMEOUT = "200ms"  # A block is cut at the latest then; Fabric's sample says 2s.
SECONDS_MAX = 90
LABEL = f"{CHAINCODE}_1"
PORTS = {  # Of the first free one.
    OPERATOR: 0,
    "Admin": 1,
    "Customs": 2,
    "Bank": 3,
    "CustomsChaincode": 4,
    "BankChaincode": 5,
    "CustomsListens": 6,
    "BankListens": 7,
}


class FabricMissingError(Exception):
    """Fabric is not installed. Says how to."""


def installed() -> Path:
    """Return the folder with Fabric's programs: TALLYPORT_FABRIC, else var/fabric."""
    folder = Path(os.environ.get("TALLYPORT_FABRIC", ROOT / "var" / "fabric"))
    if not (folder / "bin" / "peer").exists():
        raise FabricMissingError(
            f"expected Hyperledger Fabric in {folder}, found none: bash tools/install_fabric.sh"
        )
    if not chaincode_python().exists():
        raise FabricMissingError(
            f"expected {chaincode_python()}, found none: make .venv-fabric/ready"
        )
    return folder


def chaincode_python() -> Path:
    """Return the interpreter of the chaincode's environment."""
    return ROOT / ".venv-fabric" / "bin" / "python"


def domain(name: str) -> str:
    """Return where an organisation's names end."""
    return f"{name.lower()}.example"


@dataclass(slots=True)
class Network:
    """Processes and their folder. As a context: ends what it started."""

    folder: Path
    programs: Path = field(default_factory=installed)
    first_port: int = field(default_factory=lambda: free_port(len(PORTS)))
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    package_ids: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    # Names and places.

    def address(self, name: str) -> str:
        """Return where something listens."""
        return f"127.0.0.1:{self.first_port + PORTS[name]}"

    def node(self, name: str) -> Path:
        """Return the folder with the keys of an organisation's only node."""
        if name == OPERATOR:
            return self._organisation(name) / "orderers" / f"orderer.{domain(name)}"
        return self._organisation(name) / "peers" / f"peer0.{domain(name)}"

    def _tls(self, member: str) -> dict[str, Path]:
        """Return what the peer's and the chaincode's ends of their connection show and trust.

        One pair of keys for both ends, since both are on this machine.
        """
        tls = self.node(member) / "tls"
        names = {"CERT": "server.crt", "KEY": "server.key", "CA": "ca.crt"}
        return {what: tls / name for what, name in names.items()}

    def user(self, member: str, user: str) -> Path:
        """Return the folder with a user's keys: Admin, User1, User2."""
        return self._organisation(member) / "users" / f"{user}@{domain(member)}" / "msp"

    def _organisation(self, name: str) -> Path:
        kind = "ordererOrganizations" if name == OPERATOR else "peerOrganizations"
        return self.folder / "crypto" / kind / domain(name)

    def profile(self, member: str, user: str, log: str) -> Path:
        """Write the file of an anchor for a user, and return it."""
        msp = self.user(member, user)
        (key,) = (msp / "keystore").iterdir()
        (certificate,) = (msp / "signcerts").iterdir()
        path = self.folder / f"{member}-{user}-{log.replace('/', '-')}.json".lower()
        told = {
            "address": self.address(member),
            "tls_root": str(self.node(member) / "tls" / "ca.crt"),
            "member": f"{member}MSP",
            "certificate": str(certificate),
            "key": str(key),
            "channel": CHANNEL,
            "chaincode": CHAINCODE,
            "log": log,
        }
        path.write_text(json.dumps(told, indent=1), "utf-8")
        return path

    # Life.

    def up(self) -> None:
        """Lay everything out, start it, make the channel, and take the chaincode into use."""
        lay_out(self)
        self.start(OPERATOR)
        self._join_orderer()
        for member in MEMBERS:
            self.start(member)
        for member in MEMBERS:
            self._again(
                lambda member=member: self.peer(
                    member, "channel", "join", "-b", str(self.folder / "channel.block")
                ),
                f"{member} joins",
            )
        for member in MEMBERS:
            self._install(member)
            self.start(f"{member}Chaincode")
        self._take_into_use()

    def start(self, name: str) -> None:
        """Start a process; what it says goes into a file of its name."""
        words, environment = self._command(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                words,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=os.environ | environment,
                cwd=self.folder,
            )

    def kill(self, name: str) -> None:
        """End a process at once, as a power cut would."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End whatever was started here."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def _command(self, name: str) -> tuple[list[str], dict[str, str]]:
        if name.endswith("Chaincode"):
            member = name.removesuffix("Chaincode")
            words = [str(chaincode_python()), "-m", "tallyport.adapters.anchors.fabric.chaincode"]
            tls = self._tls(member)
            return words, {
                "CHAINCODE_TLS_CERT": str(tls["CERT"]),
                "CHAINCODE_TLS_KEY": str(tls["KEY"]),
                "CHAINCODE_CLIENT_CA": str(tls["CA"]),
                "CHAINCODE_ID": self.package_ids[member],
                "CHAINCODE_SERVER_ADDRESS": self.address(name),
            }
        program = ["orderer"] if name == OPERATOR else ["peer", "node", "start"]
        place = {"FABRIC_CFG_PATH": str(self.folder / name), "FABRIC_LOGGING_SPEC": "warn"}
        return [str(self.programs / "bin" / program[0]), *program[1:]], place

    # The programs of Fabric.

    def run(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
        """Run one of Fabric's programs and return what it says."""
        done = subprocess.run(
            [str(self.programs / "bin" / words[0]), *words[1:]],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=os.environ | dict(environment or {}),
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words[:4])}: {done.stderr[-2_000:]}{done.stdout[-500:]}")
        return done.stdout + done.stderr

    def peer(self, member: str, *words: str) -> str:
        """Run `peer` as a member's administrator."""
        return self.run(
            ["peer", *words],
            {
                "FABRIC_CFG_PATH": str(self.folder / member),
                "FABRIC_LOGGING_SPEC": "error",
                "CORE_PEER_MSPCONFIGPATH": str(self.user(member, "Admin")),
            },
        )

    def _join_orderer(self) -> None:
        tls = self.node(OPERATOR) / "tls"
        words = ["configtxgen", "-profile", "Anchors", "-channelID", CHANNEL]
        words += ["-configPath", str(self.folder), "-outputBlock", "channel.block"]
        self.run(words)
        words = ["osnadmin", "channel", "join", "--channelID", CHANNEL]
        words += ["--config-block", "channel.block", "-o", self.address("Admin")]
        words += ["--ca-file", str(tls / "ca.crt"), "--client-cert", str(tls / "server.crt")]
        words += ["--client-key", str(tls / "server.key")]

        def join() -> None:
            answer = self.run(words)
            if "Status: 201" not in answer:
                raise RuntimeError(answer)

        self._again(join, "the orderer joins")

    def _install(self, member: str) -> None:
        path = self.folder / f"{member}.tar.gz"
        path.write_bytes(package(self.address(f"{member}Chaincode"), *self._tls(member).values()))
        self._again(
            lambda: self.peer(member, "lifecycle", "chaincode", "install", str(path)),
            f"{member} installs",
        )
        told = self.peer(member, "lifecycle", "chaincode", "calculatepackageid", str(path))
        self.package_ids[member] = told.strip().splitlines()[0]

    def _take_into_use(self) -> None:
        orderer = ["-o", self.address(OPERATOR), "--tls"]
        orderer += ["--cafile", str(self.node(OPERATOR) / "tls" / "ca.crt")]
        what = ["--channelID", CHANNEL, "--name", CHAINCODE, "--version", "1", "--sequence", "1"]
        for member in MEMBERS:
            words = ["approveformyorg", *orderer, *what, "--package-id", self.package_ids[member]]
            self._again(
                lambda words=words, member=member: self.peer(
                    member, "lifecycle", "chaincode", *words
                ),
                f"{member} approves",
            )
        for member in MEMBERS:
            what += ["--peerAddresses", self.address(member)]
            what += ["--tlsRootCertFiles", str(self.node(member) / "tls" / "ca.crt")]
        self._again(
            lambda: self.peer(MEMBERS[0], "lifecycle", "chaincode", "commit", *orderer, *what),
            "the definition is committed",
        )

    @staticmethod
    def _again(act: Any, what: str) -> None:  # noqa: ANN401 - Whatever it returns.
        """Do something that a process which is just starting may refuse."""
        end = time.monotonic() + SECONDS_MAX
        while True:
            try:
                act()
            except RuntimeError as error:
                if time.monotonic() > end:
                    raise TimeoutError(f"it did not happen: {what}: {error}") from error
                time.sleep(0.2)
            else:
                return


def package(address: str, certificate: Path, key: Path, authority: Path) -> bytes:
    """Return a package of a chaincode that runs elsewhere: its address, and what kind it is."""
    connection = {
        "address": address,
        "dial_timeout": "10s",
        "tls_required": True,
        "client_auth_required": True,
        "client_cert": certificate.read_text("ascii"),
        "client_key": key.read_text("ascii"),
        "root_cert": authority.read_text("ascii"),
    }
    code = archive({"connection.json": json.dumps(connection).encode()})
    metadata = json.dumps({"type": "ccaas", "label": LABEL}).encode()
    return archive({"metadata.json": metadata, "code.tar.gz": code})


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


# Configuration.


def lay_out(network: Network) -> None:
    """Write keys and configuration of everything."""
    network.folder.mkdir(parents=True)
    hosts = {"SANS": ["localhost", "127.0.0.1"]}
    organisations = {
        "OrdererOrgs": [
            {
                "Name": OPERATOR,
                "Domain": domain(OPERATOR),
                "EnableNodeOUs": True,
                "Specs": [{"Hostname": "orderer", **hosts}],
            }
        ],
        "PeerOrgs": [
            {
                "Name": member,
                "Domain": domain(member),
                "EnableNodeOUs": True,
                "Template": {"Count": 1, **hosts},
                "Users": {"Count": 2},
            }
            for member in MEMBERS
        ],
    }
    write(network.folder / "crypto-config.yaml", organisations)
    network.run(["cryptogen", "generate", "--config", "crypto-config.yaml", "--output", "crypto"])
    write(network.folder / "configtx.yaml", {"Profiles": {"Anchors": channel(network)}})
    write(network.folder / OPERATOR / "orderer.yaml", orderer(network))
    for member in MEMBERS:
        write(network.folder / member / "core.yaml", core(network, member))


def write(path: Path, value: object) -> None:
    """Write YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, sort_keys=False), "utf-8")


def implicit(rule: str) -> dict[str, str]:
    """Return a policy of policies."""
    return {"Type": "ImplicitMeta", "Rule": rule}


USUAL = {
    "Readers": implicit("ANY Readers"),
    "Writers": implicit("ANY Writers"),
    "Admins": implicit("MAJORITY Admins"),
}


def organisation(network: Network, name: str) -> dict[str, Any]:
    """Return a member of the channel, with who may speak for it."""
    msp = f"{name}MSP"

    def signed(*roles: str) -> dict[str, str]:
        rule = ", ".join(f"'{msp}.{role}'" for role in roles)
        return {"Type": "Signature", "Rule": f"OR({rule})"}

    made: dict[str, Any] = {
        "Name": name,
        "ID": msp,
        "MSPDir": str(network.node(name).parents[1] / "msp"),
        "Policies": {
            "Readers": signed("member"),
            "Writers": signed("member"),
            "Admins": signed("admin"),
            "Endorsement": signed("peer"),
        },
    }
    host, _, port = network.address(name).partition(":")
    if name == OPERATOR:
        made["OrdererEndpoints"] = [f"{host}:{port}"]
    else:
        made["AnchorPeers"] = [{"Host": host, "Port": int(port)}]
    return made


def channel(network: Network) -> dict[str, Any]:
    """Return what the first block of the channel says."""
    host, _, port = network.address(OPERATOR).partition(":")
    certificate = str(network.node(OPERATOR) / "tls" / "server.crt")
    return {
        "Policies": USUAL,
        "Capabilities": {"V2_0": True},
        "Orderer": {
            "OrdererType": "etcdraft",
            "BatchTimeout": BATCH_TIMEOUT,
            "BatchSize": {
                "MaxMessageCount": 100,
                "AbsoluteMaxBytes": "10 MB",
                "PreferredMaxBytes": "2 MB",
            },
            "EtcdRaft": {
                "Consenters": [
                    {
                        "Host": host,
                        "Port": int(port),
                        "ClientTLSCert": certificate,
                        "ServerTLSCert": certificate,
                    }
                ],
                "Options": {
                    "TickInterval": "100ms",
                    "ElectionTick": 10,
                    "HeartbeatTick": 1,
                    "MaxInflightBlocks": 5,
                    "SnapshotIntervalSize": "16 MB",
                },
            },
            "Organizations": [organisation(network, OPERATOR)],
            "Policies": USUAL | {"BlockValidation": implicit("ANY Writers")},
            "Capabilities": {"V2_0": True},
        },
        "Application": {
            "Organizations": [organisation(network, member) for member in MEMBERS],
            "Policies": USUAL
            | {
                "LifecycleEndorsement": implicit("MAJORITY Endorsement"),
                "Endorsement": implicit("MAJORITY Endorsement"),  # Of two: both.
            },
            "Capabilities": {"V2_5": True},
        },
    }


def orderer(network: Network) -> dict[str, Any]:
    """Return the orderer's configuration: Fabric's sample with our places."""
    made: dict[str, Any] = yaml.safe_load((network.programs / "orderer.yaml").read_text("utf-8"))
    node, data = network.node(OPERATOR), network.folder / OPERATOR / "data"
    secured = {
        "Enabled": True,
        "PrivateKey": str(node / "tls" / "server.key"),
        "Certificate": str(node / "tls" / "server.crt"),
        "RootCAs": [str(node / "tls" / "ca.crt")],
    }
    host, _, port = network.address(OPERATOR).partition(":")
    made["General"] |= {
        "ListenAddress": host,
        "ListenPort": int(port),
        "TLS": secured | {"ClientAuthRequired": False, "ClientRootCAs": None},
        "BootstrapMethod": "none",
        "LocalMSPDir": str(node / "msp"),
        "LocalMSPID": f"{OPERATOR}MSP",
    }
    made["Admin"] = {
        "ListenAddress": network.address("Admin"),
        "TLS": secured | {"ClientAuthRequired": True, "ClientRootCAs": secured["RootCAs"]},
    }
    made["ChannelParticipation"]["Enabled"] = True
    made["FileLedger"]["Location"] = str(data)
    made["Consensus"] = {"WALDir": str(data / "wal"), "SnapDir": str(data / "snapshots")}
    made["Operations"]["ListenAddress"] = "127.0.0.1:0"
    return made


def core(network: Network, member: str) -> dict[str, Any]:
    """Return a peer's configuration: Fabric's sample with our places, and our builder."""
    made: dict[str, Any] = yaml.safe_load((network.programs / "core.yaml").read_text("utf-8"))
    node, address = network.node(member), network.address(member)
    data = network.folder / member / "data"
    made["peer"] |= {
        "id": f"peer0.{domain(member)}",
        "networkId": "tallyport",
        "listenAddress": address,
        "address": address,
        "chaincodeListenAddress": network.address(f"{member}Listens"),  # For Docker; unused.
        "fileSystemPath": str(data),
        "mspConfigPath": str(node / "msp"),
        "localMspId": f"{member}MSP",
    }
    made["peer"]["gossip"] |= {"bootstrap": address, "externalEndpoint": address}
    made["peer"]["tls"] |= {
        "enabled": True,
        "cert": {"file": str(node / "tls" / "server.crt")},
        "key": {"file": str(node / "tls" / "server.key")},
        "rootcert": {"file": str(node / "tls" / "ca.crt")},
    }
    made["vm"]["endpoint"] = ""  # No Docker.
    made["chaincode"]["externalBuilders"] = [
        {"name": "ccaas", "path": str(ROOT / "tools" / "fabric" / "builder")}
    ]
    made["ledger"]["snapshots"]["rootDir"] = str(data / "snapshots")
    made["operations"]["listenAddress"] = "127.0.0.1:0"
    return made
