"""The messages of ABCI 2.0 as tables of field numbers (ABCI 消息表), as far as a node sends them.

`REQUEST` and `RESPONSE` are what travels: exactly one of their fields is set, and its name says
which question it is. Fields that we never read or set are left out; the codec skips them.

Source: ABCI 2.0 specification, CometBFT v0.38 (abci/types, types/params, crypto/keys).
"""

from __future__ import annotations

from tallyport.adapters.consortium.wire import Field, Form, Kind

VERSION = "2.0.0"


def _number(name: str) -> Field:
    return Field(name, Kind.NUMBER)


def _count(name: str) -> Field:
    return Field(name, Kind.COUNT)


def _bytes(name: str) -> Field:
    return Field(name, Kind.BYTES)


def _text(name: str) -> Field:
    return Field(name, Kind.TEXT)


def _one(name: str, form: Form) -> Field:
    return Field(name, Kind.MESSAGE, form)


def _many(name: str, form: Form) -> Field:
    return Field(name, Kind.MESSAGE, form, many=True)


NOTHING: Form = {}
TIME: Form = {1: _number("seconds"), 2: _number("nanos")}
PUBLIC_KEY: Form = {1: _bytes("ed25519"), 2: _bytes("secp256k1")}
VALIDATOR: Form = {1: _bytes("address"), 3: _number("power")}
VALIDATOR_UPDATE: Form = {1: _one("pub_key", PUBLIC_KEY), 2: _number("power")}
MISBEHAVIOR: Form = {
    1: _number("type"),
    2: _one("validator", VALIDATOR),
    3: _number("height"),
    4: _one("time", TIME),
    5: _number("total_voting_power"),
}
SNAPSHOT: Form = {
    1: _count("height"),
    2: _count("format"),
    3: _count("chunks"),
    4: _bytes("hash"),
    5: _bytes("metadata"),
}
_TXS = Field("txs", Kind.BYTES, many=True)
_PROPOSAL: Form = {
    1: _TXS,
    3: _many("misbehavior", MISBEHAVIOR),
    4: _bytes("hash"),
    5: _number("height"),
    6: _one("time", TIME),
    8: _bytes("proposer_address"),
}

REQUEST: Form = {
    1: _one("echo", {1: _text("message")}),
    2: _one("flush", NOTHING),
    3: _one("info", {1: _text("version"), 4: _text("abci_version")}),
    5: _one(
        "init_chain",
        {
            1: _one("time", TIME),
            2: _text("chain_id"),
            4: _many("validators", VALIDATOR_UPDATE),
            5: _bytes("app_state_bytes"),
            6: _number("initial_height"),
        },
    ),
    6: _one("query", {1: _bytes("data"), 2: _text("path"), 3: _number("height")}),
    8: _one("check_tx", {1: _bytes("tx"), 2: _number("type")}),
    11: _one("commit", NOTHING),
    12: _one("list_snapshots", NOTHING),
    13: _one("offer_snapshot", {1: _one("snapshot", SNAPSHOT), 2: _bytes("app_hash")}),
    14: _one("load_snapshot_chunk", {1: _count("height"), 2: _count("format"), 3: _count("chunk")}),
    15: _one("apply_snapshot_chunk", {1: _count("index"), 2: _bytes("chunk"), 3: _text("sender")}),
    16: _one(
        "prepare_proposal",
        {
            1: _number("max_tx_bytes"),
            2: _TXS,
            5: _number("height"),
            6: _one("time", TIME),
        },
    ),
    17: _one("process_proposal", _PROPOSAL),
    18: _one("extend_vote", {1: _bytes("hash"), 2: _number("height")}),
    19: _one("verify_vote_extension", {1: _bytes("hash"), 4: _bytes("vote_extension")}),
    20: _one("finalize_block", _PROPOSAL),
}

_TX_RESULT: Form = {
    1: _count("code"),
    2: _bytes("data"),
    3: _text("log"),  # Not hashed, as is `info`; code and data are.
    4: _text("info"),
    8: _text("codespace"),
}

RESPONSE: Form = {
    1: _one("exception", {1: _text("error")}),
    2: _one("echo", {1: _text("message")}),
    3: _one("flush", NOTHING),
    4: _one(
        "info",
        {
            1: _text("data"),
            2: _text("version"),
            3: _count("app_version"),
            4: _number("last_block_height"),
            5: _bytes("last_block_app_hash"),
        },
    ),
    6: _one("init_chain", {2: _many("validators", VALIDATOR_UPDATE), 3: _bytes("app_hash")}),
    7: _one(
        "query",
        {
            1: _count("code"),
            3: _text("log"),
            6: _bytes("key"),
            7: _bytes("value"),
            9: _number("height"),
        },
    ),
    9: _one("check_tx", _TX_RESULT),
    12: _one("commit", {3: _number("retain_height")}),
    13: _one("list_snapshots", {1: _many("snapshots", SNAPSHOT)}),
    14: _one("offer_snapshot", {1: _number("result")}),
    15: _one("load_snapshot_chunk", {1: _bytes("chunk")}),
    16: _one(
        "apply_snapshot_chunk",
        {
            1: _number("result"),
            2: Field("refetch_chunks", Kind.COUNT, many=True),
            3: Field("reject_senders", Kind.TEXT, many=True),
        },
    ),
    17: _one("prepare_proposal", {1: _TXS}),
    18: _one("process_proposal", {1: _number("status")}),
    19: _one("extend_vote", {1: _bytes("vote_extension")}),
    20: _one("verify_vote_extension", {1: _number("status")}),
    21: _one(
        "finalize_block",
        {
            2: _many("tx_results", _TX_RESULT),
            3: _many("validator_updates", VALIDATOR_UPDATE),
            5: _bytes("app_hash"),
        },
    ),
}
