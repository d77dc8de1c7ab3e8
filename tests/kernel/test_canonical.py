"""Canonical bytes: one value, one spelling.

Goal: `decode` accepts exactly the bytes that `encode` makes. Method: round trips over any value of
the allowed kinds, with another library (rfc8785) as the oracle of the spelling; then any other
spelling of the same value, and everything that is not allowed at all.
"""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.kernel.canonical import (
    BYTES_MAX,
    INTEGER_MAX,
    Json,
    MalformedError,
    decode,
    digest,
    encode,
    read,
)

integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(max_codepoint=127), max_size=10)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_comes_back(value: Json) -> None:
    """decode(encode(v)) = v, and the bytes are what RFC 8785 says."""
    data = encode(value)
    assert decode(data) == value
    assert read(data) == value
    assert data == rfc8785.dumps(value)


@given(values, st.data())
def test_no_other_spelling_is_canonical(value: Json, data: st.DataObject) -> None:
    """The same value with spaces, in another order or with escapes is read, not accepted."""
    indent, is_ascii = data.draw(st.none() | st.integers(0, 2)), data.draw(st.booleans())
    other = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()
    assert read(other) == value
    if other != encode(value):
        with pytest.raises(MalformedError, match="canonical"):
            decode(other)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but a value or a `MalformedError` comes out, whatever goes in."""
    try:
        value = decode(data)
    except MalformedError:
        return
    assert encode(value) == data


@given(values, st.data())
def test_a_changed_byte_changes_the_value(value: Json, data: st.DataObject) -> None:
    """Two different byte strings never mean the same."""
    whole = bytearray(encode(value))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    try:
        other = decode(bytes(whole))
    except MalformedError:
        return
    assert encode(other) == bytes(whole) != encode(value)


def test_the_spelling_is_fixed() -> None:
    """A vector by hand: order of names, shortest escapes, no spaces; its digest by sha256sum."""
    value: Json = {
        "b": [1, -1, 0, True, False, None],
        "a": '\x00\x1f"\\/\b\f\n\r\t\x7f中文€😀',
        "A": {"": INTEGER_MAX},
    }
    data = (
        '{"A":{"":9007199254740991},'
        '"a":"\\u0000\\u001f\\"\\\\/\\b\\f\\n\\r\\t\x7f中文€😀",'
        '"b":[1,-1,0,true,false,null]}'
    ).encode()
    assert encode(value) == data
    assert decode(data) == value
    assert digest(b'{"a":1}') == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


MALFORMED = [
    (b"", "not JSON"),
    (b"\xff", "not JSON"),
    (b"\xef\xbb\xbf1", "not JSON"),  # A byte order mark.
    (b"[1", "not JSON"),
    (b"1 2", "not JSON"),
    (b"'a'", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b'"\x01"', "not JSON"),
    (b"1.0", "expected an integer"),
    (b"1e3", "expected an integer"),
    (b"-0.0", "expected an integer"),
    (b"NaN", "expected an integer"),
    (b"Infinity", "expected an integer"),
    (b"-Infinity", "expected an integer"),
    (b"9007199254740992", "within"),
    (b"-9007199254740992", "within"),
    (b"9" * 5_000, "within"),
    ('{"é":1}'.encode(), "in ASCII"),
    (b'{"a":1,"a":1,"b":"\xc3\xa9"}', "once"),
]
OTHERWISE = [
    b" 1",
    b"1\n",
    b'{"a": 1}',
    b'{"b":1,"a":2}',
    b'{"a":1,"a":1}',
    b'{"\\u00e9":1}',
    b'"\\u0041"',
    b'"\\/"',
    b'"\\u001F"',
    b'"\\u000a"',
    b'"\\ud83d\\ude00"',
    b"-0",
    b"[1,2 ]",
]


@pytest.mark.parametrize(("data", "reason"), MALFORMED)
def test_what_is_not_allowed_is_refused(data: bytes, reason: str) -> None:
    """One line of MALFORMED, by both readers where both can see it."""
    with pytest.raises(MalformedError, match=reason):
        decode(data)
    with pytest.raises(MalformedError, match=reason):
        read(data)


@pytest.mark.parametrize("data", OTHERWISE)
def test_another_spelling_is_refused(data: bytes) -> None:
    """One line of OTHERWISE is JSON, but not the one spelling."""
    with pytest.raises(MalformedError, match="canonical"):
        decode(data)


def test_the_careful_reader_wants_each_name_once() -> None:
    """Two readers of one file must not see two different values."""
    with pytest.raises(MalformedError, match="once"):
        read(b'{"entry":1,"entry":2}')
    with pytest.raises(MalformedError, match="ASCII"):
        read(b'{"\\u00e9":1}')


def test_half_a_surrogate_pair_is_no_text() -> None:
    """JSON can spell it; UTF-8 cannot."""
    with pytest.raises(MalformedError, match="surrogate"):
        decode(b'"\\ud800"')
    with pytest.raises(MalformedError, match="surrogate"):
        encode(["\udfff"])


def test_size_and_depth_have_a_limit() -> None:
    """A megabyte and some hundred levels, both ways."""
    most = b'"' + b"a" * (BYTES_MAX - 2) + b'"'
    assert encode(decode(most)) == most
    with pytest.raises(MalformedError, match="at most"):
        decode(most + b" ")
    deep: Json = None
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(MalformedError, match="levels"):
        encode(deep)


def test_another_interpreter_spells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CPython's encoder is missing, the one in Python has the same answers."""
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    found = importlib.util.find_spec("tallyport.kernel.canonical")
    assert found is not None
    assert found.loader is not None
    slow = importlib.util.module_from_spec(found)
    found.loader.exec_module(slow)
    value: Json = {"b": [1, -1, True, None, {}], "a": '\x00"\\中😀', "A": []}
    assert slow.encode(value) == encode(value)
    assert slow.decode(encode(value)) == value


def test_the_published_cases() -> None:
    """Outside cases of RFC 8785: those within our kinds are spelled so, the others refused."""
    spelled = 0
    for line in shared("data", "cases", "jcs.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if "json_text" not in case["input"]:
            continue  # Numbers that are not integers: never on the ledger.
        text, expected = case["input"]["json_text"].encode(), case["expected"]["canonical_text"]
        try:
            value = read(text)
        except MalformedError:
            assert any(sign in case["input"]["json_text"] for sign in (".", "é"))
            continue
        assert encode(value).decode() == expected
        spelled += 1
    assert spelled
