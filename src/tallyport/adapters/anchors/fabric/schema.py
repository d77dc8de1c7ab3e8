"""The messages of Fabric as tables of field numbers (Fabric 消息表), as an anchor needs them.

    SignedProposal ─ Proposal ┬ Header ┬ ChannelHeader ─ ChaincodeHeaderExtension
                              │        └ SignatureHeader ─ SerializedIdentity
                              └ ChaincodeProposalPayload ─ ChaincodeInvocationSpec

What is signed travels as bytes within bytes, so a message that holds another one's bytes has a
field of bytes for it. Fields that we never read or set are left out; the codec skips them.

Source: hyperledger/fabric-protos, packages common, msp, peer and gateway.
"""

from __future__ import annotations

from tallyport.adapters.consortium.wire import Field, Form, Kind

ENDORSER_TRANSACTION = 3  # common.HeaderType
VALID = 0  # peer.TxValidationCode
CODES = {  # Why a peer did not apply what was ordered, as far as it can happen to an anchor.
    4: "BAD_CREATOR_SIGNATURE",
    10: "ENDORSEMENT_POLICY_FAILURE",
    11: "MVCC_READ_CONFLICT",
    17: "EXPIRED_CHAINCODE",
}


def _number(name: str) -> Field:
    return Field(name, Kind.NUMBER)


def _bytes(name: str) -> Field:
    return Field(name, Kind.BYTES)


def _text(name: str) -> Field:
    return Field(name, Kind.TEXT)


def _one(name: str, form: Form) -> Field:
    return Field(name, Kind.MESSAGE, form)


SERIALIZED_IDENTITY: Form = {1: _text("mspid"), 2: _bytes("id_bytes")}
TIMESTAMP: Form = {1: _number("seconds"), 2: _number("nanos")}
CHANNEL_HEADER: Form = {
    1: _number("type"),
    3: _one("timestamp", TIMESTAMP),
    4: _text("channel_id"),
    5: _text("tx_id"),
    7: _bytes("extension"),
}
SIGNATURE_HEADER: Form = {1: _bytes("creator"), 2: _bytes("nonce")}
HEADER: Form = {1: _bytes("channel_header"), 2: _bytes("signature_header")}
PAYLOAD: Form = {1: _bytes("header"), 2: _bytes("data")}
ENVELOPE: Form = {1: _bytes("payload"), 2: _bytes("signature")}

CHAINCODE_ID: Form = {2: _text("name")}
CHAINCODE_HEADER_EXTENSION: Form = {2: _one("chaincode_id", CHAINCODE_ID)}
CHAINCODE_INVOCATION_SPEC: Form = {
    1: _one(
        "chaincode_spec",
        {
            2: _one("chaincode_id", CHAINCODE_ID),
            3: _one("input", {1: Field("args", Kind.BYTES, many=True)}),
        },
    )
}
CHAINCODE_PROPOSAL_PAYLOAD: Form = {1: _bytes("input")}
PROPOSAL: Form = {1: _bytes("header"), 2: _bytes("payload")}
SIGNED_PROPOSAL: Form = {1: _bytes("proposal_bytes"), 2: _bytes("signature")}
RESPONSE: Form = {1: _number("status"), 2: _text("message"), 3: _bytes("payload")}

TRANSACTION: Form = {
    1: Field("actions", Kind.MESSAGE, {1: _bytes("header"), 2: _bytes("payload")}, many=True)
}
CHAINCODE_ACTION_PAYLOAD: Form = {1: _bytes("chaincode_proposal_payload")}

_ASKED: Form = {
    1: _text("transaction_id"),
    2: _text("channel_id"),
    3: _one("proposed_transaction", SIGNED_PROPOSAL),
}
EVALUATE_REQUEST: Form = _ASKED
EVALUATE_RESPONSE: Form = {1: _one("result", RESPONSE)}
ENDORSE_REQUEST: Form = _ASKED
ENDORSE_RESPONSE: Form = {1: _one("prepared_transaction", ENVELOPE)}
SUBMIT_REQUEST: Form = {
    1: _text("transaction_id"),
    2: _text("channel_id"),
    3: _one("prepared_transaction", ENVELOPE),
}
SUBMIT_RESPONSE: Form = {}
COMMIT_STATUS_REQUEST: Form = {
    1: _text("transaction_id"),
    2: _text("channel_id"),
    3: _bytes("identity"),
}
SIGNED_COMMIT_STATUS_REQUEST: Form = {1: _bytes("request"), 2: _bytes("signature")}
COMMIT_STATUS_RESPONSE: Form = {1: _number("result"), 2: Field("block_number", Kind.COUNT)}

ERROR_DETAIL: Form = {1: _text("address"), 2: _text("msp_id"), 3: _text("message")}
STATUS: Form = {
    1: _number("code"),
    2: _text("message"),
    3: Field("details", Kind.MESSAGE, {1: _text("type_url"), 2: _bytes("value")}, many=True),
}
