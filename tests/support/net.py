"""A real network in a test's hand: members that found, pay in, and die."""

from __future__ import annotations

import base64
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tallyport.adapters.clock import Clock, SystemClock
from tallyport.adapters.consortium.engine import ConsortiumEngine
from tallyport.adapters.consortium.rpc import Rpc
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.adapters.keystore import trial_key
from tallyport.app.network.comet import binary
from tallyport.app.network.gateway import engine
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.plan import NetworkError, Plan
from tallyport.app.network.running import down, up
from tallyport.app.network.status import NodeStatus, look
from tallyport.app.settings import Time
from tallyport.contracts.books.deposit import Deposit
from tallyport.contracts.members.consent import Consent
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.members.propose import Change, Propose
from tallyport.kernel.ids import BankReferenceId, MemberId, ProposalId
from tallyport.kernel.keys import Suite
from tallyport.kernel.money import Money
from tallyport.ledger.entry import CommandEntry
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal

SECONDS_MAX = 90
Answer = Future[Recorded | TimePassed]


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a network; a busy machine is not a wrong program."""
    end = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < end, f"it did not happen: {what}"
        time.sleep(0.1)


def free_port(count: int) -> int:
    """Return the first of `count` ports in a row that nobody uses."""
    for first in range(28_000 + os.getpid() % 1_000 * 4, 60_000, count):
        taken = []
        try:
            for port in range(first, first + count):
                one = socket.socket()
                taken.append(one)
                one.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
        return first
    raise OSError("no free ports")


def require_cometbft() -> None:
    """Skip, loudly, where CometBFT is not installed; fail in CI."""
    try:
        binary()
    except NetworkError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(f"COMETBFT ABSENT: {error}")


class Net:
    """Members with a node each, and a gateway to each node."""

    def __init__(
        self, folder: Path, members: Sequence[str], port: int, clock: Clock | None = None
    ) -> None:
        """Lay out; with a `clock` of its own the network is a trial that follows it."""
        self.folder, self.members = folder, tuple(members)
        time = Time.SYSTEM if clock is None else Time.TRIAL
        self.plan = lay_out(folder, Wanted(members=members, port=port, time=time))
        self._clock = clock or SystemClock()
        self._gateways: dict[str, ConsortiumEngine] = {}

    def up(self) -> None:
        """Start all nodes."""
        up(self.folder)

    def down(self) -> None:
        """Stop them and the gateways."""
        for gateway in self._gateways.values():
            gateway.close()
        self._gateways.clear()
        down(self.folder)

    def close(self) -> None:
        """Leave nothing behind."""
        self.down()

    def gateway(self, member: str) -> ConsortiumEngine:
        """Return the gateway of a member."""
        if member not in self._gateways:
            self._gateways[member] = engine(self.folder / member, self._clock)
        return self._gateways[member]

    def seal(self, member: str, key: str, *commands: object) -> bytes:
        """Return an envelope with `commands`, signed for a member."""
        signing = trial_key(self.plan.seed, member)
        forms = self.gateway(member).machine.commands
        body = body_bytes(
            Body(
                channel=self.plan.channel,
                key_id=signing.key_id,
                idempotency_key=key,
                valid_until=self._clock.now() + timedelta(hours=1),
                commands=commands,
            ),
            forms,
        )
        return seal(body, signing.sign(DOMAIN + body))

    def found(self) -> CommandEntry:
        """Found the consortium; every member is a bank, for the sake of the tests."""
        profiles = tuple(
            Profile(
                id=MemberId(name),
                name=name,
                roles=(Role.BANK,),
                keys=(
                    PublicKey(
                        suite=Suite.ED25519,
                        public_hex=trial_key(self.plan.seed, name).public.hex(),
                    ),
                ),
                is_voter=True,
            )
            for name in self.members
        )
        founding = Found(name="net", members=profiles, consents_min=1)
        first = self.members[0]
        entry = entry_of(self.gateway(first).submit(self.seal(first, "found", founding)))
        self.same_heads()
        return entry

    def send(self, member: str, key: str, *commands: object) -> CommandEntry:
        """Have linked commands of a member recorded."""
        return entry_of(self.gateway(member).submit(self.seal(member, key, *commands)))

    def agree(self, name: str, change: Change) -> CommandEntry:
        """Let the first member put a change and consent; one consent is enough."""
        first, proposal = self.members[0], ProposalId(name)
        put = Propose(proposal_id=proposal, change=change)
        return self.send(first, f"agree-{name}", put, Consent(proposal_id=proposal))

    def validators(self) -> set[str]:
        """Return the public keys of the chain's present validators, in hex."""
        rpc = Rpc(self.plan.peers[0].host, self.plan.peers[0].rpc_port)
        try:
            found = rpc.ask("validators")["validators"]
        finally:
            rpc.close()
        return {base64.b64decode(one["pub_key"]["value"]).hex() for one in found}

    def pay(self, member: str, number: int) -> Answer:
        """Let a member confirm a deposit through its own node."""
        deposit = Deposit(
            owner=MemberId(member),
            amount=Money(100, "CNY"),
            reference=BankReferenceId(f"{member}-{number}"),
        )
        return self.gateway(member).submit(self.seal(member, f"pay-{number}", deposit))

    def nodes(self) -> list[NodeStatus]:
        """Return how the nodes are."""
        self.plan = Plan.read(self.folder)
        return look(self.plan)

    def same_heads(self) -> NodeStatus:
        """Wait until all nodes are well and have the same entries; return one of them."""

        def are_same() -> bool:
            nodes = self.nodes()
            return all(one.is_up for one in nodes) and len({n.head for n in nodes}) == 1

        until(are_same, "equal heads")
        return self.nodes()[0]

    def kill(self, member: str, process: str) -> None:
        """Kill a member's `app` or `comet`, as the system does when memory is short."""
        self.signal(member, process, signal.SIGKILL)

    def signal(self, member: str, process: str, number: signal.Signals) -> None:
        """Send a signal to a member's process; one that is just being started again is spared."""
        path = self.folder / member / f"{process}.pid"
        with suppress(ProcessLookupError, ValueError, FileNotFoundError):
            os.kill(int(path.read_text("ascii")), number)

    def reopen(self, member: str) -> None:
        """Close a member's gateway; the next use opens another on the same outbox."""
        gateway = self._gateways.pop(member, None)
        if gateway is not None:
            gateway.close()

    def keys(self) -> list[str]:
        """Return the idempotency keys of all command entries, with their members, in order."""
        gateway = self.gateway(self.members[0])
        found, after = list[str](), 0
        while entries := gateway.entries(after):
            after += len(entries)
            for entry in entries:
                if isinstance(entry, CommandEntry):
                    body = gateway.machine.parse(entry.envelope).body
                    found.append(f"{body.key_id} {body.idempotency_key}")
        return found


def entry_of(answer: Answer) -> CommandEntry:
    """Return the entry that an envelope led to."""
    recorded = answer.result(SECONDS_MAX)
    assert isinstance(recorded, Recorded)
    return recorded.entry
