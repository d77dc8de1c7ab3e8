"""Four nodes on one machine: certificate transfers a second, latency, finality.

    make bench BENCH=network [RUNS=5 SCALE=1]

The job is that of the embedded ledger's bench: two suppliers pass 1,000 certificates to and fro.
Four members run a node each (one CometBFT and one application: eight processes); a gateway in a
process of its own hands each node a quarter of the envelopes, signed beforehand. A command counts
when its entry is on the disk of the node it was handed to. The peer is CometBFT's own kvstore, four
nodes with the same settings, transactions of 250 bytes without signatures.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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

RUNS = int(os.environ.get("RUNS", "3"))
SCALE = float(os.environ.get("SCALE", "1"))
MEMBERS = ("operator", "customs", "bank", "logistics")
SIGNED = int(8_000 * SCALE)
BATCHED = int(40_000 * SCALE)
TOGETHER = 50  # Commands of one signature.
PORT = 29_100
OUTSTANDING_MAX = 2_000  # Envelopes that the clients of one gateway have on the way.
KVSTORE_BYTES = 250
SECONDS_MAX = 300


def clock() -> ManualClock:
    """Return the time of the story: the network is a trial."""
    return ManualClock(ledger.START)


class Network:
    """Four nodes, up, with 1,000 certificates in the hands of one supplier."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "net"
        wanted = Wanted(members=MEMBERS, time=Time.TRIAL, port=PORT)
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

    def run(self, envelopes: Sequence[bytes], rate: float = 0) -> tuple[float, list[float]]:
        """Hand a quarter to each node; return seconds until the last, and how long each took."""
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
        begun = time.perf_counter()
        took: list[float] = []
        for _ in workers:
            took += results.get(timeout=SECONDS_MAX)
        seconds = time.perf_counter() - begun
        for worker in workers:
            worker.join()
        return seconds, sorted(took)

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
    results: multiprocessing.Queue[list[float]],
) -> None:
    """Submit everything through one gateway and report how long each answer took, in ms."""
    gateway = engine(folder, clock())
    took: list[float] = []
    futures: list[Answer] = []
    begin.wait()
    begun = time.perf_counter()
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
    results.put(took)
    gateway.close()


def measured(commands: int, together: int, rate: float = 0) -> tuple[float, list[float]]:
    """Return commands a second and latencies of one run on a fresh network."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        network = Network(Path(name))
        try:
            envelopes = list(transfers(network.sealer, commands, together))
            seconds, took = network.run(envelopes, rate)
            network.close()
        finally:
            down(network.folder)
    return commands / seconds, took


def kvstore(count: int) -> float:
    """Return transactions a second of CometBFT's own example, four nodes, nothing signed."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        plan = lay_out(folder / "net", Wanted(members=MEMBERS, port=PORT + 20))
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
            return _kvstore(plan, count)
        finally:
            for node in nodes:
                node.terminate()
            for node in nodes:
                node.wait()


def _kvstore(plan: Plan, count: int) -> float:
    rpcs = [Rpc(peer.host, peer.rpc_port) for peer in plan.peers]
    first = rpcs[0]
    until = time.monotonic() + SECONDS_MAX
    while True:
        try:
            if all(int(rpc.ask("status")["sync_info"]["latest_block_height"]) for rpc in rpcs):
                break
        except RpcError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)
    width = KVSTORE_BYTES - 33
    payload = [f"{secrets.token_hex(16)}={'x' * width}".encode() for _ in range(count)]
    begun = time.perf_counter()
    for at in range(0, count, 400):
        for number, rpc in enumerate(rpcs):
            rpc.broadcast(payload[at + 100 * number : at + 100 * (number + 1)])
    seen, done = 1, 0
    while done < count and time.monotonic() < until:
        top = int(first.ask("status")["sync_info"]["latest_block_height"])
        while seen <= top:
            done += len(first.ask("block", height=str(seen))["block"]["data"]["txs"])
            seen += 1
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    for rpc in rpcs:
        rpc.close()
    return done / seconds


def figures() -> Iterator[Figure]:
    """Yield all figures, each as soon as it is known."""
    peer = "CometBFT kvstore, four nodes, unsigned"
    other = statistics.median(kvstore(SIGNED) for _ in range(RUNS))
    yield Figure(name=f"peer: {peer}", value=other, unit="1/s")
    signed = statistics.median(measured(SIGNED, 1)[0] for _ in range(RUNS))
    yield Figure(
        name="network4_signed", value=signed, unit="commands/s", peer=peer, peer_value=other
    )
    batched = statistics.median(measured(BATCHED, TOGETHER)[0] for _ in range(RUNS))
    yield Figure(
        name="network4_batched", value=batched, unit="commands/s", peer=peer, peer_value=other
    )
    for name, rate, together in (
        ("network4_signed_%s_at_half_load", signed / 2, 1),
        ("network4_batched_%s_at_half_load", batched / 2 / TOGETHER, TOGETHER),
        ("network4_finality_%s_at_5000_a_second", 5_000 / TOGETHER, TOGETHER),
    ):
        seconds = max(5, 10 * min(1, SCALE))
        _, took = measured(int(rate * seconds) * together, together, rate)
        for percent in (50, 99):
            value = took[len(took) * percent // 100]
            yield Figure(name=name % f"p{percent}", value=value, unit="ms")


def main() -> None:
    """Print JSON on standard output and a table on standard error."""
    try:
        for figure in figures():
            print(figure.json().replace("BENCH=ledger", "BENCH=network"), flush=True)
            compared = f"{figure.peer}: {figure.peer_value:,.0f}" if figure.peer_value else ""
            row = f"{figure.name:<52}{figure.value:>12,.1f} {figure.unit:<12}{compared}"
            print(row, file=sys.stderr, flush=True)
    except FaultError as error:
        print(f"tallyport: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
