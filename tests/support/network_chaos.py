"""Bad days of a real network (混沌测试): processes die and freeze at random while members pay in.

Which fault comes when, and who pays through whom, is drawn from one integer; what the system makes
of it is not, so a round that fails is looked for again with the same seed, not replayed.

    cd tests && python -m support.network_chaos 4711 100 [ALL]
    make chaos-network SEED=4711 ROUNDS=100 FAULT=ALL         FAULT: always this one, by its name

What must hold after every round:

    kept    every payment is answered, also those whose node was killed under them
    once    every key stands in the ledger exactly once
    one     all nodes have the same head, soon
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from functools import partial
from pathlib import Path

from support.net import Answer, Net, entry_of, free_port

MEMBERS = ("operator", "customs", "bank", "logistics")
PROCESSES = ("app", "comet")
FROZEN_SECONDS = 2.0  # Longer than a round of votes: the others go on without.


@unique
class Fault(StrEnum):
    """What happens to a round."""

    APPLICATION = "an application dies"
    CONSENSUS = "a CometBFT dies"
    NODE = "a node dies"
    ALL = "everything dies"
    FROZEN = "a node stands still"
    GATEWAY = "a gateway is closed and opened again"


@dataclass(slots=True)
class Day:
    """What was done so far."""

    payments: int = 0
    caught_up_seconds: list[float] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def spoil(net: Net, chance: random.Random, fault: Fault) -> None:
    """Let a fault happen."""
    victim = chance.choice(MEMBERS)
    everything = [(name, process) for name in MEMBERS for process in PROCESSES]
    chance.shuffle(everything)
    victims = {
        Fault.APPLICATION: [(victim, "app")],
        Fault.CONSENSUS: [(victim, "comet")],
        Fault.NODE: [(victim, process) for process in PROCESSES],
        Fault.ALL: everything,
    }
    for name, process in victims.get(fault, ()):
        net.kill(name, process)
    if fault is Fault.FROZEN:
        freeze(net, victim)
    elif fault is Fault.GATEWAY:
        net.reopen(victim)


def freeze(net: Net, victim: str) -> None:
    """Let a node stand still for a while, as a machine whose disk has stalled does."""
    for process in PROCESSES:
        net.signal(victim, process, signal.SIGSTOP)
    time.sleep(FROZEN_SECONDS)
    for process in PROCESSES:
        net.signal(victim, process, signal.SIGCONT)


def a_round(net: Net, chance: random.Random, day: Day, faults: Sequence[Fault]) -> Fault:
    """Pay in from all sides, spoil it in the middle, and wait until all is well."""
    fault = chance.choice(faults)
    answers: list[tuple[str, int, Answer]] = []

    def pay(count: int) -> None:
        for _ in range(count):
            name = chance.choice(MEMBERS)
            day.payments += 1
            answers.append((name, day.payments, net.pay(name, day.payments)))

    pay(chance.randrange(1, 40))
    time.sleep(chance.random() * 0.4)
    spoil(net, chance, fault)
    began = time.monotonic()
    pay(chance.randrange(0, 20))
    for name, number, answer in answers:
        if fault is Fault.GATEWAY and answer.exception(90) is not None:
            answer = net.pay(name, number)  # noqa: PLW2901 - Closed under it: the same wish again.
        entry_of(answer)
    net.same_heads()
    day.caught_up_seconds.append(time.monotonic() - began)
    day.faults.append(fault)
    return fault


def endure(
    net: Net,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    faults: Sequence[Fault] = tuple(Fault),
) -> Day:
    """Live through `rounds` and check that nothing was lost or happened twice."""
    chance, day = random.Random(seed), Day()  # noqa: S311 - Chance that can be repeated.
    net.found()
    for number in range(1, rounds + 1):
        fault = a_round(net, chance, day, faults)
        say(
            f"round {number}: {fault}; {day.payments} payments; all answered, equal heads after "
            f"{day.caught_up_seconds[-1]:.1f} s"
        )
    keys = net.keys()
    assert len(keys) == len(set(keys)) == 1 + day.payments, "lost or repeated"
    return day


def main() -> None:
    """Run what the command line names: seed and rounds, and one fault if it is to be only that."""
    seed, rounds = int(sys.argv[1]), int(sys.argv[2])
    faults = [Fault[name] for name in sys.argv[3:]] or list(Fault)
    sys.stdout.write(f"SEED={seed} ROUNDS={rounds}, process {os.getpid()}\n")
    with tempfile.TemporaryDirectory() as name:
        net = Net(Path(name) / "net", MEMBERS, free_port(8))
        try:
            net.up()
            say = partial(print, flush=True)
            day = endure(net, seed, rounds, say, faults)
        finally:
            net.close()
    slowest = max(day.caught_up_seconds)
    sys.stdout.write(f"{day.payments} payments, each once; slowest round {slowest:.1f} s\n")


if __name__ == "__main__":
    main()
