"""A gateway of Fabric in memory: the chaincode's own rules behind a real gRPC server.

It does what a peer does as far as a client can tell: holds the signature and the transaction's id
against the certificate, runs the chaincode, puts a transaction together, and applies it when it
comes back signed. It can be told to fail in each way.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tallyport.adapters.anchors.fabric import schema
from tallyport.adapters.anchors.fabric.checkpoints import answer
from tallyport.adapters.anchors.fabric.identity import ORDER, holder
from tallyport.adapters.consortium.wire import Message, decode, encode
from tallyport.kernel.guard import Refused

MEMBER, ORIGIN = "CustomsMSP", "tallyport/main"
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def note(size: int, head: int = 0, origin: str = ORIGIN) -> str:
    """Return a checkpoint with a signature line; whose it is, is for readers to judge."""
    line = base64.b64encode(bytes(68)).decode()
    encoded = base64.b64encode(bytes([head]) * 32).decode()
    return f"{origin}\n{size}\n{encoded}\n\n— {origin} {line}\n"


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


def papers(folder: Path, name: str, *, curve: ec.EllipticCurve | None = None) -> Papers:
    """Write a certificate of its own for `name`, and its key."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = Papers(folder / f"{name}.pem", folder / f"{name}-key.pem")
    written.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    written.key.write_bytes(secret)
    return written


@dataclass(slots=True)
class State:
    """What a chaincode keeps; writes wait until the transaction is applied."""

    kept: dict[str, bytes]
    written: dict[str, bytes] = field(default_factory=dict)

    async def get_state(self, key: str) -> bytes:
        """Return a value."""
        return self.kept.get(key, b"")

    async def put_state(self, key: str, value: str) -> None:
        """Keep a value."""
        self.written[key] = value.encode()


@dataclass(slots=True)
class Failures:
    """What goes wrong from now on."""

    code: int = schema.VALID  # What becomes of transactions.
    status: Any = None  # With which every question is turned away.
    other: bool = False  # The transaction that comes back is another one.
    garbage: bytes | None = None  # What every answer is.


