"""What is signed for Fabric has the bytes that Fabric's own tables give.

Goal: peers of other makers read what we write, and nothing that we did not propose is signed.
Method: golden bytes that Fabric's own Python classes wrote (`hyperledger-fabric-protos` 0.3.7, no
code in common), round trips, and every way in which a transaction can be another one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.adapters.anchors.fabric import schema
from tallyport.adapters.anchors.fabric.identity import Identity
from tallyport.adapters.anchors.fabric.proposal import Place, Proposal
from tallyport.adapters.consortium.wire import Form, Message, WireError, decode, encode

AT = datetime(2024, 4, 8, 1, 0, 0, 250_000, tzinfo=UTC)
NONCE = bytes(range(24))
PLACE = Place("anchors", "checkpoints")

ID = "645adcaf85e6a65a70d1c9240fe9a3b625fa98c0b9af53ebd0f903cf061e5718"
HEADER = bytes.fromhex(
    "0a6b08031a0b089083cdb0061080e59a772207616e63686f72732a4036343561646361663835653661363561373064"
    "3163393234306665396133623632356661393863306239616635336562643066393033636630363165353731383a0f"
    "120d120b636865636b706f696e747312390a1d0a0a437573746f6d734d5350120f2d2d2d2d2d434552542d2d2d2d2d"
    "0a1218000102030405060708090a0b0c0d0e0f1011121314151617"
)
PAYLOAD = bytes.fromhex("0a1e0a1c120d120b636865636b706f696e74731a0b0a036765740a000a023533")
TRANSACTION = (  # With the peers' part behind ours, as they send it back.
    b"\x0a\xa8\x01"
    + HEADER
    + bytes.fromhex("122f0a2d0a016812280a20")
    + PAYLOAD
    + bytes.fromhex("12040a027277")
)
DIGESTS = {  # Of whole requests, with the signature `sig`.
    "endorse": "275cd2d9110ae58d5054dfec6886bdfea0c728e0b425653773dc8a2115d3c1dd",
    "submit": "3461d93327bdcc8eb4cc33df98bcf5bc1ca5dda0285219921f64c51686664e9e",
    "status": "a8cd8b747cfc06b800a88deb9c7ed2b259e2ef691cba470415868a31ba283767",
}


class Plain:
    """Signs everything with three letters."""

    serialized = encode(
        schema.SERIALIZED_IDENTITY, {"mspid": "CustomsMSP", "id_bytes": b"-----CERT-----\n"}
    )

    def sign(self, message: bytes) -> bytes:  # noqa: ARG002 - An identity's.
        """Return the same."""
        return b"sig"


WHO = cast("Identity", Plain())


def made(*words: bytes) -> Proposal:
    """Return a proposal whose bytes are known."""
    return Proposal.make(PLACE, words or (b"get", b"", b"53"), WHO, nonce=NONCE, at=AT)


def test_golden_bytes() -> None:
    """Of a proposal, an empty word in it, and of all that follows."""
    proposal = made()
    assert (proposal.id, proposal.header, proposal.payload) == (ID, HEADER, PAYLOAD)
    for name, form, message in (
        ("endorse", schema.ENDORSE_REQUEST, proposal.request(WHO)),
        ("endorse", schema.EVALUATE_REQUEST, proposal.request(WHO)),
        ("submit", schema.SUBMIT_REQUEST, proposal.submission(WHO, TRANSACTION)),
        ("status", schema.SIGNED_COMMIT_STATUS_REQUEST, proposal.question(WHO)),
    ):
        assert sha256(encode(form, message)).hexdigest() == DIGESTS[name], name
    assert decode(schema.COMMIT_STATUS_RESPONSE, bytes.fromhex("080b1007")) == {
        "result": 11,
        "block_number": 7,
    }


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_what_was_asked_can_be_read(words: list[bytes]) -> None:
    """By whoever knows the tables."""
    asked = decode(schema.CHAINCODE_PROPOSAL_PAYLOAD, made(*words).payload)["input"]
    spec = decode(schema.CHAINCODE_INVOCATION_SPEC, asked)["chaincode_spec"]
    assert spec == {"chaincode_id": {"name": "checkpoints"}, "input": {"args": words}}


def test_our_own_transaction_is_signed() -> None:
    """The peers' part may be anything: the orderer and the peers judge it."""
    made().check(TRANSACTION)


def rebuilt(**changed: bytes | list[Message]) -> bytes:
    """Return the transaction with parts of it exchanged."""
    payload = decode(schema.PAYLOAD, TRANSACTION)
    actions = changed.get("actions", decode(schema.TRANSACTION, payload["data"])["actions"])
    data = encode(schema.TRANSACTION, {"actions": actions})
    return encode(schema.PAYLOAD, {"header": changed.get("header", HEADER), "data": data})


def action(payload: bytes) -> Message:
    """Return an action that runs something."""
    wrapped = encode(schema.CHAINCODE_ACTION_PAYLOAD, {"chaincode_proposal_payload": payload})
    return {"payload": wrapped}


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\xff",
        rebuilt(header=HEADER + b"\x1a\x00"),
        rebuilt(header=b""),
        rebuilt(actions=[]),
        rebuilt(actions=[action(PAYLOAD + b"x")]),
        rebuilt(actions=[action(PAYLOAD), action(PAYLOAD)]),
        rebuilt(actions=[{"payload": b"\xff"}]),
    ],
)
def test_another_transaction_is_not_signed(other: bytes) -> None:
    """Not even with one byte more."""
    with pytest.raises(WireError):
        made().check(other)


FORMS: list[Form] = [
    schema.EVALUATE_RESPONSE,
    schema.ENDORSE_RESPONSE,
    schema.COMMIT_STATUS_RESPONSE,
    schema.STATUS,
    schema.ERROR_DETAIL,
    schema.PAYLOAD,
]


@given(st.sampled_from(FORMS), st.binary(max_size=60))
def test_garbage_is_refused_or_read(form: Form, data: bytes) -> None:
    """Nothing else happens."""
    try:
        message = decode(form, data)
    except WireError:
        return
    assert set(message) == {one.name for one in form.values()}
