"""Protocol buffers on the wire.

Goal: what a node sends is understood to the byte, and what is no message is refused, never a crash.
Method: numbers and messages go through bytes and back; then bytes that were taken down between a
real CometBFT v0.38.25 and an application; then everything a broken peer could send.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.adapters.consortium.schema import REQUEST, RESPONSE
from tallyport.adapters.consortium.wire import (
    FRAME_BYTES_MAX,
    Field,
    Form,
    Kind,
    Message,
    WireError,
    decode,
    encode,
    frame,
    put_varint,
    take_frame,
    varint,
)

INNER: Form = {1: Field("text", Kind.TEXT), 9: Field("many", Kind.COUNT, many=True)}
OUTER: Form = {
    1: Field("number", Kind.NUMBER),
    2: Field("count", Kind.COUNT),
    3: Field("data", Kind.BYTES),
    16: Field("inner", Kind.MESSAGE, INNER),
    200: Field("inners", Kind.MESSAGE, INNER, many=True),
    201: Field("blobs", Kind.BYTES, many=True),
}
COUNTS = st.integers(0, 2**64 - 1)
INNERS = st.fixed_dictionaries({"text": st.text(), "many": st.lists(COUNTS)})
OUTERS = st.fixed_dictionaries(
    {
        "number": st.integers(-(2**63), 2**63 - 1),
        "count": COUNTS,
        "data": st.binary(),
        "inner": st.none() | INNERS,
        "inners": st.lists(INNERS),
        "blobs": st.lists(st.binary()),
    }
)


@given(COUNTS)
def test_a_number_comes_back(value: int) -> None:
    """Any number of 64 bits, with bytes behind it."""
    out = bytearray()
    put_varint(value, out)
    assert varint(out + b"\x05", 0) == (value, len(out))


@given(OUTERS)
def test_a_message_comes_back(message: Message) -> None:
    """Every field, set or not."""
    assert decode(OUTER, encode(OUTER, message)) == message


@given(OUTERS)
def test_what_is_unknown_is_skipped(message: Message) -> None:
    """A peer that knows less reads the rest."""
    less = {1: OUTER[1], 201: OUTER[201]}
    expected = {"number": message["number"], "blobs": message["blobs"]}
    assert decode(less, encode(OUTER, message)) == expected


@given(st.lists(st.binary()), st.integers(1, 7))
def test_frames_come_apart_wherever_they_are_cut(frames: list[bytes], step: int) -> None:
    """A socket gives bytes in pieces of any size."""
    stream = b"".join(frame(one) for one in frames)
    buffer, found = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        while (one := take_frame(buffer)) is not None:
            found.append(one)
    assert found == frames
    assert not buffer


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Whatever comes is a message or a WireError."""
    for form in (OUTER, REQUEST):
        with suppress(WireError):
            encode(form, decode(form, data))


