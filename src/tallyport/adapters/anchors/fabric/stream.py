"""One write at a time (串行写入) on a stream that many tasks write to.

The chaincode's package answers every transaction in a task of its own, and all of them write to the
one stream of their peer. gRPC takes one write at a time: a second one beside it breaks the stream,
and with it every transaction that is under way.
"""

from __future__ import annotations

import asyncio
from typing import Protocol


class Stream(Protocol):
    """As much of a stream of gRPC as the package uses."""

    async def write(self, message: object) -> None:
        """Send a message."""
        ...


class OneAtATime:
    """A stream on which a write waits for the one before it."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self._turn = stream, asyncio.Lock()

    async def write(self, message: object) -> None:
        """Send a message."""
        async with self._turn:
            await self._stream.write(message)
