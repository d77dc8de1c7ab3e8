"""The messages of ABCI 2.0 as tables of field numbers (ABCI 消息表), as far as a node sends them.

`REQUEST` and `RESPONSE` are what travels: exactly one of their fields is set, and its name says
which question it is. Fields that we never read or set are left out; the codec skips them.

Source: ABCI 2.0 specification, CometBFT v0.38 (abci/types, types/params, crypto/keys).
"""

from __future__ import annotations

from tallyport.adapters.consortium.wire import (
    Field,
    Form,
    Kind,
    blob,
    count,
    many,
    number,
    one,
    text,
)

VERSION = "2.0.0"


NOTHING: Form = {}
TIME: Form = {1: number("seconds"), 2: number("nanos")}
PUBLIC_KEY: Form = {1: blob("ed25519"), 2: blob("secp256k1")}
VALIDATOR: Form = {1: blob("address"), 3: number("power")}
VALIDATOR_UPDATE: Form = {1: one("pub_key", PUBLIC_KEY), 2: number("power")}
MISBEHAVIOR: Form = {
    1: number("type"),
    2: one("validator", VALIDATOR),
    3: number("height"),
    4: one("time", TIME),
    5: number("total_voting_power"),
}
SNAPSHOT: Form = {
    1: count("height"),
    2: count("format"),
    3: count("chunks"),
    4: blob("hash"),
    5: blob("metadata"),
}
_TXS = Field("txs", Kind.BYTES, many=True)
_PROPOSAL: Form = {
    1: _TXS,
    3: many("misbehavior", MISBEHAVIOR),
    4: blob("hash"),
    5: number("height"),
    6: one("time", TIME),
    8: blob("proposer_address"),
}

REQUEST: Form = {
    1: one("echo", {1: text("message")}),
    2: one("flush", NOTHING),
    3: one("info", {1: text("version"), 4: text("abci_version")}),
    5: one(
        "init_chain",
        {
            1: one("time", TIME),
            2: text("chain_id"),
            4: many("validators", VALIDATOR_UPDATE),
            5: blob("app_state_bytes"),
            6: number("initial_height"),
        },
    ),
    6: one("query", {1: blob("data"), 2: text("path"), 3: number("height")}),
    8: one("check_tx", {1: blob("tx"), 2: number("type")}),
    11: one("commit", NOTHING),
    12: one("list_snapshots", NOTHING),
    13: one("offer_snapshot", {1: one("snapshot", SNAPSHOT), 2: blob("app_hash")}),
    14: one("load_snapshot_chunk", {1: count("height"), 2: count("format"), 3: count("chunk")}),
    15: one("apply_snapshot_chunk", {1: count("index"), 2: blob("chunk"), 3: text("sender")}),
    16: one(
        "prepare_proposal",
        {
            1: number("max_tx_bytes"),
            2: _TXS,
            5: number("height"),
            6: one("time", TIME),
        },
    ),
    17: one("process_proposal", _PROPOSAL),
    18: one("extend_vote", {1: blob("hash"), 2: number("height")}),
    19: one("verify_vote_extension", {1: blob("hash"), 4: blob("vote_extension")}),
    20: one("finalize_block", _PROPOSAL),
}

_TX_RESULT: Form = {
    1: count("code"),
    2: blob("data"),
    3: text("log"),  # Not hashed, as is `info`; code and data are.
    4: text("info"),
    8: text("codespace"),
}

RESPONSE: Form = {
    1: one("exception", {1: text("error")}),
    2: one("echo", {1: text("message")}),
    3: one("flush", NOTHING),
    4: one(
        "info",
        {
            1: text("data"),
            2: text("version"),
            3: count("app_version"),
            4: number("last_block_height"),
            5: blob("last_block_app_hash"),
        },
    ),
    6: one("init_chain", {2: many("validators", VALIDATOR_UPDATE), 3: blob("app_hash")}),
    7: one(
        "query",
        {
            1: count("code"),
            3: text("log"),
            6: blob("key"),
            7: blob("value"),
            9: number("height"),
        },
    ),
    9: one("check_tx", _TX_RESULT),
    12: one("commit", {3: number("retain_height")}),
    13: one("list_snapshots", {1: many("snapshots", SNAPSHOT)}),
    14: one("offer_snapshot", {1: number("result")}),
    15: one("load_snapshot_chunk", {1: blob("chunk")}),
    16: one(
        "apply_snapshot_chunk",
        {
            1: number("result"),
            2: Field("refetch_chunks", Kind.COUNT, many=True),
            3: Field("reject_senders", Kind.TEXT, many=True),
        },
    ),
    17: one("prepare_proposal", {1: _TXS}),
    18: one("process_proposal", {1: number("status")}),
    19: one("extend_vote", {1: blob("vote_extension")}),
    20: one("verify_vote_extension", {1: number("status")}),
    21: one(
        "finalize_block",
        {
            2: many("tx_results", _TX_RESULT),
            3: many("validator_updates", VALIDATOR_UPDATE),
            5: blob("app_hash"),
        },
    ),
}
