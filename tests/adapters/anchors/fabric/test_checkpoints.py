"""The chaincode keeps what grows, from one writer, and changes nothing.

Goal: after any calls, each log is a rising sequence of checkpoints of one writer, and what was kept
once is given back for ever. Method: any sequence of puts against a model of a few lines; a worked
example; a table with every refusal; states that somebody else has written.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.fabric_gateway import State, note
from tallyport.adapters.anchors.fabric.checkpoints import (
    NOTE_BYTES_MAX,
    Log,
    Refusal,
    answer,
    log_key,
    note_key,
)
from tallyport.kernel.guard import Refused

ALI, BEK = "AliMSP: CN=ali", "BekMSP: CN=bek"


def call(kept: dict[str, bytes], writer: str, function: str, *words: str) -> str:
    """Call the chaincode once and apply what it wrote."""
    state = State(kept)
    told = asyncio.run(answer(state, writer, function, words)).decode()
    kept |= state.written
    return told


puts = st.tuples(
    st.sampled_from([ALI, BEK]),
    st.integers(0, 6),
    st.integers(0, 1),
    st.sampled_from(["a", "b"]),
)


@given(st.lists(puts, max_size=20))
def test_a_log_only_grows_and_has_one_writer(calls: list[tuple[str, int, int, str]]) -> None:
    """Against a model that knows the writer and the sizes of each log, and nothing else."""
    kept: dict[str, bytes] = {}
    writers: dict[str, str] = {}
    notes: dict[str, dict[int, str]] = {"a": {}, "b": {}}
    for writer, size, head, origin in calls:
        text, there = note(size, head, origin), notes[origin]
        is_allowed = writers.setdefault(origin, writer) == writer and (
            there.get(size) == text or all(size > one for one in there)
        )
        if is_allowed:
            call(kept, writer, "put", text)
            there[size] = text
        else:
            before = dict(kept)
            with pytest.raises(Refused):
                call(kept, writer, "put", text)
            assert kept == before
        for number in range(7):
            assert call(kept, BEK, "get", origin, str(number)) == there.get(number, "")
        assert call(kept, BEK, "latest", origin) == (there[max(there)] if there else "")


def test_step_by_step() -> None:
    """Two checkpoints of one log; where they stand is what peers of years to come will read."""
    kept: dict[str, bytes] = {}
    call(kept, ALI, "put", note(20))
    call(kept, ALI, "put", note(53))
    call(kept, ALI, "put", note(20))  # No answer came the first time; harmless, also afterwards.
    assert kept == {
        "log/tallyport/main": b'{"size":53,"writer":"AliMSP: CN=ali"}',
        "note/tallyport/main/000000000020": note(20).encode(),
        "note/tallyport/main/000000000053": note(53).encode(),
    }


TABLE: dict[Refusal, list[tuple[str, str, tuple[str, ...]]]] = {
    Refusal.NOT_A_CALL: [
        (ALI, "drop", ()),
        (ALI, "put", ()),
        (ALI, "put", (note(60), "more")),
        (ALI, "get", ("tallyport/main",)),
        (ALI, "get", ("tallyport/main", "x")),
        (ALI, "get", ("tallyport/main", "-1")),
        (ALI, "get", ("tallyport/main", "٣")),
        (ALI, "latest", ()),
    ],
    Refusal.NOT_A_CHECKPOINT: [
        (ALI, "put", ("hello\n",)),
        (ALI, "put", ("",)),
        (ALI, "put", (note(60).replace("60", "060"),)),
        (ALI, "put", (note(60) + "x" * NOTE_BYTES_MAX,)),
    ],
    Refusal.ANOTHER_WRITER: [
        (BEK, "put", (note(60),)),
        (BEK, "put", (note(53),)),
        (BEK, "put", (note(53, 1),)),
        (BEK, "put", (note(21),)),
    ],
    Refusal.ANOTHER_CHECKPOINT: [
        (ALI, "put", (note(53, 1),)),
        (ALI, "put", (note(20, 1),)),
    ],
    Refusal.SMALLER_THAN_LAST: [(ALI, "put", (note(21),)), (ALI, "put", (note(0),))],
}


def test_the_table_has_every_refusal() -> None:
    """In the order of the enum."""
    assert list(TABLE) == list(Refusal)


@pytest.mark.parametrize("reason", TABLE)
def test_what_is_turned_away(reason: Refusal) -> None:
    """With its reason, and nothing is written."""
    for writer, function, words in TABLE[reason]:
        kept: dict[str, bytes] = {}
        for size in (20, 53):
            call(kept, ALI, "put", note(size))
        with pytest.raises(Refused) as refused:
            call(kept, writer, function, *words)
        assert refused.value.reason is reason


@pytest.mark.parametrize(
    "data", [b"x", b"[]", b'{"writer":1,"size":2}', b'{"writer":"a"}', b"\xff"]
)
def test_a_log_that_is_none(data: bytes) -> None:
    """Is told and not written over."""
    kept = {log_key("tallyport/main"): data}
    with pytest.raises(ValueError, match="expected a writer and a size"):
        call(kept, ALI, "put", note(3))
    assert kept == {log_key("tallyport/main"): data}


@pytest.mark.parametrize("data", [b"GetState failed", note(4).encode(), b"\xff"])
def test_a_checkpoint_that_is_none(data: bytes) -> None:
    """An error of a peer that comes as a value is not given out as a checkpoint."""
    kept = {
        note_key("tallyport/main", 3): data,
        log_key("tallyport/main"): Log(ALI, 3).text.encode(),
    }
    calls = [("get", "tallyport/main", "3"), ("latest", "tallyport/main"), ("put", note(3))]
    for function, *words in calls:
        with pytest.raises(ValueError, match="expected a checkpoint over 3 entries"):
            call(kept, ALI, function, *words)
