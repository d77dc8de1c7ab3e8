"""The socket between a node and its application.

Goal: answers come in order, a connection that breaks takes its block with it, and an error stops
the node instead of leaving it to guess. Method: a client of a few lines speaks over a real Unix
socket.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.chain import Chain, stamp
from support.toy import ALI, Add, sealed
from tallyport.adapters.consortium.schema import REQUEST, RESPONSE
from tallyport.adapters.consortium.server import Server, SocketError
from tallyport.adapters.consortium.wire import Message, decode, encode, frame, take_frame
from tallyport.kernel.guard import FaultError

SECONDS_MAX = 20


class Caller:
    """A node's side of a connection."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS_MAX)
        self._socket.connect(str(path))
        self._buffer = bytearray()

    def send(self, *questions: Message) -> None:
        """Ask without waiting."""
        self._socket.sendall(b"".join(frame(encode(REQUEST, one)) for one in questions))

    def send_bytes(self, data: bytes) -> None:
        """Send what is no question."""
        self._socket.sendall(data)

    def hear(self) -> Message:
        """Return the next answer."""
        while (data := take_frame(self._buffer)) is None:
            more = self._socket.recv(1 << 16)
            assert more, "the application hung up"
            self._buffer += more
        return {name: one for name, one in decode(RESPONSE, data).items() if one is not None}

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class Line:
    """An application on a socket, and why it stopped."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "app.sock"
        self.chain = Chain(folder / "node")
        self.chain.enrol()
        self.errors: list[BaseException] = []
        self.stopped = threading.Event()
        self.server = Server(self.path, self.chain.application, self._stop)

    def _stop(self, error: BaseException) -> None:
        self.errors.append(error)
        self.stopped.set()


@pytest.fixture
def line() -> Iterator[Line]:
    """Yield an application that listens; a socket's path must be short."""
    with tempfile.TemporaryDirectory() as folder:
        line = Line(Path(folder))
        yield line
        line.server.close()
        line.chain.kill()


def block(line: Line, height: int) -> Message:
    """Return a question to judge a block with one command."""
    tx = sealed(ALI, f"k{height}", Add(name="a", amount=1))
    return {"finalize_block": {"height": height, "time": stamp(line.chain.at), "txs": [tx]}}


def test_answers_come_in_order(line: Line) -> None:
    """A hundred questions at once."""
    caller = Caller(line.path)
    texts = [str(number) for number in range(100)]
    caller.send(*({"echo": {"message": text}} for text in texts), {"flush": {}})
    assert [caller.hear()["echo"]["message"] for _ in texts] == texts
    assert caller.hear() == {"flush": {}}
    caller.close()


def test_four_connections_do_not_wait_for_each_other(line: Line) -> None:
    """While one is in the middle of a block, the others are answered."""
    callers = [Caller(line.path) for _ in range(4)]
    callers[0].send(block(line, 2))
    assert callers[0].hear()["finalize_block"]["tx_results"][0]["code"] == 0
    for caller in callers[1:]:
        caller.send({"info": {}}, {"flush": {}})
        assert caller.hear()["info"]["last_block_height"] == 1
    callers[0].send({"commit": {}})
    assert "commit" in callers[0].hear()
    callers[1].send({"flush": {}}, {"info": {}})
    callers[1].hear()
    callers[1].hear()
    assert callers[1].hear()["info"]["last_block_height"] == 2
    for caller in callers:
        caller.close()


def test_a_broken_connection_takes_its_block_with_it(line: Line) -> None:
    """The node comes back and begins the block again."""
    first = Caller(line.path)
    first.send(block(line, 2))
    first.hear()
    first.close()
    second = Caller(line.path)
    second.send(block(line, 2), {"commit": {}}, {"info": {}})
    assert "finalize_block" in second.hear()
    second.hear()
    assert second.hear()["info"]["last_block_height"] == 2
    second.close()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(b""), "expected one question"),
        (frame(b"\x0b"), "kind 0, 1, 2 or 5"),
        (b"\xff" * 11, "64 bits"),
        (frame(encode(REQUEST, {"commit": {}})), "to be decided"),
    ],
)
def test_an_error_is_told_and_stops_the_application(line: Line, data: bytes, words: str) -> None:
    """Better no node than one that guesses."""
    caller = Caller(line.path)
    caller.send_bytes(data)
    assert words in caller.hear()["exception"]["error"]
    assert line.stopped.wait(SECONDS_MAX)
    assert isinstance(line.errors[0], FaultError)
    caller.close()


def test_a_path_that_is_too_long_is_said(line: Line) -> None:
    """The system's limit is about a hundred characters."""
    long = line.path.parent / ("x" * 120)
    with pytest.raises(SocketError, match="about 100 characters"):
        Server(long, line.chain.application, line.errors.append)
