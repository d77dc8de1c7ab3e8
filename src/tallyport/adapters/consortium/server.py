"""The socket that a node talks to (ABCI 套接字): frames in, answers out, strictly in order.

A node opens four connections (consensus, mempool, query, snapshots). Each has a thread of its own,
so that a flood on one leaves the others their turn; what is answered is collected and sent when
nothing more waits, or when the node asks for it (`flush`).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tallyport.adapters.consortium.schema import REQUEST, RESPONSE
from tallyport.adapters.consortium.wire import (
    Message,
    WireError,
    decode,
    encode,
    frame,
    take_frame,
)
from tallyport.kernel.guard import FaultError

_READ_BYTES = 1 << 18


class Answering(Protocol):
    """An application, as the socket sees it."""

    def answer(self, question: str, message: Message) -> Message:
        """Return the answer to one request."""
        ...

    def hang_up(self) -> None:
        """Take note that this thread's connection ended."""
        ...


class SocketError(FaultError):
    """The socket cannot be had. Says which and what to do."""


class Server:
    """Listens on a Unix socket until it is closed."""

    def __init__(
        self, path: Path, application: Answering, stop: Callable[[BaseException], None]
    ) -> None:
        self._application, self._stop = application, stop
        self._path = path
        path.unlink(missing_ok=True)  # What a killed process left behind.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(str(path))
        except OSError as error:
            self._socket.close()
            message = f"cannot listen on {path}: {error}; a path may have about 100 characters"
            raise SocketError(message) from error
        path.chmod(0o600)
        self._socket.listen()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="abci", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._path.unlink(missing_ok=True)
        for one in (self._socket, *self._open):
            with suppress(OSError):  # It was closed by the other side.
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # Closed.
            self._open.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name="abci-connection", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        buffer = bytearray()
        try:
            while data := connection.recv(_READ_BYTES):
                buffer += data
                answers = bytearray()
                while (request := take_frame(buffer)) is not None:
                    answers += frame(self._answer(request))
                connection.sendall(answers)
        except OSError:
            pass  # The node went away; it will be back.
        except BaseException as error:  # noqa: BLE001 - The edge of this thread: stop, tell all.
            self._complain(connection, error)
            self._stop(error)
        finally:
            self._application.hang_up()
            self._open.discard(connection)
            connection.close()

    def _answer(self, request: bytes) -> bytes:
        asked = {name: one for name, one in decode(REQUEST, request).items() if one is not None}
        if len(asked) != 1:
            raise WireError(f"expected one question of ABCI 2.0, got {sorted(asked)}")
        ((question, message),) = asked.items()
        return encode(RESPONSE, {question: self._application.answer(question, message)})

    @staticmethod
    def _complain(connection: socket.socket, error: BaseException) -> None:
        """Tell the node why nothing more will come: it halts instead of guessing."""
        text = f"{type(error).__name__}: {error}"
        with suppress(OSError):  # It is gone already.
            connection.sendall(frame(encode(RESPONSE, {"exception": {"error": text}})))
