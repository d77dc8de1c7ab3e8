"""Checkpoints of a real node into a real Hyperledger Fabric, from an empty folder to a killed peer.

    cd tests && python -m support.fabric_trial      or `make fabric`

What must hold:

    kept       what was anchored is read back, by the other member too, after any death
    growing    an old copy, another history, a smaller or another checkpoint are turned away
    one        nobody but the first writer writes, whatever member it is of
    gone       no process is left

Prints figures as JSON. Stops with an error at the first thing that does not hold.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.fabric_gateway import note
from support.fabric_network import MEMBERS, FabricMissingError, Network, installed
from support.net import until
from support.portal import do, small_portal
from support.town import BANK, PORT, cny
from tallyport.adapters.anchors.fabric.anchor import FabricAnchor
from tallyport.adapters.anchors.port import AnchorError
from tallyport.app.anchoring import Anchoring
from tallyport.app.bootstrap import open_node
from tallyport.app.node import Node
from tallyport.app.settings import Settings
from tallyport.contracts.books.deposit import Deposit
from tallyport.kernel.ids import BankReferenceId
from tallyport.ledger.note import origin_of

LOG = origin_of("main")
ROUNDS, LOGS, EACH = 40, 8, 25


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"fabric: {text}\n")


def expect(condition: bool, what: str) -> None:  # noqa: FBT001 - Reads as a sentence.
    """Stop if something does not hold."""
    if not condition:
        raise SystemExit(f"fabric: it does not hold: {what}")
    say(f"holds: {what}")


def refused(act: Callable[[], object], words: str, what: str) -> None:
    """Stop unless `act` is turned away with `words`."""
    try:
        act()
    except AnchorError as error:
        expect(words in str(error), f"{what}: {str(error)[-160:]}")
    else:
        raise SystemExit(f"fabric: it was not turned away: {what}")


def grow(node: Node, word: str = "IN") -> None:
    """Let something happen."""
    reference = BankReferenceId(f"{word}-{node.engine.size}")
    do(node, BANK, Deposit(owner=PORT, amount=cny(1), reference=reference))


def anchoring(node: Node, anchor: FabricAnchor, folder: Path) -> Anchoring:
    """Return what a node does from time to time."""
    return Anchoring(node.engine, node.engine.verifier_key, [anchor], folder, seconds=60)


def problem(one: Anchoring) -> str:
    """Anchor once, and return what was wrong."""
    return one.once()[0].problem


def command_line(home: Path, *words: str) -> None:
    """Run `tallyport anchor` as an operator would."""
    subprocess.run(
        [str(Path(sys.executable).parent / "tallyport"), "anchor", *words],
        check=True,
        env=os.environ | {"TALLYPORT_HOME": str(home)},
        stdout=sys.stderr,
    )


def speed(node: Node, one: Anchoring, anchor: FabricAnchor, network: Network) -> dict[str, float]:
    """Measure one anchor after the other, and several logs at once."""
    taken = list[float]()
    for _ in range(ROUNDS):
        grow(node)
        begin = time.perf_counter()
        told = problem(one)
        taken.append(time.perf_counter() - begin)
        expect_quietly(told)
    reads = list[float]()
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        anchor.latest()
        reads.append(time.perf_counter() - begin)

    def write(number: int) -> None:
        log = f"{LOG}/{number}"
        other = FabricAnchor.read(network.profile("Customs", "User1", log))
        for size in range(1, EACH + 1):
            other.put(size, note(size, origin=log))

    begin = time.perf_counter()
    with ThreadPoolExecutor(LOGS) as pool:
        list(pool.map(write, range(LOGS)))
    together = time.perf_counter() - begin
    taken.sort()
    return {
        "anchor_seconds_median": round(statistics.median(taken), 3),
        "anchor_seconds_p95": round(taken[int(len(taken) * 0.95)], 3),
        "anchors_per_second_one_log": round(len(taken) / sum(taken), 2),
        f"anchors_per_second_{LOGS}_logs": round(LOGS * EACH / together, 1),
        "read_milliseconds_median": round(1_000 * statistics.median(reads), 1),
    }


def expect_quietly(told: str) -> None:
    """Stop if something is wrong."""
    if told:
        raise SystemExit(f"fabric: {told}")


def growing(node: Node, old: Path, anchor: FabricAnchor, folder: Path) -> None:
    """Show what is turned away because a ledger only grows."""
    grow(node)
    between, smaller = node.engine.size, node.engine.checkpoint()
    grow(node)
    now, size = node.engine.checkpoint(), node.engine.size
    for _ in range(2):
        anchor.put(size, now)
        expect(anchor.latest() == now, "a checkpoint is kept, and the same again is harmless")
    refused(lambda: anchor.put(between, smaller), "smaller_than_last", "a smaller checkpoint")
    with open_node(Settings(home=old)) as copy:
        one = anchoring(copy, anchor, folder / "confirmed-old")
        told = problem(one)
        expect("old copy" in told, f"an old copy is found out: {told[-120:]}")
        while copy.engine.size < size:
            grow(copy, "fork")
        told, other = problem(one), copy.engine.checkpoint()
        expect("another head" in told, f"another history is found out: {told[-120:]}")
        refused(
            lambda: anchor.put(size, other),
            "another checkpoint over",
            "another checkpoint of the same size, signed by the same log",
        )
    refused(lambda: anchor.put(1, "hello\n"), "not_a_checkpoint", "what is no checkpoint")
    expect(anchor.latest() == now, "nothing of that changed anything")


def one_writer(node: Node, network: Network, anchor: FabricAnchor) -> None:
    """Show that others read and do not write."""
    now = node.engine.checkpoint()
    grow(node)
    after = node.engine.checkpoint()
    for member, user in (("Customs", "User2"), ("Bank", "User1"), ("Bank", "Admin")):
        other = FabricAnchor.read(network.profile(member, user, LOG))
        refused(
            lambda other=other: other.put(node.engine.size, after),  # type: ignore[misc]
            "another_writer",
            f"{user} of {member}",
        )
        expect(other.latest() == now, f"{user} of {member} reads what was anchored")
    anchor.put(node.engine.size, after)
    expect(anchor.latest() == after, "the writer itself goes on")


def deaths(node: Node, network: Network, anchor: FabricAnchor, one: Anchoring) -> dict[str, float]:
    """Kill processes while a thread anchors, and see it go on."""
    kept, problems, stop = dict[int, str](), list[str](), threading.Event()

    def run() -> None:
        while not stop.is_set():
            grow(node)
            text = node.engine.checkpoint()
            told = problem(one)
            if told:
                problems.append(told)
                time.sleep(0.1)
            else:
                kept[node.engine.size] = text

    back = dict[str, float]()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        for names in (["Customs"], ["CustomsChaincode"], ["Bank"], ["Operator"], EVERYTHING):
            what = names[0] if len(names) == 1 else "everything"
            count = len(kept)
            until(lambda count=count: len(kept) > count + 3, "anchoring goes on")  # type: ignore[misc]
            bad = len(problems)
            for name in names:
                network.kill(name)
            until(lambda bad=bad: len(problems) > bad, f"the death of {what} is noticed")  # type: ignore[misc]
            begin, count = time.monotonic(), len(kept)
            for name in names:
                network.start(name)
            until(lambda count=count: len(kept) > count, f"it goes on after {what}")  # type: ignore[misc]
            back[f"seconds_back_after_{what}"] = round(time.monotonic() - begin, 1)
            say(f"killed {what}: {problems[bad][-140:]}; back in {list(back.values())[-1]} s")
    finally:
        stop.set()
        thread.join()
    strange = [told for told in problems if any(word in told for word in FORKS)]
    expect(not strange, f"no fork among {len(problems)} problems {strange[:1]}")
    gone = [size for size, text in kept.items() if anchor.get(size) != text]
    expect(not gone, f"all {len(kept)} checkpoints that were confirmed are kept {gone[:3]}")
    other = FabricAnchor.read(network.profile("Bank", "User1", LOG))
    until(lambda: other.latest() == anchor.latest(), "the other member has the same")
    gone = [size for size, text in kept.items() if other.get(size) != text]
    expect(not gone, "and so has the other member")
    return back


FORKS = ("another head", "old copy", "has forgotten", "another checkpoint", "smaller_than_last")
EVERYTHING = ["Operator", *MEMBERS, *(f"{member}Chaincode" for member in MEMBERS)]


def main() -> None:
    """Do it all."""
    try:
        folder = installed() / "trial"
    except FabricMissingError as error:
        raise SystemExit(f"fabric: {error}") from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that the network ends with us.
    shutil.rmtree(folder, ignore_errors=True)
    figures: dict[str, float] = {}
    with Network(folder / "network") as network:
        begin = time.monotonic()
        network.up()
        until(lambda: takes(network), "both members sign")
        figures["seconds_to_set_up"] = round(time.monotonic() - begin, 1)
        say(f"a network is up after {figures['seconds_to_set_up']} s")
        path = network.profile("Customs", "User1", LOG)
        anchor, home = FabricAnchor.read(path), folder / "node"
        with small_portal(home):
            pass
        command_line(home, "write", f"fabric:{path}")
        command_line(home, "check", f"fabric:{path}")
        shutil.copytree(home, folder / "old")
        with open_node(Settings(home=home)) as node:
            one = anchoring(node, anchor, folder / "confirmed")
            expect(anchor.latest() == node.engine.checkpoint(), "the node's checkpoint is kept")
            figures |= speed(node, one, anchor, network)
            growing(node, folder / "old", anchor, folder)
            one_writer(node, network, anchor)
            figures |= deaths(node, network, anchor, one)
        command_line(home, "check", f"fabric:{path}")
        started = list(network.running.values())
    expect(all(process.poll() is not None for process in started), "no process is left")
    sys.stdout.write(f"{json.dumps(figures, indent=1)}\n")


def takes(network: Network) -> bool:
    """Return whether a checkpoint is taken: the members' peers must have found each other."""
    log = f"{LOG}/first"
    try:
        FabricAnchor.read(network.profile("Bank", "User2", log)).put(1, note(1, origin=log))
    except AnchorError:
        return False
    return True


if __name__ == "__main__":
    main()
