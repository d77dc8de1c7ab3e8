"""The chaincode as a service (链码服务): peers connect to it, and it asks them for the state.

    CHAINCODE_ID                   what the peer calls the installed package
    CHAINCODE_SERVER_ADDRESS       where to listen, host:port
    CHAINCODE_TLS_CERT, _TLS_KEY   both: TLS, as `connection.json` of the package says
    CHAINCODE_CLIENT_CA            with them: only peers whose certificates it signed

Runs in an environment of its own, whose pins of protobuf nothing else should follow
(`requirements-fabric.txt`): `python -m tallyport.adapters.anchors.fabric.chaincode`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from fabric_chaincode_python.fabric_shim.interfaces import Chaincode  # type: ignore[import-not-found]
from fabric_chaincode_python.fabric_shim.response import error, success  # type: ignore[import-not-found]
from fabric_chaincode_python.fabric_shim.server import ChaincodeService  # type: ignore[import-not-found]
from fabric_protos.peer.chaincode_shim_pb2_grpc import add_ChaincodeServicer_to_server  # type: ignore[import-not-found]

from tallyport.adapters.anchors.fabric.checkpoints import answer
from tallyport.adapters.anchors.fabric.identity import holder
from tallyport.adapters.anchors.fabric.stream import OneAtATime
from tallyport.kernel.guard import Refused

log = logging.getLogger("tallyport.chaincode")


class Checkpoints(Chaincode):  # type: ignore[misc]
    """Keeps checkpoints of logs; the rules are in `checkpoints`."""

    async def init(self, stub: Any) -> Any:  # noqa: ANN401, ARG002 - The package's types.
        """Need nothing."""
        return success(b"")

    async def invoke(self, stub: Any) -> Any:  # noqa: ANN401 - The package's types.
        """Answer one call."""
        try:
            function, words = stub.get_function_and_parameters()
            creator = stub.get_creator()
            writer = holder(creator["mspid"], creator["idBytes"])
            return success(await answer(stub, writer, function, words))
        except Refused as refused:
            return error(str(refused.reason))
        except ValueError as wrong:
            return error(f"cannot read: {wrong}"[:200])


class Service(ChaincodeService):  # type: ignore[misc]
    """The package's service, on a stream that takes one write at a time."""

    async def Connect(self, request_iterator: Any, context: Any) -> None:  # noqa: ANN401, N802 - The package's name and types.
        """Talk to one peer until it goes."""
        await super().Connect(request_iterator, OneAtATime(context))


def credentials(settings: Mapping[str, str]) -> Any:  # noqa: ANN401 - A library without types.
    """Return what to listen with: TLS if the settings name a certificate, else None."""
    certificate, authority = (
        settings.get(name) for name in ("CHAINCODE_TLS_CERT", "CHAINCODE_CLIENT_CA")
    )
    if not certificate:
        return None
    pair = Path(settings["CHAINCODE_TLS_KEY"]).read_bytes(), Path(certificate).read_bytes()
    root = Path(authority).read_bytes() if authority else None
    return grpc.ssl_server_credentials([pair], root, root is not None)


async def serve(settings: Mapping[str, str]) -> None:
    """Serve until the process ends."""
    server = grpc.aio.server()
    add_ChaincodeServicer_to_server(Service(settings["CHAINCODE_ID"], Checkpoints()), server)
    address, secured = settings["CHAINCODE_SERVER_ADDRESS"], credentials(settings)
    if secured is None:
        server.add_insecure_port(address)
    else:
        server.add_secure_port(address, secured)
    await server.start()
    log.info("serving %s at %s", settings["CHAINCODE_ID"], address)
    await server.wait_for_termination()


def main() -> None:
    """Serve as the environment says."""
    needed = ("CHAINCODE_ID", "CHAINCODE_SERVER_ADDRESS")
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        sys.exit(f"tallyport: expected {' and '.join(missing)} in the environment")
    # The package makes the root logger talk, and logs every message with its payload as "asyncio".
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    asyncio.run(serve(os.environ))


if __name__ == "__main__":
    main()
