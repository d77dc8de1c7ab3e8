"""The gateway: what a member's own programs see of the consortium.

Goal: acknowledged means committed, nothing is lost on the way, and the face is that of the embedded
engine. Method: a node that a test holds in its hand takes transactions when told and makes blocks
when told; it can be down, full, forgetful or slow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from support.chain import Chain, rules
from support.toy import ALI, BEK, START, Add, Alarm, Playroom, Tally, enrolment, sealed, signing
from tallyport.adapters.clock import ManualClock
from tallyport.adapters.consortium import engine as module
from tallyport.adapters.consortium import sending
from tallyport.adapters.consortium.cosigning import check_quorum
from tallyport.adapters.consortium.engine import ConsortiumEngine, Stores, holds, key_in
from tallyport.adapters.consortium.latest import Latest
from tallyport.adapters.consortium.outbox import Outbox
from tallyport.adapters.consortium.pending import Pending, Waiting
from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.adapters.consortium.sending import Sender, bundles
from tallyport.adapters.consortium.transaction import parse
from tallyport.adapters.ed25519 import verify
from tallyport.adapters.embedded.engine import BusyError, StoppedError
from tallyport.adapters.embedded.log import Recorded, TimePassed
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.machine import Rejected
from tallyport.ledger.merkle import is_consistent
from tallyport.ledger.note import Checkpoint, VerifierKey, parse_note
from tallyport.ledger.receipt import UnprovenError, check

SECONDS_MAX = 20


class Hand(Rpc):
    """A node in a test's hand, without a network."""

    def __init__(self, chain: Chain) -> None:
        super().__init__("nowhere", 1)
        self._chain = chain
        self.taken: list[bytes] = []
        self.is_down = self.is_full = self.is_forgetful = False

    def broadcast(self, transactions: list[bytes]) -> list[str]:  # type: ignore[override]
        """Take transactions as a mempool does."""
        if self.is_down:
            raise RpcError("the node is down")
        if self.is_full:
            return ["mempool is full"] * len(transactions)
        parts = [part.data for one in transactions for part in parse(one)]
        if not self.is_forgetful:
            self.taken += [one for one in parts if one not in self.taken]
        return [""] * len(transactions)

    def query(self, path: str, data: bytes = b"") -> bytes:
        """Ask the application."""
        if self.is_down:
            raise RpcError("the node is down")
        answer = self._chain.application.answer("query", {"path": path, "data": data})
        value: bytes = answer["value"]
        return value

    def block(self, *, waits_for: int = 1) -> None:
        """Make a block of what was taken, when so many transactions have come."""
        until(lambda: len(self.taken) >= waits_for)
        txs, self.taken = self.taken, []
        self._chain.make(*bundles(txs))


def until(condition: Callable[[], bool]) -> None:
    """Wait for other threads."""
    end = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


class Bench:
    """A chain, a node and a gateway."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chain = Chain(folder / "node")
        self.chain.enrol()
        self.hand, self.clock = Hand(self.chain), ManualClock(START)
        self.engine = self.gateway()

    def gateway(self) -> ConsortiumEngine:
        """Return a gateway on the outbox of the last one."""
        return ConsortiumEngine(
            Stores(
                ledger=self.chain.application.database,
                outbox=self.folder / "outbox",
                is_shared=True,
            ),
            rules(),
            [self.hand, Hand(self.chain)],
            log_key=signing(BEK),
            clock=self.clock,
        )

    def close(self) -> None:
        """Let go."""
        self.engine.close()
        self.chain.kill()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Yield all three; what is late is late after a moment."""
    monkeypatch.setattr(sending, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.05)
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def add(key: str, amount: int = 1) -> bytes:
    """Return a signed addition."""
    return sealed(ALI, key, Add(name="a", amount=amount))


def test_acknowledged_means_committed(bench: Bench) -> None:
    """The answer comes with the block and not before."""
    future = bench.engine.submit(add("k"))
    until(lambda: bool(bench.hand.taken))
    assert not future.done()
    bench.hand.block()
    answer = future.result(SECONDS_MAX)
    assert isinstance(answer, Recorded)
    assert not answer.is_repeat
    assert answer.entry.sequence == 2
    assert bench.engine.entries(1) == [answer.entry]


