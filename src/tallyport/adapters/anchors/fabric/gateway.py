"""Calls of Fabric's gateway (网关客户端), a service of every peer since 2.4, over gRPC.

    evaluate    one peer runs the chaincode and tells the result; nothing changes
    submit      peers sign what it would change, the orderer puts it into a block, the peer applies
                it; done when it is applied, and only if it is valid

Each call opens a connection of its own: an anchor is asked once a minute, and after a peer was
down nothing waits for an old connection. Needs the package `grpcio`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import grpc  # type: ignore[import-untyped]

from tallyport.adapters.anchors.fabric import schema
from tallyport.adapters.anchors.fabric.identity import Identity
from tallyport.adapters.anchors.fabric.proposal import NONCE_BYTES, Place, Proposal
from tallyport.adapters.anchors.port import AnchorError
from tallyport.adapters.consortium.wire import Form, Message, WireError, decode, encode

SECONDS_MAX = 30  # For one answer; a block is cut every two seconds unless a channel says else.
ANSWER_BYTES_MAX = 1 << 20  # A checkpoint has at most 64 KiB, and comes with its signatures.
_STATUS = "grpc-status-details-bin"
_SERVICE = "/gateway.Gateway/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Where a peer listens, and how it is known."""

    address: str  # host:port
    tls_root: bytes | None = None  # PEM; None: no TLS.
    tls_name: str | None = None  # That the certificate bears, if it is not the host.

    def connect(self) -> Any:  # noqa: ANN401 - A library without types.
        """Open a channel; a context that closes it."""
        options: list[tuple[str, Any]] = [
            ("grpc.max_receive_message_length", ANSWER_BYTES_MAX),
            ("grpc.enable_retries", 0),
        ]
        if self.tls_name:
            options.append(("grpc.ssl_target_name_override", self.tls_name))
        if self.tls_root is None:
            return grpc.insecure_channel(self.address, options)
        credentials = grpc.ssl_channel_credentials(self.tls_root)
        return grpc.secure_channel(self.address, credentials, options)


class Gateway:
    """A chaincode, as one identity reaches it through one peer."""

    def __init__(self, peer: Peer, place: Place, identity: Identity) -> None:
        self._peer, self._place, self._identity = peer, place, identity

    def evaluate(self, *words: str) -> bytes:
        """Return what the chaincode answers.

        Raises:
            AnchorError: it turns the question away, or nobody answers.
        """
        proposal = self._proposal(words)
        with self._peer.connect() as channel:
            answer = self._ask(
                channel,
                "Evaluate",
                (schema.EVALUATE_REQUEST, schema.EVALUATE_RESPONSE),
                proposal.request(self._identity),
            )
        result = answer["result"] or {}
        return bytes(result.get("payload", b""))

    def submit(self, *words: str) -> None:
        """Let the chaincode do it, and wait until the peer has applied it.

        Raises:
            AnchorError: it is turned away or found not valid, or nobody answers. In the last case
                it may be done all the same: ask again.
        """
        proposal = self._proposal(words)
        with self._peer.connect() as channel:
            endorsed = self._ask(
                channel,
                "Endorse",
                (schema.ENDORSE_REQUEST, schema.ENDORSE_RESPONSE),
                proposal.request(self._identity),
            )
            transaction = (endorsed["prepared_transaction"] or {}).get("payload", b"")
            try:
                proposal.check(transaction)
            except WireError as error:
                raise AnchorError(f"{self._peer.address}: not signed: {error}") from error
            self._ask(
                channel,
                "Submit",
                (schema.SUBMIT_REQUEST, schema.SUBMIT_RESPONSE),
                proposal.submission(self._identity, transaction),
            )
            became = self._ask(
                channel,
                "CommitStatus",
                (schema.SIGNED_COMMIT_STATUS_REQUEST, schema.COMMIT_STATUS_RESPONSE),
                proposal.question(self._identity),
            )
        code = became["result"]
        if code != schema.VALID:
            raise AnchorError(
                f"{self._peer.address}: the peers did not apply it: "
                f"{schema.CODES.get(code, 'code')} ({code}); try again"
            )

    def _proposal(self, words: Sequence[str]) -> Proposal:
        return Proposal.make(
            self._place,
            [word.encode() for word in words],
            self._identity,
            nonce=token_bytes(NONCE_BYTES),
            at=datetime.now(UTC),
        )

    def _ask(self, channel: Any, verb: str, forms: tuple[Form, Form], message: Message) -> Message:  # noqa: ANN401 - A library without types.
        call = channel.unary_unary(_SERVICE + verb)
        try:
            data: bytes = call(encode(forms[0], message), timeout=SECONDS_MAX)
            return decode(forms[1], data)
        except grpc.RpcError as error:
            raise AnchorError(f"{self._peer.address}: {verb}: {said(error)}") from error
        except WireError as error:
            raise AnchorError(f"{self._peer.address}: {verb}: {error}") from error


def of(told: Mapping[str, str], folder: Path) -> Gateway:
    """Return the gateway that a file in `folder` describes; see `anchor`.

    Raises:
        AnchorError: a file that it names cannot be read or is something else.
    """
    root = told.get("tls_root")
    try:
        pem = (folder / root).read_bytes() if root else None
    except OSError as error:
        raise AnchorError(f"{error.filename}: cannot read: {error.strerror}") from error
    return Gateway(
        Peer(address=told["address"], tls_root=pem, tls_name=told.get("tls_name")),
        Place(told["channel"], told["chaincode"]),
        Identity.read(told["member"], folder / told["certificate"], folder / told["key"]),
    )


def said(error: Any) -> str:  # noqa: ANN401 - A library without types.
    """Return what an error of gRPC says, with what each peer said of it."""
    code = error.code()
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        words = ["does not answer"]
    else:
        words = [code.name]
    words.append(_one_line(str(error.details())))
    for key, value in error.trailing_metadata() or ():
        if key == _STATUS and isinstance(value, bytes):
            words += details(value)
    return ": ".join(words)


def details(status: bytes) -> list[str]:
    """Return what the peers said, from the details of a status; nothing if they cannot be read."""
    try:
        found = decode(schema.STATUS, status)["details"]
        each = [decode(schema.ERROR_DETAIL, one["value"]) for one in found]
    except WireError:
        return []
    return [_one_line(f"{one['msp_id']} at {one['address']}: {one['message']}") for one in each]


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:500]
