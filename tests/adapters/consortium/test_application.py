"""The ledger as an application of ABCI 2.0.

Goal: the same transactions give the same bytes on every node, under every order of dying and
starting again, and the same as the embedded engine. Method: a chain without consensus drives the
application as CometBFT does (support/chain.py); the embedded log is the oracle of equality.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.chain import Chain, Made
from support.toy import (
    ALI,
    BEK,
    RING,
    START,
    Add,
    Alarm,
    Seat,
    enrolment,
    machine,
    sealed,
    signing,
)
from tallyport.adapters.consortium.application import GenesisError
from tallyport.adapters.consortium.blocks import BlockError, Powers, updates
from tallyport.adapters.consortium.restoring import Restoring
from tallyport.adapters.consortium.transaction import Code, bundled, dated, stroke
from tallyport.adapters.embedded.log import Log
from tallyport.adapters.embedded.store import Database
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import FaultError, InvariantError
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.merkle import EMPTY_HEAD

pytestmark = pytest.mark.determinism
LATER = START + timedelta(hours=2)
SECONDS_MAX = 20


def add(key: str, amount: int = 1, name: str = "a") -> bytes:
    """Return a signed addition."""
    return sealed(ALI, key, Add(name=name, amount=amount), valid_until=LATER)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """Yield a chain whose first member is in."""
    chain = Chain(tmp_path / "node")
    chain.enrol()
    yield chain
    chain.kill()


# Equality.

TXS = st.one_of(
    st.builds(lambda n, a: add(f"k{n}", a), st.integers(0, 5), st.integers(-3, 3)),
    st.builds(
        lambda n, s: sealed(ALI, f"t{n}", Alarm(name="a", due=START + timedelta(seconds=s))),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    st.sampled_from(
        [
            b"{}",
            b"nothing",
            sealed(BEK, "b", Add(name="a", amount=1)),
            sealed(ALI, "late", Add(name="a", amount=1), valid_until=START),
        ]
    ),
)


def embedded(folder: Path, blocks: list[Made]) -> tuple[bytes, list[bytes]]:
    """Return head and entries of the embedded engine's log, fed with the same at the same time."""
    database, toys = Database(folder), machine()
    log = Log(database, toys)
    for block in blocks:
        read: list[Envelope | MalformedError | None] = [None]
        for data in block.txs:
            try:
                read.append(toys.parse(data))
            except MalformedError as error:
                read.append(error)
        log.commit(read, block.at)
    with database.reading() as transaction:
        entries = [database.entry(transaction, n + 1) or b"" for n in range(log.tree.size)]
    database.close()
    return log.tree.head, entries


@settings(max_examples=25)
@given(st.lists(st.lists(TXS, max_size=6), max_size=5))
def test_both_engines_write_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[bytes]]
) -> None:
    """Accepted, refused, repeated, late, foreign and malformed ones, and timers between."""
    chain = Chain(tmp_path_factory.mktemp("chain"))
    chain.enrol()
    for txs in blocks:
        chain.make(*txs, seconds=2)
    head, entries = embedded(tmp_path_factory.mktemp("embedded"), chain.blocks)
    assert chain.entries() == entries
    assert chain.blocks[-1].app_hash == head
    chain.kill()


# Dying and starting again.


def test_a_block_that_was_decided_but_not_committed_never_was(chain: Chain) -> None:
    """FinalizeBlock stores nothing; the node gives the block again and gets the same answers."""
    chain.make(add("k1"))
    before = chain.entries()
    chain.decide(add("k2"), add("k1"), add("k3", -9))
    assert chain.entries() == before
    chain.kill()
    assert chain.start() == 1
    assert len(chain.entries()) == len(before) + 2


def test_before_the_first_commit_the_chain_begins_again(tmp_path: Path) -> None:
    """InitChain stores nothing either."""
    chain = Chain(tmp_path, time="trial")
    chain.decide(dated(START, sealed(ALI, "e", enrolment(ALI))))
    chain.kill()
    assert chain.start() == 1
    assert json.loads(chain.entries()[0])["at"] == "2024-04-04T01:00:00.000000Z"
    chain.kill()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.lists(TXS, max_size=4), st.booleans()), max_size=6))
def test_killed_at_any_point_it_comes_to_the_same_head(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[list[bytes], bool]]
) -> None:
    """Killed between deciding and committing, again and again; `start` compares every answer."""
    chain = Chain(tmp_path_factory.mktemp("chain"))
    chain.enrol()
    for txs, dies in story:
        chain.decide(*txs)
        if dies:
            chain.kill()
            chain.start()
        else:
            chain.commit()
    chain.kill()