def test_a_retry_has_the_first_outcome(bench: Bench) -> None:
    """Before its block, in the same bytes; after it, at once."""
    raw = add("k")
    futures = [bench.engine.submit(raw), bench.engine.submit(raw)]
    bench.hand.block()
    answers = {future.result(SECONDS_MAX).entry.sequence for future in futures}  # type: ignore[union-attr]
    later = bench.engine.submit(
        sealed(ALI, "k", Add(name="a", amount=1), valid_until=START + timedelta(hours=3))
    ).result(0)
    assert isinstance(later, Recorded)
    assert later.is_repeat
    assert answers == {2} == {later.entry.sequence}


def test_two_gateways_one_wish(bench: Bench) -> None:
    """The entry came through another institution's node: everybody is answered."""
    mine = bench.engine.submit(add("k"))
    until(lambda: bool(bench.hand.taken))
    other = sealed(ALI, "k", Add(name="a", amount=1), valid_until=START + timedelta(hours=3))
    bench.hand.taken = [other]
    bench.hand.block()
    answer = mine.result(SECONDS_MAX)
    assert isinstance(answer, Recorded)
    assert answer.is_repeat


@pytest.mark.parametrize(
    ("raw", "error", "words"),
    [
        (b"{}", MalformedError, "an envelope"),
        (sealed(BEK, "k", Add(name="a", amount=1)), Rejected, "key_must_be_known"),
        (add("k").replace(b'"amount":1', b'"amount":2'), Rejected, "signature_must_fit"),
        (sealed(ALI, "k", Add(name="a", amount=1), channel="x"), Rejected, "channel_must_be"),
        (sealed(ALI, "enrol", Add(name="a", amount=1)), Rejected, "must_not_carry_another"),
    ],
)
def test_what_no_node_would_take_is_said_at_once(
    bench: Bench, raw: bytes, error: type[Exception], words: str
) -> None:
    """Nothing is sent."""
    with pytest.raises(error, match=words):
        bench.engine.submit(raw).result(0)
    assert not bench.hand.taken


def test_what_a_block_turns_away_is_answered(bench: Bench) -> None:
    """Its time was over when it was ordered; its key had become another's."""
    early = sealed(ALI, "e", Add(name="a", amount=1), valid_until=START + timedelta(days=9))
    futures = [bench.engine.submit(early), bench.engine.submit(add("k", 1))]
    second = bench.engine.submit(add("k", 2))
    bench.hand.block(waits_for=3)
    with pytest.raises(Rejected, match="within_a_day"):
        futures[0].result(SECONDS_MAX)
    assert isinstance(futures[1].result(SECONDS_MAX), Recorded)
    with pytest.raises(Rejected, match="must_not_carry_another"):
        second.result(SECONDS_MAX)


def test_what_never_came_is_over_when_its_time_is(bench: Bench) -> None:
    """A node that forgets everything; the ledger's own time decides."""
    bench.hand.is_forgetful = True
    soon = START + timedelta(seconds=30)
    future = bench.engine.submit(sealed(ALI, "k", Add(name="a", amount=1), valid_until=soon))
    bench.chain.make(add("other"), seconds=60)
    with pytest.raises(Rejected, match="must_not_be_past"):
        future.result(SECONDS_MAX)


@pytest.mark.parametrize("trouble", ["is_down", "is_full", "is_forgetful"])
def test_a_node_in_trouble_is_asked_again(bench: Bench, trouble: str) -> None:
    """Down, full, or started again without its mempool."""
    setattr(bench.hand, trouble, True)
    future = bench.engine.submit(add("k"))
    time.sleep(0.1)
    assert not future.done()
    setattr(bench.hand, trouble, False)
    bench.hand.block()
    assert isinstance(future.result(SECONDS_MAX), Recorded)


