"""The client against a gateway: what is asked is done once, and every failure is said in words.

Goal: nobody is told that a checkpoint is kept when it is not, and nobody is left without a word.
Method: a gateway in memory that checks signatures and runs the chaincode's own rules, over real
gRPC with and without TLS, told to fail in each way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import pytest

from support.fabric_gateway import FabricGateway, Failures, Papers, note, papers
from tallyport.adapters.anchors.fabric import gateway as client
from tallyport.adapters.anchors.fabric import schema
from tallyport.adapters.anchors.fabric.anchor import FabricAnchor
from tallyport.adapters.anchors.port import AnchorError
from tallyport.adapters.consortium.wire import encode

LOG = "tallyport/main"


@pytest.fixture
def gateway() -> Iterator[FabricGateway]:
    """Yield a gateway."""
    made = FabricGateway()
    yield made
    made.close()


@pytest.fixture
def ali(tmp_path: Path) -> Papers:
    """Return a writer."""
    return papers(tmp_path, "ali")


@pytest.fixture
def anchor(gateway: FabricGateway, tmp_path: Path, ali: Papers) -> FabricAnchor:
    """Return an anchor that asks there."""
    return FabricAnchor.read(gateway.profile(tmp_path, ali, LOG))


def test_with_tls(tmp_path: Path, ali: Papers) -> None:
    """Under the name in the certificate, and not with a certificate that somebody else signed."""
    server, other = papers(tmp_path, "peer0.customs.example"), papers(tmp_path, "other")
    made = FabricGateway(server)
    try:
        more = {"tls_root": server.certificate.name, "tls_name": "peer0.customs.example"}
        anchor = FabricAnchor.read(made.profile(tmp_path, ali, LOG, **more))
        anchor.put(3, note(3))
        assert anchor.latest() == note(3)
        for wrong in (
            {"tls_root": other.certificate.name, "tls_name": "peer0.customs.example"},
            {"tls_root": server.certificate.name, "tls_name": "peer0.bank.example"},
        ):
            with pytest.raises(AnchorError, match="does not answer"):
                FabricAnchor.read(made.profile(tmp_path, ali, LOG, **wrong)).latest()
    finally:
        made.close()


def test_refusals_come_with_their_reason(
    anchor: FabricAnchor, gateway: FabricGateway, tmp_path: Path
) -> None:
    """And say who refused."""
    anchor.put(20, note(20))
    with pytest.raises(AnchorError, match=r"CustomsMSP at peer0:7051.*smaller_than_last"):
        anchor.put(3, note(3))
    with pytest.raises(AnchorError, match="not_a_checkpoint"):
        anchor.put(30, "hello\n")
    bek = FabricAnchor.read(gateway.profile(tmp_path, papers(tmp_path, "bek"), LOG))
    with pytest.raises(AnchorError, match="another_writer"):
        bek.put(30, note(30))
    assert bek.latest() == note(20)


def test_a_transaction_that_was_not_applied(anchor: FabricAnchor, gateway: FabricGateway) -> None:
    """Is not taken for done; what can be tried again may be tried again."""
    for code, name in ((11, "MVCC_READ_CONFLICT"), (200, "code")):
        gateway.failures = Failures(code=code)
        with pytest.raises(AnchorError, match=rf"did not apply it: {name} \({code}\); try again"):
            anchor.put(3, note(3))
        assert anchor.latest() is None
    gateway.failures = Failures()
    anchor.put(3, note(3))
    assert anchor.latest() == note(3)


def test_another_transaction_is_not_signed(anchor: FabricAnchor, gateway: FabricGateway) -> None:
    """Whatever a peer would like to have signed."""
    gateway.failures = Failures(other=True)
    with pytest.raises(AnchorError, match="not signed: expected a transaction of the proposal"):
        anchor.put(3, note(3))
    assert not gateway.kept


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (grpc.StatusCode.UNAVAILABLE, "does not answer: told to fail"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "does not answer: told to fail"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED: told to fail"),
    ],
)
def test_a_gateway_that_fails(
    anchor: FabricAnchor, gateway: FabricGateway, code: object, words: str
) -> None:
    """With its own words, whatever is asked."""
    gateway.failures = Failures(status=code)
    with pytest.raises(AnchorError, match=words):
        anchor.put(3, note(3))
    with pytest.raises(AnchorError, match=words):
        anchor.latest()


def test_answers_that_are_none(anchor: FabricAnchor, gateway: FabricGateway) -> None:
    """Bytes that are no message, and a message that says nothing."""
    gateway.failures = Failures(garbage=b"\xff")
    with pytest.raises(AnchorError, match="Evaluate: expected"):
        anchor.latest()
    gateway.failures = Failures(garbage=b"")
    assert anchor.latest() is None
    with pytest.raises(AnchorError, match="not signed"):
        anchor.put(3, note(3))
    result = {"status": 200, "payload": b"\xff"}
    gateway.failures = Failures(garbage=encode(schema.EVALUATE_RESPONSE, {"result": result}))
    with pytest.raises(AnchorError, match="cannot read"):
        anchor.latest()


def test_nobody_there(gateway: FabricGateway, tmp_path: Path, ali: Papers) -> None:
    """Said at once, and after it is back it works: nothing waits for an old connection."""
    path = gateway.profile(tmp_path, ali, LOG, address="127.0.0.1:9")
    with pytest.raises(AnchorError, match=r"ali.json: 127.0.0.1:9: Evaluate: does not answer"):
        FabricAnchor.read(path).latest()


def test_details_that_cannot_be_read() -> None:
    """Are left out: the error itself is said already."""
    assert client.details(b"\xff") == []
    one = {"value": b"\xff"}
    assert client.details(encode(schema.STATUS, {"details": [one]})) == []
