"""Envelopes: what is signed is what is read, byte for byte.

Goal: an envelope has one spelling, its parts are the bytes they claim to be, everything else is
refused with its place. Method: round trips with arbitrary commands, every changed byte, a table of
malformed ones.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.forms import ids, moments, texts
from support.toy import ALI, CHANNEL, FORMS, START, Add, Alarm, Enrol, sealed, signing
from tallyport.adapters.ed25519 import verify
from tallyport.kernel.canonical import BYTES_MAX, MalformedError, digest, encode
from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Suite
from tallyport.ledger.envelope import COMMANDS_MAX, DOMAIN, Body, body_bytes, parse, seal

commands = st.lists(
    st.builds(Add, name=texts, amount=st.integers(-5, 5))
    | st.builds(Alarm, name=texts, due=moments),
    min_size=1,
    max_size=4,
).map(tuple)
bodies = st.builds(
    Body,
    channel=ids,
    key_id=ids.map(KeyId),
    idempotency_key=ids,
    valid_until=moments,
    commands=commands,
)


@given(bodies, st.binary(max_size=70))
def test_an_envelope_comes_back(body: Body, signature: bytes) -> None:
    """Body, signed bytes, signature and the digest of the commands."""
    data = body_bytes(body, FORMS)
    raw = seal(data, signature)
    envelope = parse(raw, FORMS)
    assert envelope.body == body
    assert envelope.signed == DOMAIN + data
    assert envelope.signature == signature
    assert envelope.raw == raw
    assert envelope.content == digest(encode([FORMS.encode(one) for one in body.commands]))


@given(bodies, bodies)
def test_the_content_is_that_of_the_commands_alone(one: Body, other: Body) -> None:
    """A retry under another key of the member, or valid for longer, is the same wish."""
    contents = [parse(seal(body_bytes(body, FORMS), b""), FORMS).content for body in (one, other)]
    assert (contents[0] == contents[1]) == (one.commands == other.commands)


def test_no_changed_byte_passes() -> None:
    """Each byte, three ways: malformed, or no longer signed."""
    mine = signing(ALI)
    raw = sealed(ALI, "k1", Add(name="中文", amount=7))
    for at in range(len(raw)):
        for bit in (1, 32, 128):
            forged = raw[:at] + bytes((raw[at] ^ bit,)) + raw[at + 1 :]
            try:
                envelope = parse(forged, FORMS)
            except MalformedError:
                continue
            assert not verify(Suite.ED25519, mine.public, envelope.signed, envelope.signature)


BODY: dict[str, Any] = {
    "channel": CHANNEL,
    "commands": [FORMS.encode(Add(name="x", amount=1))],
    "idempotency_key": "k1",
    "key_id": "ed25519:00",
    "valid_until": "2024-04-04T02:00:00.000000Z",
}
GOOD: dict[str, Any] = {"body": BODY, "signature": "AAAA"}


def body(**parts: object) -> dict[str, Any]:
    """Return an envelope whose body has these parts."""
    return GOOD | {"body": BODY | parts}


MALFORMED: list[tuple[Any, str]] = [
    (None, "expected an envelope"),
    ([], "expected an envelope"),
    ({"body": BODY}, "expected an envelope"),
    (GOOD | {"more": 1}, "expected an envelope"),
    (GOOD | {"body": []}, "expected a body"),
    (GOOD | {"body": {}}, "expected a body"),
    (body(more=1), "expected a body"),
    (GOOD | {"signature": None}, "signature in base64"),
    (GOOD | {"signature": ["AAAA"]}, "signature in base64"),
    (GOOD | {"signature": "?"}, "signature in base64"),
    (GOOD | {"signature": "AAA"}, "signature in base64"),
    (GOOD | {"signature": "é"}, "signature in base64"),
    (GOOD | {"signature": "AB=="}, "canonical base64"),
    (GOOD | {"signature": base64.b64encode(bytes(257)).decode()}, "at most 256"),
    (body(commands=[]), "1 to 100 commands"),
    (body(commands=BODY["commands"] * (COMMANDS_MAX + 1)), "1 to 100 commands"),
    (body(commands={}), "1 to 100 commands"),
    (
        body(commands=[*BODY["commands"], {"form": "toy.Sub/1"}]),
        r"commands\[1\]: expected an object",
    ),
    (body(commands=[BODY["commands"][0] | {"amount": "1"}]), r"commands\[0\]: toy.Add/1: amount"),
    (body(commands=[{"form": "toy.Added/1", "name": "x", "amount": 1}]), "form"),
    (body(channel=""), "an id"),
    (body(channel='a"b'), "an id"),
    (body(key_id=1), "an id"),
    (body(key_id="a b"), "an id"),
    (body(idempotency_key="a|b"), "an id"),
    (body(idempotency_key=None), "an id"),
    (body(valid_until="tomorrow"), "a moment"),
    (body(valid_until=None), "a moment"),
]


@pytest.mark.parametrize(("value", "reason"), MALFORMED)
def test_a_malformed_envelope_says_where(value: Any, reason: str) -> None:  # noqa: ANN401
    """One line of MALFORMED."""
    with pytest.raises(MalformedError, match=reason):
        parse(encode(value), FORMS)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b" " + encode(GOOD), json.dumps(GOOD).encode()]
)
def test_other_bytes_are_no_envelope(data: bytes) -> None:
    """Not JSON, or JSON in another spelling."""
    assert parse(encode(GOOD), FORMS).body.idempotency_key == "k1"
    with pytest.raises(MalformedError, match="canonical"):
        parse(data, FORMS)


def test_an_envelope_has_a_size() -> None:
    """A megabyte."""
    many = [Add(name="x" * 2_000, amount=1)] * COMMANDS_MAX
    assert len(sealed(ALI, "k", *many)) < BYTES_MAX
    with pytest.raises(MalformedError, match="at most"):
        parse(encode(body(channel="x" * BYTES_MAX)), FORMS)


def test_the_bytes_are_fixed() -> None:
    """A vector by hand; Ed25519 signatures do not depend on chance."""
    until = datetime(2024, 4, 4, 2, tzinfo=START.tzinfo)
    raw = sealed(ALI, "k1", Enrol(member=ALI, public_hex="00"), valid_until=until)
    assert raw.startswith(
        b'{"body":{"channel":"toys","commands":[{"form":"toy.Enrol/1","member":"ali",'
        b'"public_hex":"00"}],"idempotency_key":"k1","key_id":"ed25519:'
    )
    assert b',"valid_until":"2024-04-04T02:00:00.000000Z"},"signature":"' in raw
    assert digest(raw) == "b59c30c6d070ba1a8d823b3fbc128ea6c4cdb54175c1e87753c261d708f07a09"
