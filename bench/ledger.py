"""The embedded ledger, durable: certificate transfers a second, latency, replay and audit.

    make bench BENCH=ledger [RUNS=5 SCALE=1]

The job is real: two suppliers pass 1,000 certificates to and fro (receivable.Transfer, then
receivable.Accept). Envelopes are signed beforehand, as clients do it on their own machines; from
there on everything counts: reading, signature, judging, tree, rows, disk, answer. Each figure is
the median of RUNS runs on a fresh ledger, with the peers in the same run.

`restart_from_snapshot` and `memory_per_certificate` are taken once, in a process that opens a
ledger of a million live certificates, transfers one, and then looks at every one of them. SCALE
below 1 makes everything shorter, the million too. Then come the figures of a receipt (receipts.py)
and of four nodes under consensus (network.py). A program that is missing is told on standard error,
with what to install, and the rest goes on.

After `make compiled` ledger and network are measured twice: as interpreted, and as machine code,
whose figures begin with `compiled_`.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from peers import postgres, sqlite

from tallyport.adapters.clock import ManualClock
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.audit import Depth, Kept, audit
from tallyport.adapters.embedded.engine import Engine
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.adapters.suites import Secret, from_seed
from tallyport.app.release import is_compiled
from tallyport.contracts import table
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Profile, PublicKey, Role
from tallyport.contracts.pledge.model import AssetId
from tallyport.contracts.receivable.accept import Accept
from tallyport.contracts.receivable.issue import Issue
from tallyport.contracts.receivable.model import Certificate, Stage
from tallyport.contracts.receivable.split import Split
from tallyport.contracts.receivable.transfer import Transfer
from tallyport.kernel.ids import CertificateId, LimitId, MemberId
from tallyport.kernel.keys import Suite
from tallyport.kernel.money import Money
from tallyport.ledger.entry import CommandEntry, Outcome
from tallyport.ledger.envelope import DOMAIN, Body, body_bytes, seal

RUNS = int(os.environ.get("RUNS", "5"))
SCALE = float(os.environ.get("SCALE", "1"))
COMMAND = "make bench BENCH=ledger"
ROOT = Path(__file__).parents[1]
COMPILED = ROOT / "var" / "compiled"
START = datetime(2024, 4, 8, 1, tzinfo=UTC)
LEAVES = 1_000
SIGNED = int(20_000 * SCALE)
BATCHED = int(100_000 * SCALE)
SM2 = int(5_000 * SCALE)
LIVE = int(1_000_000 * SCALE)  # Certificates, a thousand of each issue.
TOGETHER = 50  # Commands of one signature.
TOGETHER_SM2 = 10
OUTSTANDING_MAX = 8_000  # Envelopes that a crowd of clients has on the way.

OPERATOR, PORT, ALI, BEK, FUND = (
    MemberId(name) for name in ("operator", "landport", "ali", "bek", "fund")
)
LIMIT = LimitId("L-1")
ROLES = {
    OPERATOR: Role.OPERATOR,
    PORT: Role.CORE_ENTERPRISE,
    ALI: Role.SUPPLIER,
    BEK: Role.SUPPLIER,
    FUND: Role.FUNDER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the result; with a peer, `ratio` says how many times as much we do."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def called(self) -> str:
        """The name, which tells how the ledger ran."""
        return f"compiled_{self.name}" if is_compiled() else self.name

    def show(self, command: str = COMMAND) -> None:
        """Print the line of JSON on standard output, a line to read on standard error."""
        print(self.json(command), flush=True)
        compared = f"{self.peer}: {self.peer_value:,.0f}" if self.peer_value else ""
        row = f"{self.called:<52}{self.value:>12,.1f} {self.unit:<12}{compared}"
        print(row, file=sys.stderr, flush=True)

    def json(self, command: str) -> str:
        """Return the line."""
        ratio = round(self.value / self.peer_value, 2) if self.peer_value else None
        fields = {
            "name": self.called,
            "value": round(self.value, 2),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": None if self.peer_value is None else round(self.peer_value, 1),
            "ratio": ratio,
            "command": command,
        }
        return json.dumps(fields)


# The ledger and its envelopes.


def opened(folder: Path) -> Engine:
    """Return an engine on a folder."""
    clock, log_key = ManualClock(START), Signing(bytes(32))
    return Engine(folder, "main", table.ALL, signer, clock=clock, log_key=log_key)


def _key(suite: Suite, member: MemberId) -> Secret:
    return from_seed(suite, hashlib.sha256(member.encode()).digest())


class Sealer:
    """Signs envelopes."""

    def __init__(self, engine: Engine, suite: Suite = Suite.ED25519) -> None:
        self._forms = engine.machine.commands
        self._number = 0
        self.keys = {member: _key(suite, member) for member in ROLES}

    def skip(self) -> None:
        """Use keys that no earlier run has used."""
        self._number += 1_000_000_000

    def seal(self, member: MemberId, *commands: object) -> bytes:
        """Return an envelope under a new key."""
        self._number += 1
        signing = self.keys[member]
        body = body_bytes(
            Body(
                channel="main",
                key_id=signing.key_id,
                idempotency_key=f"k{self._number}",
                valid_until=START + timedelta(hours=1),
                commands=commands,
            ),
            self._forms,
        )
        return seal(body, signing.sign(DOMAIN + body))


def beginning(sealer: Sealer) -> Iterator[bytes]:
    """Yield what leads to 1,000 certificates in the hands of one supplier."""
    yield founding(sealer)
    yield granting(sealer, Money(6_000_000_000, "CNY"))
    yield from issuing(sealer, CertificateId("RC"))


def founding(sealer: Sealer) -> bytes:
    """Return the envelope that founds the consortium."""
    profiles = tuple(
        Profile(
            id=member,
            name=member,
            roles=(role,),
            keys=(PublicKey(suite=key.suite, public_hex=key.public.hex()),),
            is_voter=member == OPERATOR,
        )
        for (member, role), key in zip(ROLES.items(), sealer.keys.values(), strict=True)
    )
    return sealer.seal(OPERATOR, Found(name="bench", members=profiles, consents_min=1))


def granting(sealer: Sealer, amount: Money) -> bytes:
    """Return the envelope that gives the port its limit."""
    grant = Grant(
        limit_id=LIMIT,
        parent=None,
        subject=PORT,
        amount=amount,
        valid_from=START.date(),
        valid_until=date(2025, 4, 8),
        product="certificates",
    )
    return sealer.seal(FUND, grant, Effect(limit_id=LIMIT))


def issuing(sealer: Sealer, root: CertificateId) -> Iterator[bytes]:
    """Yield what leads to one issue in a thousand parts."""
    issue = Issue(
        certificate_id=root,
        holder=ALI,
        face=Money(6_000_000_000, "CNY"),
        due=date(2024, 10, 8),
        limit_id=LIMIT,
        agreement="XJYO-2024040401",
        backing=(AssetId(f"agreement:{root}"),),
        evidence=None,
        long_term_reason=None,
    )
    yield sealer.seal(PORT, issue)
    yield sealer.seal(ALI, Accept(certificate_id=root))
    for share in ((10, [root]), (100, [CertificateId(f"{root}/{n}") for n in range(1, 11)])):
        parts, parents = share
        for parent in parents:
            face = Money(600_000_000 if parent == root else 6_000_000, "CNY")
            yield sealer.seal(ALI, Split(certificate_id=parent, faces=(face,) * parts))


def transfers(sealer: Sealer, count: int, together: int) -> Iterator[bytes]:
    """Yield envelopes of `together` commands that pass all certificates to and fro."""
    leaves = [CertificateId(f"RC/{n}/{m}") for n in range(1, 11) for m in range(1, 101)]
    made, giver, taker = 0, ALI, BEK
    while True:
        for step in ("transfer", "accept"):
            for start in range(0, LEAVES, together):
                some = leaves[start : start + together]
                if step == "transfer":
                    wishes = [Transfer(certificate_id=leaf, taker=taker) for leaf in some]
                    yield sealer.seal(giver, *wishes)
                else:
                    yield sealer.seal(taker, *(Accept(certificate_id=leaf) for leaf in some))
                made += len(some)
                if made >= count:
                    return
        giver, taker = taker, giver


Answer = Future[Recorded | TimePassed]


def submitted(engine: Engine, envelopes: Sequence[bytes]) -> list[Answer]:
    """Submit all, as fast as the engine takes them, and wait for every answer."""
    futures: list[Answer] = []
    for number, raw in enumerate(envelopes):
        if number >= OUTSTANDING_MAX:
            futures[number - OUTSTANDING_MAX].result()
        futures.append(engine.submit(raw))
    for future in futures:
        future.result()
    return futures


def accepted(futures: Sequence[Answer]) -> None:
    """See that everything was really done."""
    for future in futures:
        recorded = future.result()
        entry = recorded.entry if isinstance(recorded, Recorded) else None
        if not isinstance(entry, CommandEntry) or entry.outcome is not Outcome.ACCEPTED:
            raise RuntimeError(f"expected an accepted entry, got {entry}")


# Figures.


def throughput(folder: Path, commands: int, together: int, suite: Suite = Suite.ED25519) -> float:
    """Return commands a second."""
    engine = opened(folder)
    sealer = Sealer(engine, suite)
    accepted(submitted(engine, list(beginning(sealer))))
    envelopes = list(transfers(sealer, commands, together))
    begun = time.perf_counter()
    futures = submitted(engine, envelopes)
    seconds = time.perf_counter() - begun
    accepted(futures)
    engine.close()
    return commands / seconds


def latencies(folder: Path, rate: float, seconds: float) -> list[float]:
    """Return how long answers took, in ms, sorted, when envelopes come at an even `rate`."""
    engine = opened(folder)
    sealer = Sealer(engine)
    accepted(submitted(engine, list(beginning(sealer))))
    envelopes = list(transfers(sealer, int(rate * seconds), 1))
    took: list[float] = []
    futures: list[Answer] = []
    begun = time.perf_counter()
    for number, raw in enumerate(envelopes):
        due = begun + number / rate
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(min(wait, 0.001))
        future = engine.submit(raw)
        future.add_done_callback(partial(_took, took, due))
        futures.append(future)
    accepted(futures)
    engine.close()
    return sorted(1_000 * one for one in took)


def _took(took: list[float], due: float, _: Answer) -> None:
    took.append(time.perf_counter() - due)


def audits(folder: Path) -> dict[Depth, float]:
    """Return entries a second at each depth."""
    figures = {}
    for depth in Depth:
        done = audit(folder, "main", table.ALL, signer, kept=Kept(), depth=depth)
        if not done.report.is_clean:
            raise RuntimeError(f"expected a clean audit, got {done.report.findings[0]}")
        figures[depth] = done.report.counts.entries / done.seconds
    return figures


def _live(folder: Path) -> None:
    """Make a ledger of LIVE certificates."""
    engine = opened(folder)
    sealer = Sealer(engine)
    face, issues = 6_000_000_000, LIVE // LEAVES
    accepted(submitted(engine, [founding(sealer), granting(sealer, Money(face * issues, "CNY"))]))
    for number in range(issues):
        accepted(submitted(engine, list(issuing(sealer, CertificateId(f"RC{number}")))))
    engine.close()


def _restarted(folder: Path) -> tuple[float, int]:
    """Return seconds until a transfer is on disk, and the memory after seeing all, in bytes."""
    begun = time.perf_counter()
    engine = opened(folder)
    sealer = Sealer(engine)
    sealer.skip()
    wish = Transfer(certificate_id=CertificateId("RC0/1/1"), taker=BEK)
    accepted(submitted(engine, [sealer.seal(ALI, wish)]))
    seconds = time.perf_counter() - begun
    ends = (Stage.SPLIT, Stage.SETTLED, Stage.CANCELLED)
    with engine.book() as book:
        alive = sum(one.stage not in ends for one in book.scan(Certificate))
    engine.close()
    if alive != LIVE:
        raise RuntimeError(f"expected {LIVE} live certificates, got {alive}")
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def restart() -> tuple[float, int]:
    """Return what a fresh process takes to go on with LIVE certificates, and its memory."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(_live, Path(name)).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_restarted, Path(name)).result()