def test_what_waits_survives_a_restart_of_the_gateway(bench: Bench) -> None:
    """It was in the outbox; afterwards it is not."""
    bench.hand.is_down = True
    futures = [bench.engine.submit(add(f"k{n}")) for n in range(3)]
    until(lambda: all(one.number is not None for one in bench.engine._waiting.all()))
    bench.engine.close()
    for future in futures:
        with pytest.raises(StoppedError, match="closed"):
            future.result(0)
    bench.hand.is_down = False
    bench.engine = bench.gateway()
    bench.hand.block(waits_for=3)
    until(lambda: bench.engine.size == 4)
    until(lambda: len(bench.engine._waiting) == 0)
    bench.engine.close()
    bench.engine = bench.gateway()
    assert len(bench.engine._waiting) == 0


def test_a_stroke_lets_timers_fire(bench: Bench) -> None:
    """Empty bytes ask for a block; the answer comes with it."""
    bench.chain.make(sealed(ALI, "t", Alarm(name="a", due=bench.chain.at + timedelta(seconds=2))))
    future = bench.engine.submit(b"")
    bench.hand.block()
    assert isinstance(future.result(SECONDS_MAX), TimePassed)
    assert bench.engine.size == 3


def test_what_comes_soon_after_goes_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node spends as much on a small transaction as on a bundle: the second round waits."""
    handed, slept = list[int](), list[float]()

    def broadcast(transactions: list[bytes]) -> list[str]:
        handed.extend(len(parse(one)) for one in transactions)
        return [""] * len(transactions)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            for number in range(2, 6):
                sender.put(pending(number))

    def pending(number: int) -> Pending:
        return Pending(data=add(f"k{number}"), envelope=None, number=None, height=0)

    monkeypatch.setattr(bench.hand, "broadcast", broadcast)
    monkeypatch.setattr(sending, "_PACE_SECONDS", SECONDS_MAX)
    sender = Sender(Outbox(bench.folder / "other"), bench.hand, Waiting())
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    for number in range(2):
        sender.put(pending(number))
        sender.round()
    sender.close()
    assert handed == [1, 5]
    assert slept[0] == 0 < slept[1] <= SECONDS_MAX


def test_what_a_node_has_taken_is_given_ever_more_time() -> None:
    """4 s, 8 s, 16 s, and not much more; what it did not take is due at once again."""
    waiting = Waiting()
    pending = Pending(data=b"x", envelope=None, number=1, height=0)
    waiting.add(pending)
    patience = []
    for taken in range(7):
        pending.times = taken
        seconds = next(n for n in range(100) if waiting.late(n + 0.5, 4, 9))
        patience.append(seconds)
    assert patience == [4, 4, 8, 16, 32, 32, 32]
    pending.number = None  # Not in the outbox yet.
    assert not waiting.late(99, 4, 9)


def test_rows_are_read_once_a_block(bench: Bench) -> None:
    """A question finds what the one before it has read, and what a new block has changed."""
    latest = Latest(bench.chain.application.database, bench.engine.machine)
    with latest.book() as first:
        assert first.rows.get(Tally, "a") is None
    with latest.book() as again:
        assert again.rows is first.rows
    made = bench.chain.make(add("k"))
    with latest.book() as later:
        assert later.ground.app_hash == made.app_hash
        tally = later.rows.get(Tally, "a")
    assert tally is not None
    assert tally.total == 1


def test_too_many_are_told_to_come_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clear no, and nothing has happened."""
    monkeypatch.setattr(module, "WAITING_MAX", 2)
    bench.hand.is_down = True
    for number in range(2):
        bench.engine.submit(add(f"k{number}"))
    with pytest.raises(BusyError, match="2 envelopes wait already"):
        bench.engine.submit(add("k2"))


def test_listeners_hear_of_every_commit(bench: Bench) -> None:
    """Also of entries that came from elsewhere."""
    heard: list[int] = []
    bench.engine.listen(heard.append)
    bench.chain.make(add("k1"), add("k2"))
    until(lambda: heard == [3])


