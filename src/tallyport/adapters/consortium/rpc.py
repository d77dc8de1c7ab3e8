"""Questions to a CometBFT node (节点接口): JSON-RPC over HTTP, many in one request.

A connection is kept between questions. A node that is down, slow or wrong is a fault with its
address; that it has no room for a transaction is an answer.
"""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from tallyport.kernel.guard import FaultError


class RpcError(FaultError):
    """The node did not answer, or not as a node answers."""


class Rpc:
    """One node. Safe for several threads; they take turns."""

    def __init__(self, host: str, port: int, timeout_seconds: int = 20) -> None:
        self._host, self._port, self._timeout_seconds = host, port, timeout_seconds
        self._connection: http.client.HTTPConnection | None = None
        self._turn = threading.Lock()

    def ask(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON.
        """Return the result of one question.

        Raises:
            RpcError: the node is down, or says that it cannot.
        """
        answer = self._post(_question(method, parameters))
        if not isinstance(answer, dict) or "result" not in answer:
            error = answer.get("error") if isinstance(answer, dict) else answer
            raise RpcError(f"{self}: {method}: {error!r}")
        return answer["result"]

    def query(self, path: str, data: bytes = b"") -> bytes:
        """Return what the application answers.

        Raises:
            RpcError: the node is down, or the application says that it cannot.
        """
        found = self.ask("abci_query", path=path, data=data.hex())["response"]
        if found.get("code"):
            raise RpcError(f"{self}: {path}: {found.get('log')}")
        return base64.b64decode(found.get("value") or "")

    def broadcast(self, transactions: Sequence[bytes]) -> list[str]:
        """Hand transactions to the node, in order; return why it did not take each, or nothing.

        The node does not wait for its application: an answer for each would be a round trip to it,
        one after the other.

        Raises:
            RpcError: the node is down; some of them may have arrived.
        """
        questions = [
            _question("broadcast_tx_async", {"tx": base64.b64encode(one).decode()}, number)
            for number, one in enumerate(transactions)
        ]
        answers = self._post(questions)
        if isinstance(answers, dict):
            answers = [answers]  # A batch of one is answered alone.
        if not isinstance(answers, list) or len(answers) != len(transactions):
            raise RpcError(f"{self}: expected {len(transactions)} answers, got {answers!r:.200}")
        errors = {one.get("id"): one.get("error") for one in answers}
        return [
            f"{error.get('message')}: {error.get('data')}" if error else ""
            for error in (errors.get(number) for number in range(len(transactions)))
        ]

    def close(self) -> None:
        """Hang up."""
        with self._turn:
            self._hang_up()

    def _post(self, body: object) -> Any:  # noqa: ANN401 - JSON.
        data = json.dumps(body).encode()
        with self._turn:
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection(
                        self._host, self._port, timeout=self._timeout_seconds
                    )
                self._connection.request("POST", "/", data, {"Content-Type": "application/json"})
                return json.loads(self._connection.getresponse().read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._hang_up()
                raise RpcError(f"{self}: no answer: {error}; is the node up?") from error

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __str__(self) -> str:
        return f"node at {self._host}:{self._port}"


def _question(method: str, parameters: Mapping[str, object], number: int = 0) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
