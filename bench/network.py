"""Four nodes on one machine: certificate transfers a second, latency, finality.

    make bench BENCH=network [RUNS=5 SCALE=1]      also part of `make bench BENCH=ledger`

The job is that of the embedded ledger's bench: two suppliers pass 1,000 certificates to and fro.
Four members run a node each (one CometBFT and one application: eight processes); a gateway in a
process of its own hands each node a quarter of the envelopes, signed beforehand. A command counts
when its entry is on the disk of the node it was handed to. The peer is CometBFT's own kvstore, four
nodes with the same settings, transactions of 250 bytes without signatures.

`..._processor` is the processor time that all processes together spend on one command. It hardly
depends on who else uses the machine; its reciprocal times the processors is the most that can be
reached there.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

import ledger
from ledger import Answer, Figure, Sealer, accepted, beginning, transfers
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.adapters.embedded.log import Recorded
from tallyport.app.network.comet import binary
from tallyport.app.network.gateway import engine
from tallyport.app.network.layout import Wanted, lay_out
from tallyport.app.network.plan import Plan
from tallyport.app.network.running import down, up
from tallyport.app.network.status import look
from tallyport.app.settings import Time
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import Outcome

RUNS = int(os.environ.get("RUNS", "5"))
SCALE = float(os.environ.get("SCALE", "1"))
MEMBERS = ("operator", "customs", "bank", "logistics")
SIGNED = int(8_000 * SCALE)
BATCHED = int(40_000 * SCALE)
TOGETHER = 50  # Commands of one signature.
PORTS = range(29_100, 32_000, 16)
OUTSTANDING_MAX = 2_000  # Envelopes that the clients of one gateway have on the way.
KVSTORE_BYTES = 250
SECONDS_MAX = 300
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run showed: commands a second, how long answers took, processor time a command."""

    rate: float
    took_ms: list[float]
    processor_us: float


def free_port(count: int = 2 * len(MEMBERS)) -> int:
    """Return the first of some ports in a row that nobody uses."""
    for first in PORTS:
        try:
            for port in range(first, first + count):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise RuntimeError(f"expected {count} free ports in a row from {PORTS.start} on")


def processor_seconds(processes: Iterable[int]) -> float:
    """Return the processor time that processes have spent."""
    spent = 0
    for number in processes:
        words = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()
        spent += int(words[11]) + int(words[12])
    return spent / TICKS


def clock() -> ManualClock:
    """Return the time of the story: the network is a trial."""
    return ManualClock(ledger.START)


class Network:
    """Four nodes, up, with 1,000 certificates in the hands of one supplier."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "net"
        wanted = Wanted(members=MEMBERS, time=Time.TRIAL, port=free_port())
        self.plan = lay_out(self.folder, wanted)
        up(self.folder)
        gateway = engine(self.folder / MEMBERS[0], clock())
        self.sealer = Sealer(gateway)  # type: ignore[arg-type]
        for raw in beginning(self.sealer):
            accepted([gateway.submit(raw)])
        size = gateway.size
        gateway.close()
        until = time.monotonic() + SECONDS_MAX
        while any(node.size < size for node in look(self.plan)):
            if time.monotonic() > until:
                raise RuntimeError("the nodes do not follow")
            time.sleep(0.1)

    def run(self, envelopes: Sequence[bytes], together: int, rate: float = 0) -> Run:
        """Hand a quarter to each node, all at once or at an even `rate` of envelopes a second."""
        context = multiprocessing.get_context("spawn")
        begin = context.Barrier(len(MEMBERS) + 1)
        results = context.Queue()
        workers = [
            context.Process(
                target=client,
                args=(
                    self.folder / name,
                    envelopes[number :: len(MEMBERS)],
                    rate / len(MEMBERS),
                    begin,
                    results,
                ),
            )
            for number, name in enumerate(MEMBERS)
        ]
        for worker in workers:
            worker.start()
        begin.wait()
        nodes = self._processes()
        begun, before = time.perf_counter(), processor_seconds(nodes)
        took: list[float] = []
        spent = 0.0
        for _ in workers:
            theirs, seconds = results.get(timeout=SECONDS_MAX)
            took += theirs
            spent += seconds
        seconds = time.perf_counter() - begun
        spent += processor_seconds(nodes) - before
        for worker in workers:
            worker.join()
        commands = len(envelopes) * together
        return Run(
            rate=commands / seconds, took_ms=sorted(took), processor_us=1e6 * spent / commands
        )

    def _processes(self) -> list[int]:
        """Return the numbers of all nodes' processes."""
        return [
            int((self.folder / name / f"{process}.pid").read_text("ascii"))
            for name in MEMBERS
            for process in ("app", "comet")
        ]

    def close(self) -> None:
        """Stop it, and see that all nodes had the same."""
        until = time.monotonic() + SECONDS_MAX
        while len({node.head for node in look(self.plan)}) > 1:
            if time.monotonic() > until:
                raise RuntimeError(f"expected equal heads, got {look(self.plan)}")
            time.sleep(0.2)
        down(self.folder)