# Taken down between CometBFT v0.38.25 and an application: question, what it says.
QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("1200", "flush", {}),
    ("5a00", "commit", {}),
    (
        "1a140a07302e33382e3235100b18082205322e302e30",
        "info",
        {"version": "0.38.25", "abci_version": "2.0.0"},
    ),
    (
        "42210a1f40323032342d30342d30345430313a30303a30302e3030303030305a236161",
        "check_tx",
        {"tx": b"@2024-04-04T01:00:00.000000Z#aa", "type": 0},
    ),
    (
        (
            "a201ab010a1f40323032342d30342d30345430313a30303a30302e3030303030305a236161121e121c0a180a14"
            "521223e0b14d1d3ee79f5ca0887df74ead595982180a180222200a577ad8de10b4dfa2260dd2da6b9305e30142"
            "573b115dc13721ba31781ca6a42802320c089cdf8dd80610a9c0c98f013a20298ed0c3acefdd9a02f7f5aea097"
            "046315f7529b0aa9cf42814225a28a4ad80e4214521223e0b14d1d3ee79f5ca0887df74ead595982"
        ),
        "finalize_block",
        {
            "txs": [b"@2024-04-04T01:00:00.000000Z#aa"],
            "misbehavior": [],
            "height": 2,
            "time": {"seconds": 1795387292, "nanos": 301097001},
        },
    ),
    (
        (
            "2ab0010a0c089bdf8dd8061090bdbaab0312136d61696e2d32303236313132323232343133311a330a10088080"
            "800210ffffffffffffffffff01120e08a08d0612040880c60a188080401a090a07656432353531392202080"
            "12a0022260a220a2025e0574d43bcacf197ed12b2617b598bb5c18c7dc77619410e03ea0f8df40960100a2a2c"
            "7b0a2020226368616e6e656c223a20226d61696e222c0a20202274696d65223a202273797374656d220a207d"
            "3001"
        ),
        "init_chain",
        {
            "chain_id": "main-20261122224131",
            "initial_height": 1,
            "app_state_bytes": b'{\n  "channel": "main",\n  "time": "system"\n }',
        },
    ),
]
# What the same node took as an answer.
ANSWERS: list[tuple[str, dict[str, Any]]] = [
    ("1a00", {"flush": {}}),
    ("6200", {"commit": {}}),
    ("4a00", {"check_tx": {}}),
    ("9201020801", {"process_proposal": {"status": 1}}),
    (
        "22150a046d61696e120b74616c6c79706f72742f311801",
        {"info": {"data": "main", "version": "tallyport/1", "app_version": 1}},
    ),
    (
        "aa012412002a20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        {
            "finalize_block": {
                "tx_results": [{"code": 0, "data": b""}],
                "app_hash": bytes.fromhex(
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                ),
            }
        },
    ),
]


@pytest.mark.parametrize(("data", "question", "said"), QUESTIONS)
def test_what_a_node_asks_is_understood(data: str, question: str, said: dict[str, Any]) -> None:
    """Bytes of a real exchange."""
    asked = {
        name: one for name, one in decode(REQUEST, bytes.fromhex(data)).items() if one is not None
    }
    assert asked.keys() == {question}
    assert said.items() <= asked[question].items()


@pytest.mark.parametrize(("data", "answer"), ANSWERS)
def test_what_we_answer_is_what_a_node_took(data: str, answer: dict[str, Any]) -> None:
    """Bytes of a real exchange."""
    assert encode(RESPONSE, answer).hex() == data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("08", "a number of at most 64 bits"),
        ("08ffffffffffffffffff7f", "a number of at most 64 bits"),
        ("0bff", "kind 0, 1, 2 or 5"),
        ("1a05ab", "expected 5 bytes"),
        ("1205", "expected 5 bytes"),
        ("0a00", "number: expected number"),
        ("8201 03 0a01ff", "text: expected UTF-8"),
        ("21000000", "expected 8 bytes"),
    ],
)
def test_what_is_no_message_is_refused(data: str, words: str) -> None:
    """Each says what was expected."""
    with pytest.raises(WireError, match=words):
        decode(OUTER, bytes.fromhex(data))


def test_a_message_nests_only_so_deep() -> None:
    """A form that holds itself would let a peer exhaust the stack."""
    form: dict[int, Field] = {}
    form[1] = Field("inner", Kind.MESSAGE, form)
    data = b""
    for _ in range(100):
        data = b"\x0a" + frame(data)
    with pytest.raises(WireError, match="16 levels"):
        decode(form, data)


def test_a_frame_has_a_limit() -> None:
    """Nobody makes us wait for a gigabyte."""
    buffer = bytearray()
    put_varint(FRAME_BYTES_MAX + 1, buffer)
    with pytest.raises(WireError, match="expected a frame"):
        take_frame(buffer)
    with pytest.raises(WireError, match="64 bits"):
        take_frame(bytearray(b"\xff" * 10))


def test_a_field_that_does_not_exist_is_refused() -> None:
    """A slip of ours is found when the answer is written."""
    with pytest.raises(WireError, match="colour"):
        encode(INNER, {"colour": "red"})
