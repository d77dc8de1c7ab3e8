"""Snapshots: a node that joins late.

Goal: any two nodes offer the same bytes, and whoever joins ends with the ledger that the light
client saw, or with nothing. Method: two chains of the same blocks are compared; then everything in
an offer and in its chunks is forged, one thing at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.chain import Chain, application
from support.toy import ALI, Add, Alarm, sealed
from tallyport.adapters.consortium import snapshots
from tallyport.adapters.consortium.application import Application
from tallyport.adapters.consortium.wire import Message
from tallyport.kernel.canonical import encode

ACCEPT, ABORT, REJECT, REJECT_FORMAT, RETRY, REJECT_SNAPSHOT = 1, 2, 3, 4, 3, 5


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few entries fill a chunk."""
    monkeypatch.setattr(snapshots, "CHUNK_BYTES", 2_000)


def grown(folder: Path) -> Chain:
    """Return a chain of ten blocks with commands, refusals and timers."""
    chain = Chain(folder)
    chain.enrol()
    for block in range(9):
        chain.make(
            sealed(ALI, f"a{block}", Add(name="a", amount=3 - block)),
            sealed(ALI, f"t{block}", Alarm(name="a", due=chain.at + timedelta(seconds=5))),
            seconds=3,
        )
    return chain


@pytest.fixture
def giver(tmp_path: Path) -> Iterator[Chain]:
    """Yield a node that has something to give."""
    chain = grown(tmp_path / "giver")
    yield chain
    chain.kill()


@pytest.fixture
def joiner(tmp_path: Path) -> Iterator[Application]:
    """Yield a node without anything."""
    joiner = application(tmp_path / "joiner")
    yield joiner
    joiner.hang_up()
    joiner.close()


def offers(chain: Chain) -> list[Message]:
    """Return what a node offers, oldest first."""
    found: list[Message] = chain.application.answer("list_snapshots", {})["snapshots"]
    return found


def chunk(chain: Chain, offer: Message, number: int) -> bytes:
    """Return a chunk of an offer."""
    asked = {"height": offer["height"], "format": offer["format"], "chunk": number}
    data: bytes = chain.application.answer("load_snapshot_chunk", asked).get("chunk", b"")
    return data


def propose(joiner: Application, offer: Message, app_hash: bytes) -> int:
    """Offer a snapshot to a node and return what it says."""
    asked = {"snapshot": offer, "app_hash": app_hash}
    result: int = joiner.answer("offer_snapshot", asked)["result"]
    return result


def apply(joiner: Application, number: int, data: bytes) -> Message:
    """Hand a chunk to a node."""
    return joiner.answer("apply_snapshot_chunk", {"index": number, "chunk": data, "sender": "s"})


def test_a_joiner_has_the_same_ledger_and_goes_on(giver: Chain, joiner: Application) -> None:
    """Entries, rows and head; then the next block gives the same hash."""
    offer = offers(giver)[-1]
    assert offer["chunks"] > 2
    app_hash = giver.blocks[offer["height"] - 1].app_hash
    assert propose(joiner, offer, app_hash) == ACCEPT
    for number in range(offer["chunks"]):
        assert joiner.answer("info", {})["last_block_height"] == 0
        assert apply(joiner, number, chunk(giver, offer, number)) == {"result": ACCEPT}
    info = joiner.answer("info", {})
    assert info["last_block_height"] == offer["height"]
    assert info["last_block_app_hash"] == app_hash
    with giver.application.database.reading() as ours, joiner.database.reading() as theirs:
        for kind in ("entries", "nodes", "rows"):
            assert list(ours.cursor(db=getattr(giver.application.database, kind))) == list(
                theirs.cursor(db=getattr(joiner.database, kind))
            )
    made = giver.make(sealed(ALI, "next", Add(name="a", amount=1)), seconds=60)
    block = {
        "height": len(giver.blocks),
        "time": {"seconds": int(made.at.timestamp()), "nanos": 0},
        "txs": list(made.txs),
    }
    assert joiner.answer("finalize_block", block)["app_hash"] == made.app_hash


def test_every_node_offers_the_same_bytes(giver: Chain, tmp_path: Path) -> None:
    """Whoever was asked first, and whether it looked in between."""
    other = grown(tmp_path / "other")
    theirs = offers(other)
    chunks = [chunk(other, theirs[0], n) for n in range(theirs[0]["chunks"])]
    assert offers(giver) == theirs
    assert [chunk(giver, theirs[0], n) for n in range(theirs[0]["chunks"])] == chunks
    other.kill()