class FabricGateway:
    """A peer with its gateway, on loopback."""

    def __init__(self, tls: Papers | None = None) -> None:
        self.kept: dict[str, bytes] = {}
        self.failures = Failures()
        self._prepared: dict[str, dict[str, bytes]] = {}
        self._executor = ThreadPoolExecutor(4)
        self._server = grpc.server(self._executor)
        verbs = {
            "Evaluate": self._evaluate,
            "Endorse": self._endorse,
            "Submit": self._submit,
            "CommitStatus": self._commit_status,
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(self._guarded(verb))
            for name, verb in verbs.items()
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("gateway.Gateway", handlers),)
        )
        if tls is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            pair = tls.key.read_bytes(), tls.certificate.read_bytes()
            self.port = self._server.add_secure_port(
                "127.0.0.1:0", grpc.ssl_server_credentials([pair])
            )
        self._server.start()

    def close(self) -> None:
        """Stop, and wait until it has."""
        self._server.stop(None).wait()
        self._executor.shutdown()

    def profile(self, folder: Path, who: Papers, log: str, **more: str) -> Path:
        """Write the file of an anchor that asks here, and return it."""
        told = {
            "address": f"127.0.0.1:{self.port}",
            "member": MEMBER,
            "certificate": who.certificate.name,
            "key": who.key.name,
            "channel": "anchors",
            "chaincode": "checkpoints",
            "log": log,
        }
        path = folder / f"{who.certificate.stem}.json"
        path.write_text(json.dumps(told | more), "utf-8")
        return path

    # What a peer does.

    def _guarded(self, verb: Callable[[bytes, Any], bytes]) -> Callable[[bytes, Any], bytes]:
        def answered(data: bytes, context: Any) -> bytes:  # noqa: ANN401 - A library without types.
            failures = self.failures
            if failures.status is not None:
                context.abort(failures.status, "told to fail")
            return verb(data, context) if failures.garbage is None else failures.garbage

        return answered

    def _evaluate(self, data: bytes, context: Any) -> bytes:  # noqa: ANN401 - A library without types.
        asked = decode(schema.EVALUATE_REQUEST, data)
        _, payload = self._run(asked, context)
        result: Message = {"status": 200, "payload": payload}
        return encode(schema.EVALUATE_RESPONSE, {"result": result})

    def _endorse(self, data: bytes, context: Any) -> bytes:  # noqa: ANN401 - A library without types.
        asked = decode(schema.ENDORSE_REQUEST, data)
        written, _ = self._run(asked, context)
        self._prepared[asked["transaction_id"]] = written
        proposal = decode(schema.PROPOSAL, asked["proposed_transaction"]["proposal_bytes"])
        payload = b"something else" if self.failures.other else proposal["payload"]
        action = encode(schema.CHAINCODE_ACTION_PAYLOAD, {"chaincode_proposal_payload": payload})
        transaction = encode(schema.TRANSACTION, {"actions": [{"payload": action}]})
        whole = encode(schema.PAYLOAD, {"header": proposal["header"], "data": transaction})
        envelope: Message = {"payload": whole}
        return encode(schema.ENDORSE_RESPONSE, {"prepared_transaction": envelope})

    def _submit(self, data: bytes, context: Any) -> bytes:  # noqa: ANN401 - A library without types.
        asked = decode(schema.SUBMIT_REQUEST, data)
        envelope = asked["prepared_transaction"]
        header = decode(schema.HEADER, decode(schema.PAYLOAD, envelope["payload"])["header"])
        self._verified(header, envelope["payload"], envelope["signature"], context)
        if self.failures.code == schema.VALID:
            self.kept |= self._prepared[asked["transaction_id"]]
        return b""

    def _commit_status(self, data: bytes, context: Any) -> bytes:  # noqa: ANN401 - A library without types.
        signed = decode(schema.SIGNED_COMMIT_STATUS_REQUEST, data)
        asked = decode(schema.COMMIT_STATUS_REQUEST, signed["request"])
        self._check(asked["identity"], signed["request"], signed["signature"], context)
        became = {"result": self.failures.code, "block_number": 1}
        return encode(schema.COMMIT_STATUS_RESPONSE, became)

    def _run(self, asked: Message, context: Any) -> tuple[dict[str, bytes], bytes]:  # noqa: ANN401 - A library without types.
        signed = asked["proposed_transaction"]
        proposal = decode(schema.PROPOSAL, signed["proposal_bytes"])
        header = decode(schema.HEADER, proposal["header"])
        self._verified(header, signed["proposal_bytes"], signed["signature"], context)
        call = decode(schema.CHAINCODE_PROPOSAL_PAYLOAD, proposal["payload"])["input"]
        spec = decode(schema.CHAINCODE_INVOCATION_SPEC, call)["chaincode_spec"]
        function, *words = (word.decode() for word in spec["input"]["args"])
        creator = decode(
            schema.SERIALIZED_IDENTITY,
            decode(schema.SIGNATURE_HEADER, header["signature_header"])["creator"],
        )
        state = State(self.kept)
        try:
            writer = holder(creator["mspid"], creator["id_bytes"])
            payload = asyncio.run(answer(state, writer, function, words))
        except Refused as refused:
            self._turn_away(context, f"chaincode response 500, {refused.reason}")
            raise
        return state.written, payload

    def _verified(self, header: Message, data: bytes, signature: bytes, context: Any) -> None:  # noqa: ANN401 - A library without types.
        signed_by = decode(schema.SIGNATURE_HEADER, header["signature_header"])
        channel = decode(schema.CHANNEL_HEADER, header["channel_header"])
        expected = sha256(signed_by["nonce"] + signed_by["creator"]).hexdigest()
        if channel["tx_id"] != expected or channel["type"] != schema.ENDORSER_TRANSACTION:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "another transaction id")
        self._check(signed_by["creator"], data, signature, context)

    @staticmethod
    def _check(creator: bytes, data: bytes, signature: bytes, context: Any) -> None:  # noqa: ANN401 - A library without types.
        identity = decode(schema.SERIALIZED_IDENTITY, creator)
        public = x509.load_pem_x509_certificate(identity["id_bytes"]).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        try:
            public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "the signature does not fit")
        if utils.decode_dss_signature(signature)[1] > ORDER // 2:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "the upper half")

    @staticmethod
    def _turn_away(context: Any, message: str) -> None:  # noqa: ANN401 - A library without types.
        detail: Mapping[str, Any] = {
            "address": "peer0:7051",
            "msp_id": MEMBER,
            "message": message,
        }
        one: Message = {
            "type_url": "type.googleapis.com/gateway.ErrorDetail",
            "value": encode(schema.ERROR_DETAIL, detail),
        }
        status: Message = {"code": 10, "message": "failed", "details": [one]}
        context.set_trailing_metadata((("grpc-status-details-bin", encode(schema.STATUS, status)),))
        context.abort(grpc.StatusCode.ABORTED, "failed to endorse transaction")