def median(measure: Callable[[Path], float], runs: int = RUNS) -> float:
    """Return the median of some runs, each in a fresh folder."""
    values = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            values.append(measure(Path(folder)))
    return statistics.median(values)


def peers() -> dict[str, float]:
    """Return what others reach, and say who is absent."""
    figures = {
        "SQLite, one posting a commit": median(lambda at: sqlite.postings(at, 1_000, 1)),
        "SQLite, 1,000 postings a commit": median(lambda at: sqlite.postings(at, 50_000, 1_000)),
    }
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        try:
            with postgres.server(folder) as reach:
                for clients in (1, 64):
                    told = f"PostgreSQL, durable insert, {clients} clients"
                    figures[told] = postgres.inserts(folder, reach, clients, 5)
        except postgres.AbsentError as absent:
            print(f"no peer: {absent}", file=sys.stderr)
    return figures


def figures() -> Iterator[Figure]:
    """Yield all figures, each as soon as it is known."""
    others = {} if is_compiled() else peers()  # They were in the same run.
    for name, value in others.items():
        yield Figure(name=f"peer: {name}", value=value, unit="1/s")
    postgres_64 = "PostgreSQL, durable insert, 64 clients"
    single = postgres_64 if postgres_64 in others else "SQLite, one posting a commit"
    many = "SQLite, 1,000 postings a commit"
    signed = median(lambda at: throughput(at, SIGNED, 1))
    yield Figure(
        name="embedded_signed",
        value=signed,
        unit="commands/s",
        peer=single,
        peer_value=others.get(single),
    )
    batched = median(lambda at: throughput(at, BATCHED, TOGETHER))
    yield Figure(
        name="embedded_batched",
        value=batched,
        unit="commands/s",
        peer=many,
        peer_value=others.get(many),
    )
    for figure, together in (("sm2_single", 1), ("sm2_batched", TOGETHER_SM2)):
        run = partial(throughput, commands=SM2 * together, together=together, suite=Suite.SM2)
        yield Figure(name=figure, value=median(run), unit="commands/s")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        took = latencies(Path(name), signed / 2, 5 * min(1, SCALE))
    for percent in (50, 99):
        value = took[len(took) * percent // 100]
        yield Figure(name=f"embedded_signed_p{percent}_at_half_load", value=value, unit="ms")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        throughput(Path(name), 5 * SIGNED, 1)
        for depth, value in audits(Path(name)).items():
            figure = "replay" if depth is Depth.REPLAY else f"audit_{depth.value}"
            yield Figure(name=figure, value=value, unit="entries/s")
    seconds, memory = restart()
    yield Figure(name="restart_from_snapshot", value=seconds, unit="s")
    yield Figure(name="memory_per_certificate", value=memory / LIVE, unit="bytes")


def has_machine_code() -> bool:
    """Return whether `make compiled` has been here since the source changed."""
    source, made = ROOT / "src", COMPILED
    names = [str(path.relative_to(source)) for path in source.rglob("*.py")]
    return not any(filecmp.cmpfiles(source, made, names, shallow=False)[1:])


def main() -> None:
    """Print all figures: of the embedded ledger, as machine code too, a receipt, four nodes."""
    # They measure with the same job, so they import this module.
    import receipts  # noqa: PLC0415

    import network  # noqa: PLC0415

    for figure in figures():
        figure.show()
    if is_compiled():
        for figure in network.figures():
            figure.show()
        return
    if has_machine_code():
        environment = os.environ | {"PYTHONPATH": str(COMPILED)}
        subprocess.run([sys.executable, __file__], env=environment, check=True)  # noqa: S603 - Us.
    else:
        print("no figures of machine code: `make compiled` makes it", file=sys.stderr)
    for figure in chain(receipts.figures(), network.figures()):
        figure.show()


if __name__ == "__main__":
    main()