def test_an_invariant_stops_the_node_before_it_signs(chain: Chain) -> None:
    """What a broken contract raises is not caught, and nothing of the block is stored."""
    before = chain.entries()
    evolve = chain.application.machine.table.first.evolve
    evolve[next(iter(evolve))] = _broken
    with pytest.raises(InvariantError):
        chain.decide(add("k1"), add("k2"))
    chain.blocks.pop()
    chain.kill()
    assert chain.start() == 0
    assert chain.entries() == before


def _broken(_book: Book, _event: object) -> tuple[()]:
    raise InvariantError("TOY-1")


def test_blocks_come_in_order(chain: Chain) -> None:
    """A block that cannot follow is a fault, and so is a commit of nothing."""
    with pytest.raises(BlockError, match="expected block 2, got block 7"):
        chain.application.blocks.finalize(7, chain.at, [])
    with pytest.raises(BlockError, match="to be decided"):
        chain.commit()


# Results.


def test_results_say_what_became_of_each(chain: Chain) -> None:
    """Code and data are what every node hashes."""
    made = chain.make(
        add("k1", 5),
        add("k2", -9),
        add("k1", 5),
        add("k1", 6),
        sealed(BEK, "b", Add(name="a", amount=1)),
        b"{}",
        stroke(START, b"1"),
    )
    assert made.results == [
        (Code.ACCEPTED, b'{"outcome":"accepted","sequence":2}'),
        (
            Code.REFUSED,
            b'{"outcome":"refused","reason":"toy.tally_must_not_fall_below_zero","sequence":3}',
        ),
        (Code.ACCEPTED, b'{"outcome":"accepted","sequence":2}'),
        (Code.REJECTED, b"idempotency_key_must_not_carry_another_wish"),
        (Code.REJECTED, b"key_must_be_known_and_in_force"),
        (Code.MALFORMED, b""),
        (Code.ACCEPTED, b""),
    ]
    assert len(chain.entries()) == 3


def test_timers_fire_by_the_time_of_blocks(chain: Chain) -> None:
    """An empty block is enough."""
    chain.make(sealed(ALI, "t", Alarm(name="a", due=chain.at + timedelta(seconds=10))))
    head = chain.make(seconds=5).app_hash
    assert chain.make(seconds=3).app_hash == head
    assert chain.make(seconds=2).app_hash != head
    assert "fired" in json.loads(chain.entries()[-1])


def test_a_clock_that_jumps_takes_no_time_back(chain: Chain) -> None:
    """Days ahead: what is due fires, once. Days back: the ledger's time stands still, then goes on.

    The chain's time is the median of its voters' clocks: here most of them lie.
    """
    chain.make(sealed(ALI, "t", Alarm(name="a", due=chain.at + timedelta(days=2))))
    last, day = chain.at, 24 * 60 * 60
    for number, seconds in enumerate((3 * day, -2 * day, 1, -day, 4 * day)):
        last = max(last, chain.at + timedelta(seconds=seconds))
        wish = sealed(ALI, f"k{number}", Add(name="a", amount=1), valid_until=last)
        assert chain.make(wish, seconds=seconds).results[0][0] == Code.ACCEPTED
    chain.kill()
    chain.start()
    entries = [json.loads(data) for data in chain.entries()]
    moments = [entry["at"] for entry in entries]
    assert moments == sorted(moments)
    assert len(set(moments)) == 4, "it stood still three times"
    assert ["fired" in entry for entry in entries].count(True) == 1


def test_an_empty_block_changes_no_head(tmp_path: Path) -> None:
    """Else a chain that makes blocks on demand would never rest."""
    chain = Chain(tmp_path)
    assert chain.make().app_hash == EMPTY_HEAD
    assert chain.make().app_hash == EMPTY_HEAD
    chain.kill()


def test_a_trial_tells_its_own_time(tmp_path: Path) -> None:
    """A story's year passes in a moment, and never backwards."""
    chain = Chain(tmp_path, time="trial")
    year = START + timedelta(days=365)
    chain.make(dated(START, sealed(ALI, "e", enrolment(ALI))))
    chain.make(dated(START, sealed(ALI, "t", Alarm(name="a", due=START + timedelta(days=9)))))
    chain.make(stroke(year, b"1"))
    valid = year + timedelta(hours=1)
    chain.make(dated(START, sealed(ALI, "k", Add(name="a", amount=1), valid_until=valid)))
    moments = [json.loads(data)["at"][:10] for data in chain.entries()]
    assert moments == ["2024-04-04", "2024-04-04", "2025-04-04", "2025-04-04"]
    chain.kill()