def client(
    folder: Path,
    envelopes: Sequence[bytes],
    rate: float,
    begin: Barrier,
    results: multiprocessing.Queue[tuple[list[float], float]],
) -> None:
    """Submit everything through one gateway; report each answer's ms, and processor seconds."""
    gateway = engine(folder, clock())
    took: list[float] = []
    futures: list[Answer] = []
    begin.wait()
    begun, before = time.perf_counter(), time.process_time()
    for number, raw in enumerate(envelopes):
        due = time.perf_counter()
        if rate:
            due = begun + number / rate
            while (wait := due - time.perf_counter()) > 0:
                time.sleep(min(wait, 0.005))
        elif number >= OUTSTANDING_MAX:
            futures[number - OUTSTANDING_MAX].result(SECONDS_MAX)
        future = gateway.submit(raw)
        future.add_done_callback(
            lambda _, due=due: took.append(1_000 * (time.perf_counter() - due))  # type: ignore[misc]
        )
        futures.append(future)
    refused = 0
    for future in futures:
        recorded = future.result(SECONDS_MAX)
        if not isinstance(recorded, Recorded) or recorded.entry.outcome is not Outcome.ACCEPTED:
            refused += 1
    if refused:
        print(f"{folder.name}: {refused} of {len(futures)} not accepted", file=sys.stderr)
    results.put((took, time.process_time() - before))
    gateway.close()


def measured(commands: int, together: int, rate: float = 0) -> Run:
    """Return one run on a fresh network."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        network = Network(Path(name))
        try:
            run = network.run(list(transfers(network.sealer, commands, together)), together, rate)
            network.close()
        finally:
            down(network.folder)
    return run


def kvstore(count: int) -> Run:
    """Return a run of CometBFT's own example, four nodes, nothing signed."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        plan = lay_out(folder / "net", Wanted(members=MEMBERS, port=free_port()))
        nodes = [
            subprocess.Popen(  # noqa: S603 - CometBFT.
                (str(binary()), "start", "--proxy_app=kvstore", "--home", "comet"),
                cwd=folder / "net" / peer.name,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for peer in plan.peers
        ]
        try:
            return _kvstore(plan, count, [node.pid for node in nodes])
        finally:
            for node in nodes:
                node.terminate()
            for node in nodes:
                node.wait()


def _kvstore(plan: Plan, count: int, nodes: Sequence[int]) -> Run:
    rpcs = [Rpc(peer.host, peer.rpc_port) for peer in plan.peers]
    until = time.monotonic() + SECONDS_MAX
    while not all(map(_height, rpcs)):
        if time.monotonic() > until:
            raise RuntimeError("kvstore does not come up")
        time.sleep(0.2)
    width = KVSTORE_BYTES - 33
    payload = [f"{secrets.token_hex(16)}={'x' * width}".encode() for _ in range(count)]
    begun, before = time.perf_counter(), processor_seconds(nodes) + time.process_time()
    for at in range(0, count, 400):
        for number, rpc in enumerate(rpcs):
            rpc.broadcast(payload[at + 100 * number : at + 100 * (number + 1)])
    seen, done = 1, 0
    while done < count and time.monotonic() < until:
        top = _height(rpcs[0])
        for height in range(seen, top + 1):
            done += len(rpcs[0].ask("block", height=str(height))["block"]["data"]["txs"])
        seen = max(seen, top + 1)
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    spent = processor_seconds(nodes) + time.process_time() - before
    for rpc in rpcs:
        rpc.close()
    if done < count:
        raise RuntimeError(f"expected {count} transactions of kvstore in blocks, got {done}")
    return Run(rate=done / seconds, took_ms=[], processor_us=1e6 * spent / done)


def _height(rpc: Rpc) -> int:
    """Return how far a node is; 0 when it does not answer yet."""
    try:
        return int(rpc.ask("status")["sync_info"]["latest_block_height"])
    except RpcError:
        return 0


def figures() -> Iterator[Figure]:
    """Yield all figures, each as soon as it is known; none when CometBFT is missing."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # Nodes are stopped on the way out.
    try:
        binary()
    except FaultError as absent:
        print(f"no figures of four nodes: {absent}", file=sys.stderr)
        return
    peer = "CometBFT kvstore, four nodes, unsigned"
    others = [kvstore(SIGNED) for _ in range(RUNS)]
    other = statistics.median(run.rate for run in others)
    other_us = statistics.median(run.processor_us for run in others)
    yield Figure(name=f"peer: {peer}", value=other, unit="1/s")
    rates = {}
    for name, commands, together in (
        ("network4_signed", SIGNED, 1),
        ("network4_batched", BATCHED, TOGETHER),
    ):
        runs = [measured(commands, together) for _ in range(RUNS)]
        rates[name] = statistics.median(run.rate for run in runs)
        spent = statistics.median(run.processor_us for run in runs)
        yield Figure(name=name, value=rates[name], unit="commands/s", peer=peer, peer_value=other)
        yield Figure(
            name=f"{name}_processor",
            value=spent,
            unit="us/command",
            peer=peer,
            peer_value=other_us,
        )
    for name, rate, together in (
        ("network4_signed_%s_at_half_load", rates["network4_signed"] / 2, 1),
        ("network4_batched_%s_at_half_load", rates["network4_batched"] / 2 / TOGETHER, TOGETHER),
        ("network4_finality_%s_at_5000_a_second", 5_000 / TOGETHER, TOGETHER),
    ):
        seconds = max(5, 10 * min(1, SCALE))
        commands = int(rate * seconds) * together
        runs = [measured(commands, together, rate) for _ in range(RUNS)]
        for percent in (50, 99):
            value = statistics.median(percentile(run.took_ms, percent) for run in runs)
            yield Figure(name=name % f"p{percent}", value=value, unit="ms")


def percentile(values: Sequence[float], percent: int) -> float:
    """Return what so many of a hundred do not exceed; `values` are sorted."""
    return values[len(values) * percent // 100]


def main() -> None:
    """Print JSON on standard output and a table on standard error."""
    for figure in figures():
        figure.show("make bench BENCH=network")


if __name__ == "__main__":
    main()
