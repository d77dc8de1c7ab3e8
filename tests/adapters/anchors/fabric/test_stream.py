"""Many tasks write to one stream, one at a time and each message whole."""

from __future__ import annotations

import asyncio

import pytest

from tallyport.adapters.anchors.fabric.stream import OneAtATime


class Delicate:
    """A stream of gRPC as it is: a second write beside the first one breaks it."""

    def __init__(self) -> None:
        self.is_busy, self.written = False, list[object]()

    async def write(self, message: object) -> None:
        """Send a message, and give way twice."""
        if self.is_busy:
            raise RuntimeError("broken")
        self.is_busy = True
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.is_busy = False
        if message == "bad":
            raise ValueError("cannot be sent")
        self.written.append(message)


async def together(stream: Delicate | OneAtATime, *messages: object) -> list[object]:
    """Write them all at once, from a task each."""
    return await asyncio.gather(*(stream.write(one) for one in messages), return_exceptions=True)


def test_writes_wait_for_each_other() -> None:
    """None is lost; without the turn all but one are."""
    bare, wrapped = Delicate(), Delicate()
    asyncio.run(together(bare, *range(10)))
    assert len(bare.written) == 1
    assert asyncio.run(together(OneAtATime(wrapped), *range(10))) == [None] * 10
    assert wrapped.written == list(range(10))


def test_one_that_fails_fails_alone() -> None:
    """The turn goes on to the next."""
    stream = Delicate()
    told = asyncio.run(together(OneAtATime(stream), 1, "bad", 2))
    assert stream.written == [1, 2]
    with pytest.raises(ValueError, match="cannot be sent"):
        raise told[1]  # type: ignore[misc]