def test_only_a_trial_takes_time_from_a_sender(chain: Chain) -> None:
    """Elsewhere nobody moves the ledger's clock."""
    data = dated(START + timedelta(days=300), add("k1"))
    assert chain.check(data)["code"] == Code.MALFORMED
    assert chain.make(data).results == [(Code.MALFORMED, b"")]


def test_a_bundle_is_its_parts(chain: Chain, tmp_path: Path) -> None:
    """Carried once, judged one by one: the same entries as if each had come alone."""
    parts = [
        add("k1"),
        b"{}",
        add("k2", -9),
        add("k1"),
        stroke(START, b"1"),
        sealed(BEK, "b", Add(name="a", amount=1)),
    ]
    other = Chain(tmp_path / "other")
    other.enrol()
    alone, together = other.make(*parts), chain.make(bundled(parts))
    assert together.app_hash == alone.app_hash
    assert together.results[0][1] == b"\n".join(b"%d %s" % one for one in alone.results)
    other.kill()


def test_a_bundle_may_wait_when_a_part_may(chain: Chain) -> None:
    """One that is no bundle, or holds what is no transaction, may not."""
    foreign = sealed(BEK, "b", Add(name="a", amount=1))
    assert not chain.check(bundled([foreign, add("k1")]))
    assert chain.check(bundled([foreign, foreign]))["code"] == Code.REJECTED
    for data in (bundled([add("k1"), b"{}"]), b"*\0\0\0\\9{}", bundled([add("k1")] * 201)):
        assert chain.check(data)["code"] == Code.MALFORMED
        answer = chain.application.answer("process_proposal", {"txs": [data]})
        assert answer["status"] == 2


# What may wait, and what may be proposed.


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", Code.MALFORMED, "got nothing"),
        (b"{}", Code.MALFORMED, "an envelope"),
        (b"@yesterday", Code.MALFORMED, "a moment like"),
        (b"@\xff", Code.MALFORMED, "a moment behind the @"),
        (stroke(START, b"1" * 40), Code.MALFORMED, "nonce"),
        (sealed(ALI, "k", Add(name="a", amount=1), channel="x"), Code.REJECTED, "channel_must"),
        (sealed(BEK, "k", Add(name="a", amount=1)), Code.REJECTED, "key_must_be_known"),
        (add("k").replace(b'"amount":1', b'"amount":2'), Code.REJECTED, "signature_must_fit"),
        (sealed(ALI, "enrol", Add(name="a", amount=1)), Code.REJECTED, "must_not_carry_another"),
    ],
)
def test_what_may_not_wait_for_a_block(chain: Chain, data: bytes, code: Code, words: str) -> None:
    """The mempool stays clean of what can never be an entry."""
    answer = chain.check(data)
    assert answer["code"] == code
    assert words in answer["log"]


def test_what_may_wait(chain: Chain) -> None:
    """Also a retry, and what is too early: the block judges time."""
    for data in (add("k"), sealed(ALI, "enrol", enrolment(ALI)), stroke(START, b"1")):
        assert chain.check(data).get("code", 0) == Code.ACCEPTED
    far = sealed(ALI, "f", Add(name="a", amount=1), valid_until=START + timedelta(days=9))
    assert not chain.check(far)
    assert chain.make(far).results[0][0] == Code.REJECTED


def test_a_proposal_holds_transactions_and_keeps_their_order(chain: Chain) -> None:
    """An honest proposer drops the rest; nobody votes for a block that has it."""
    fine, asked = [add("k2"), add("k1")], {"max_tx_bytes": 10_000}
    answer = chain.application.answer(
        "prepare_proposal", {**asked, "txs": [fine[0], b"junk", fine[1]]}
    )
    assert answer["txs"] == fine
    room = {"max_tx_bytes": len(fine[0]) + 20, "txs": fine}
    assert chain.application.answer("prepare_proposal", room)["txs"] == fine[:1]
    assert chain.application.answer("process_proposal", {"txs": fine})["status"] == 1
    assert chain.application.answer("process_proposal", {"txs": [*fine, b"{}"]})["status"] == 2


