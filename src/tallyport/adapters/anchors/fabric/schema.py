"""The messages of Fabric as tables of field numbers (Fabric 消息表), as an anchor needs them.

    SignedProposal ─ Proposal ┬ Header ┬ ChannelHeader ─ ChaincodeHeaderExtension
                              │        └ SignatureHeader ─ SerializedIdentity
                              └ ChaincodeProposalPayload ─ ChaincodeInvocationSpec

What is signed travels as bytes within bytes, so a message that holds another one's bytes has a
field of bytes for it. Fields that we never read or set are left out; the codec skips them.

Source: hyperledger/fabric-protos, packages common, msp, peer and gateway.
"""

from __future__ import annotations

from tallyport.adapters.consortium.wire import Field, Form, Kind, blob, number, one, text

ENDORSER_TRANSACTION = 3  # common.HeaderType
VALID = 0  # peer.TxValidationCode
CODES = {  # Why a peer did not apply what was ordered, as far as it can happen to an anchor.
    4: "BAD_CREATOR_SIGNATURE",
    10: "ENDORSEMENT_POLICY_FAILURE",
    11: "MVCC_READ_CONFLICT",
    17: "EXPIRED_CHAINCODE",
}


SERIALIZED_IDENTITY: Form = {1: text("mspid"), 2: blob("id_bytes")}
TIMESTAMP: Form = {1: number("seconds"), 2: number("nanos")}
CHANNEL_HEADER: Form = {
    1: number("type"),
    3: one("timestamp", TIMESTAMP),
    4: text("channel_id"),
    5: text("tx_id"),
    7: blob("extension"),
}
SIGNATURE_HEADER: Form = {1: blob("creator"), 2: blob("nonce")}
HEADER: Form = {1: blob("channel_header"), 2: blob("signature_header")}
PAYLOAD: Form = {1: blob("header"), 2: blob("data")}
ENVELOPE: Form = {1: blob("payload"), 2: blob("signature")}

CHAINCODE_ID: Form = {2: text("name")}
CHAINCODE_HEADER_EXTENSION: Form = {2: one("chaincode_id", CHAINCODE_ID)}
CHAINCODE_INVOCATION_SPEC: Form = {
    1: one(
        "chaincode_spec",
        {
            2: one("chaincode_id", CHAINCODE_ID),
            3: one("input", {1: Field("args", Kind.BYTES, many=True)}),
        },
    )
}
CHAINCODE_PROPOSAL_PAYLOAD: Form = {1: blob("input")}
PROPOSAL: Form = {1: blob("header"), 2: blob("payload")}
SIGNED_PROPOSAL: Form = {1: blob("proposal_bytes"), 2: blob("signature")}
RESPONSE: Form = {1: number("status"), 2: text("message"), 3: blob("payload")}

TRANSACTION: Form = {
    1: Field("actions", Kind.MESSAGE, {1: blob("header"), 2: blob("payload")}, many=True)
}
CHAINCODE_ACTION_PAYLOAD: Form = {1: blob("chaincode_proposal_payload")}

_ASKED: Form = {
    1: text("transaction_id"),
    2: text("channel_id"),
    3: one("proposed_transaction", SIGNED_PROPOSAL),
}
EVALUATE_REQUEST: Form = _ASKED
EVALUATE_RESPONSE: Form = {1: one("result", RESPONSE)}
ENDORSE_REQUEST: Form = _ASKED
ENDORSE_RESPONSE: Form = {1: one("prepared_transaction", ENVELOPE)}
SUBMIT_REQUEST: Form = {
    1: text("transaction_id"),
    2: text("channel_id"),
    3: one("prepared_transaction", ENVELOPE),
}
SUBMIT_RESPONSE: Form = {}
COMMIT_STATUS_REQUEST: Form = {
    1: text("transaction_id"),
    2: text("channel_id"),
    3: blob("identity"),
}
SIGNED_COMMIT_STATUS_REQUEST: Form = {1: blob("request"), 2: blob("signature")}
COMMIT_STATUS_RESPONSE: Form = {1: number("result"), 2: Field("block_number", Kind.COUNT)}

ERROR_DETAIL: Form = {1: text("address"), 2: text("msp_id"), 3: text("message")}
STATUS: Form = {
    1: number("code"),
    2: text("message"),
    3: Field("details", Kind.MESSAGE, {1: text("type_url"), 2: blob("value")}, many=True),
}