def test_the_last_three_are_kept(giver: Chain) -> None:
    """At every second block, as these nodes are set."""
    assert [offer["height"] for offer in offers(giver)] == [6, 8, 10]
    gone = dict(offers(giver)[0], height=4)
    assert chunk(giver, gone, 0) == b""
    assert chunk(giver, offers(giver)[0], 99) == b""


@pytest.mark.parametrize(
    ("forged", "answer"),
    [
        ({"format": 2}, REJECT_FORMAT),
        ({"hash": b"x" * 32}, REJECT),
        ({"chunks": 99}, REJECT),
        ({"metadata": b"{"}, REJECT),
        ({"metadata": encode({"chunks": [], "is_trial": False, "size": 1})}, REJECT),
        ({"metadata": b'{"chunks":["a","b","c"],"is_trial":false,"size":0}'}, REJECT),
        ({"metadata": b'{"chunks":["a","b","c"],"is_trial":1,"size":1}'}, REJECT),
        ({"metadata": encode({"colour": "red"})}, REJECT),
    ],
)
def test_a_forged_offer_is_refused(
    giver: Chain, joiner: Application, forged: dict[str, Any], answer: int
) -> None:
    """Its own description must fit itself."""
    offer = offers(giver)[-1] | forged
    if "metadata" in forged:
        offer["hash"] = hashlib.sha256(forged["metadata"]).digest()
    assert propose(joiner, offer, b"h" * 32) == answer


def test_a_node_with_blocks_takes_none(giver: Chain) -> None:
    """It would lose its own."""
    assert propose(giver.application, offers(giver)[-1], b"h" * 32) == ABORT


def test_a_forged_chunk_is_fetched_again_from_somebody_else(
    giver: Chain, joiner: Application
) -> None:
    """And the right one is taken after it."""
    offer = offers(giver)[-1]
    propose(joiner, offer, giver.blocks[offer["height"] - 1].app_hash)
    good = chunk(giver, offer, 0)
    answer = apply(joiner, 0, good[:-1] + b"x")
    assert answer == {"result": RETRY, "refetch_chunks": [0], "reject_senders": ["s"]}
    assert apply(joiner, 0, good) == {"result": ACCEPT}


def test_an_offer_that_lies_consistently_is_found_out_at_the_end(
    giver: Chain, joiner: Application
) -> None:
    """Right chunks under the wrong head; chunks of another history under the right one."""
    offer = offers(giver)[-1]
    assert propose(joiner, offer, b"h" * 32) == ACCEPT
    answers = [apply(joiner, n, chunk(giver, offer, n)) for n in range(offer["chunks"])]
    assert [one["result"] for one in answers] == [ACCEPT] * (len(answers) - 1) + [REJECT_SNAPSHOT]
    assert joiner.answer("info", {})["last_block_height"] == 0
    assert apply(joiner, 0, b"") == {"result": ABORT}
    with joiner.database.reading() as transaction:
        assert joiner.database.last(transaction) is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda entry: entry.replace(b'"amount":3', b'"amount":4'),  # Its event does not follow.
        lambda entry: entry.replace(b'"outcome":"accepted"', b'"outcome":"refused"'),
        lambda entry: entry.replace(b'"sequence":2', b'"sequence":3'),
        lambda entry: entry[:-1],
        lambda entry: entry.replace(b"ed25519:", b"ed25519:0"),
    ],
)
def test_an_entry_that_does_not_follow_is_refused(
    giver: Chain,
    joiner: Application,
    forge: Any,  # noqa: ANN401 - A lambda of bytes.
) -> None:
    """Even when chunk and description were forged with it."""
    pieces = []
    for number, entry in enumerate(giver.entries()):
        made = forge(entry) if number == 1 else entry
        pieces.append(len(made).to_bytes(4) + made)
    data = b"".join(pieces)
    metadata = encode(
        {
            "chunks": [hashlib.sha256(data).hexdigest()],
            "is_trial": False,
            "size": len(pieces),
        }
    )
    offer = {
        "height": 10,
        "format": 1,
        "chunks": 1,
        "hash": hashlib.sha256(metadata).digest(),
        "metadata": metadata,
    }
    assert propose(joiner, offer, giver.blocks[9].app_hash) == ACCEPT
    assert apply(joiner, 0, data) == {"result": REJECT_SNAPSHOT}


def test_a_chunk_that_nobody_asked_for(giver: Chain, joiner: Application) -> None:
    """Without an offer there is nothing to apply; beyond the last there is no chunk."""
    assert apply(joiner, 0, b"") == {"result": ABORT}
    offer = offers(giver)[-1]
    propose(joiner, offer, giver.blocks[9].app_hash)
    assert apply(joiner, 99, b"") == {"result": REJECT_SNAPSHOT}