def test_proofs_are_those_of_the_ledger(bench: Bench) -> None:
    """Receipt, consistency and checkpoint; a number that is none is said."""
    bench.chain.make(*(add(f"k{n}") for n in range(6)))
    engine = bench.engine
    receipt = engine.receipt(3)
    assert check(receipt, [engine.verifier_key], verify).size == 7
    assert receipt.entry == engine.raw_entry(3)
    old, new = (
        Checkpoint.parse(parse_note(engine._reader._cosigner.at(size)).text) for size in (3, 7)
    )
    assert is_consistent(3, 7, engine.consistency(3, 7), old.head, new.head)
    assert engine.last_at == bench.chain.at
    with engine.book() as book:
        assert engine.machine.next_due(book) is None
    for call in (engine.raw_entry, engine.receipt, lambda n: engine.consistency(n, 3)):
        with pytest.raises(KeyError):
            call(8)


def test_a_checkpoint_bears_the_signatures_of_several(bench: Bench) -> None:
    """The gateway's own and that of a peer's node; a quorum that is not reached is said."""
    bench.chain.make(add("k"))
    ours = bench.engine.verifier_key
    theirs = VerifierKey(ours.name, signing(ALI).public)
    stranger = VerifierKey(ours.name, bytes(32))
    receipt = bench.engine.cosigned_receipt(2, [ours, theirs, stranger], 2)
    assert check(receipt, [ours, theirs], verify).size == 2
    assert len(parse_note(receipt.checkpoint).signatures) == 2
    assert check_quorum(receipt.checkpoint, [ours, theirs, stranger], 2).size == 2
    with pytest.raises(UnprovenError, match="expected a valid signature of"):
        bench.engine.cosigned_checkpoint([ours, theirs, stranger], 3)
    with pytest.raises(UnprovenError, match="at least 2 of 1 keys"):
        check_quorum(receipt.checkpoint, [ours, ours], 2)


def test_a_gateway_that_broke_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever."""
    monkeypatch.setattr(bench.engine._sender._outbox, "change", _break)
    with pytest.raises(StoppedError, match="disk"):
        bench.engine.submit(add("k")).result(SECONDS_MAX)
    until(lambda: bench.engine._broken is not None)
    with pytest.raises(StoppedError, match="has stopped"):
        bench.engine.submit(add("k"))


def _break(*_: object) -> None:
    raise OSError("the disk is gone")


def test_the_first_enrols_itself(tmp_path: Path) -> None:
    """Before the first block there is a ledger already, an empty one."""
    chain = Chain(tmp_path / "node")
    hand = Hand(chain)
    engine = ConsortiumEngine(
        Stores(ledger=chain.application.database, outbox=tmp_path / "outbox", is_shared=True),
        rules(),
        [hand],
        log_key=signing(BEK),
        clock=ManualClock(START),
    )
    assert (engine.size, engine.last_at) == (0, None)
    future = engine.submit(sealed(ALI, "e", enrolment(ALI)))
    hand.block()
    assert isinstance(future.result(SECONDS_MAX), Recorded)
    engine.close()
    chain.kill()


def test_a_key_is_found_without_reading_the_entry() -> None:
    """Also behind commands that speak of keys; a timer's entry has none."""
    room = Playroom()
    room.feed(sealed(ALI, "enrol", enrolment(ALI)))
    room.feed(sealed(ALI, "k-1", Add(name='","key_id":"x', amount=1), Add(name="y", amount=1)))
    room.feed(sealed(ALI, "k-2", Alarm(name="x", due=START + timedelta(minutes=1))))
    room.at += timedelta(minutes=2)
    room.tick()
    assert [key_in(data) for data in room.data] == ["enrol", "k-1", "k-2", ""]
    assert key_in(b"") == ""
    envelope = sealed(ALI, "k-2", Alarm(name="x", due=START + timedelta(minutes=1)))
    assert [holds(data, envelope) for data in room.data] == [False, False, True, False]
    assert not holds(b"", envelope)
