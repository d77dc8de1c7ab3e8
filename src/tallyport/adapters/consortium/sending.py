"""From the outbox to the node (发送): kept, handed over in bundles, and again when it is late."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator, Sequence

from tallyport.adapters.consortium.outbox import Outbox
from tallyport.adapters.consortium.pending import Pending, Waiting
from tallyport.adapters.consortium.rpc import Rpc, RpcError
from tallyport.adapters.consortium.transaction import PARTS_MAX, bundled

SEND_MAX = 1_000  # Envelopes in one question to the node.
BUNDLE_BYTES_MAX = 1 << 18  # A sixteenth of a block, so that blocks fill well.
_TAKE_SECONDS = 0.1
_PACE_SECONDS = 0.05  # Between two bundles; a block takes several times that, and a node half a
# millisecond for each transaction that it checks, passes on and is given back by its peers.
_AGAIN_SECONDS = 4.0  # A block takes a tenth of that; then the envelope is sent again.
_PAUSE_SECONDS = 0.2  # For a node that is down or full.


class Sender:
    """What one thread does: `round` after `round`."""

    def __init__(self, outbox: Outbox, node: Rpc, waiting: Waiting) -> None:
        self._outbox, self._node, self._waiting = outbox, node, waiting
        self._new: queue.Queue[Pending] = queue.Queue()
        self._handed_at = 0.0

    def left_over(self) -> list[tuple[int, bytes]]:
        """Return what was on its way when we last stopped."""
        return self._outbox.waiting()

    def put(self, pending: Pending) -> None:
        """Send this in the next round."""
        self._new.put(pending)

    def round(self) -> None:
        """Keep and send what came in; send again what is late; forget what was answered.

        Raises:
            OutboxError: nothing can be kept any longer.
        """
        fresh = self._take()
        if fresh:
            numbers = self._outbox.change((one.data for one in fresh), self._waiting.over())
            for pending, number in zip(fresh, numbers, strict=True):
                self._waiting.is_kept(pending, number)
        late = self._waiting.late(time.monotonic(), _AGAIN_SECONDS, SEND_MAX)
        for batch in (fresh, late):
            if batch:
                self._hand_over(batch)
        if not fresh and (over := self._waiting.over()):
            self._outbox.change((), over)

    def close(self) -> None:
        """Let go; what is on its way stays in the outbox."""
        self._node.close()
        self._outbox.close()

    def _take(self) -> list[Pending]:
        """Return what came in; wait a little when nothing did, or for what goes with it."""
        batch: list[Pending] = []
        try:
            batch.append(self._new.get(timeout=_TAKE_SECONDS))
            time.sleep(max(0.0, self._handed_at + _PACE_SECONDS - time.monotonic()))
            while len(batch) < SEND_MAX:
                batch.append(self._new.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _hand_over(self, batch: Sequence[Pending]) -> None:
        self._handed_at = time.monotonic()
        for pending in batch:
            pending.sent_at = self._handed_at
        try:
            errors = self._node.broadcast(list(bundles(pending.data for pending in batch)))
        except RpcError:
            time.sleep(_PAUSE_SECONDS)  # The supervisor starts it, and we send again.
            return
        if any("mempool is full" in error for error in errors):
            time.sleep(_PAUSE_SECONDS)  # What it did not take is sent again when its turn comes.
            return
        for pending in batch:
            pending.times += 1


def bundles(transactions: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the transactions in bundles, in order."""
    held, size = list[bytes](), 0
    for one in transactions:
        if held and (size + len(one) > BUNDLE_BYTES_MAX or len(held) == PARTS_MAX):
            yield bundled(held)
            held, size = [], 0
        held.append(one)
        size += len(one)
    if held:
        yield bundled(held)