def test_a_flood_waits_while_a_block_is_judged(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consensus goes first; what may wait for a block may wait for an answer."""
    waiting, judging = chain.application, threading.Event()
    go_on, answers = threading.Event(), list[object]()

    def slow(_asked: object) -> dict[str, object]:
        judging.set()
        go_on.wait(SECONDS_MAX)
        return {}

    monkeypatch.setitem(waiting._answers, "process_proposal", slow)
    judge = threading.Thread(target=waiting.answer, args=("process_proposal", {"txs": []}))
    judge.start()
    assert judging.wait(SECONDS_MAX)
    flood = [
        threading.Thread(target=lambda n=n: answers.append(chain.check(add(f"k{n}"))))
        for n in range(5)
    ]
    for one in flood:
        one.start()
    assert waiting.answer("info", {})["last_block_height"] == 1
    time.sleep(0.05)
    assert not answers
    go_on.set()
    for one in (judge, *flood):
        one.join(SECONDS_MAX)
    assert answers == [{}] * 5


# Around it.


def test_a_genesis_of_another_ledger_is_refused(tmp_path: Path) -> None:
    """A folder that belongs elsewhere is found out at the first start."""
    chain = Chain(tmp_path)
    with pytest.raises(GenesisError, match="expected a genesis of the channel 'toys'"):
        chain.application.answer("init_chain", {"app_state_bytes": b'{"channel":"main"}'})
    chain.kill()


def test_old_blocks_are_dropped_and_entries_stay(chain: Chain) -> None:
    """The answer to a commit says which blocks nobody needs any longer."""
    kept = []
    for _ in range(8):
        chain.decide()
        kept.append(chain.commit()["retain_height"])
    assert kept == [0, 0, 0, 0, 1, 2, 3, 4]
    assert chain.entries()


def test_queries(chain: Chain) -> None:
    """Status, checkpoint and cosignature; anything else is told what there is."""
    chain.make(add("k1"))
    ask = chain.application.answer
    status = json.loads(ask("query", {"path": "/status", "data": b""})["value"])
    assert (status["height"], status["size"]) == (2, 2)
    assert status["head"] == chain.blocks[-1].app_hash.hex()
    now = ask("query", {"path": "/checkpoint", "data": b""})["value"]
    assert ask("query", {"path": "/cosign", "data": b"2"})["value"] == now
    for path, data in (("/cosign", b"3"), ("/cosign", b"x"), ("/colour", b"")):
        assert ask("query", {"path": path, "data": data})["code"] == Code.MALFORMED


def test_governance_names_validators(tmp_path: Path) -> None:
    """Each change is told once; a key that stays is not told again."""

    def powers(book: Book) -> Powers:
        return {bytes.fromhex(seat.public_hex): 10 for seat in book.scan(Seat)}

    chain = Chain(tmp_path, validators=powers)
    answer = chain.application.answer(
        "finalize_block",
        {
            "height": 1,
            "time": {"seconds": int(START.timestamp()), "nanos": 0},
            "txs": [sealed(ALI, "e", enrolment(ALI))],
        },
    )
    assert answer["validator_updates"] == [
        {"pub_key": {"ed25519": signing(ALI).public}, "power": 10}
    ]
    chain.commit()
    chain.blocks.append(Made(START, (), answer["app_hash"]))
    assert chain.updates() == []
    chain.kill()


def test_updates_name_no_key_twice_and_never_empty_the_chain() -> None:
    """Both would halt every node."""
    a, b, c = (bytes([n]) * 32 for n in (1, 2, 3))
    assert updates({a: 1, b: 1}, {b: 2, c: 1}) == {a: 0, b: 2, c: 1}
    assert updates({a: 1}, {a: 1}) == {}
    assert updates({a: 1}, {}) == {}


def test_a_store_that_lacks_an_entry_is_a_fault(chain: Chain) -> None:
    """A retry whose entry is gone must not be answered with a guess."""
    with chain.application.database.writing() as transaction:
        transaction.delete((1).to_bytes(8), db=chain.application.database.entries)
    with pytest.raises(FaultError, match="run the audit"):
        chain.decide(sealed(ALI, "enrol", enrolment(ALI)))


def test_evidence_is_an_entry_and_replays(tmp_path: Path) -> None:
    """What the chain proves stands before everything else of its block, on every node alike."""
    chain = Chain(tmp_path / "a", on_guilty=RING)
    chain.enrol()
    chain.decide(add("k1"), guilty=[(b"x" * 20, 7), (b"x" * 20, 7), (b"y" * 20, 8)])
    chain.kill()  # Decided, not committed: the node gives the block again.
    assert chain.start() == 1
    entries = chain.entries()
    assert len(entries) == 3
    assert b'"fired":[{"events"' in entries[1]
    assert entries[1].count(b'"name":"toy.ring"') == 2
    joiner = Restoring(other := Database(tmp_path / "b"), chain.application.machine)
    with other.writing() as transaction, joiner.within(transaction):
        joiner.take(entries)
        joiner.finish(3, chain.blocks[-1].app_hash)
    other.close()
    chain.kill()


def test_without_a_contract_that_listens_evidence_changes_nothing(chain: Chain) -> None:
    """The toys do not know what a validator is."""
    chain.decide(guilty=[(b"x" * 20, 7)])
    chain.commit()
    assert len(chain.entries()) == 1
