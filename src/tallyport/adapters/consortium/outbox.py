"""Envelopes on their way (发件箱): on disk until their block is, so that no restart loses a wish.

A node's mempool forgets when it stops. What was handed to a gateway is kept here first, and sent
again until it is committed or can never be.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import lmdb

from tallyport.adapters.embedded.lock import Lock
from tallyport.kernel.guard import FaultError

OUTBOX_BYTES_MAX = 1 << 33  # Address space: 10,000 envelopes of 1 MiB at the worst.


class OutboxError(FaultError):
    """The outbox cannot be read or written."""


class Outbox:
    """Transactions under rising numbers. For one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(folder / "sender.lock")  # Two senders would give one number twice.
        try:
            self._env = lmdb.open(str(folder), map_size=OUTBOX_BYTES_MAX)
            with self._env.begin() as transaction, transaction.cursor() as cursor:
                last = bytes(cursor.key()) if cursor.last() else b""
        except lmdb.Error as error:
            raise OutboxError(f"cannot open the outbox in {folder}: {error}") from error
        self._next = int.from_bytes(last) + 1

    def waiting(self) -> list[tuple[int, bytes]]:
        """Return what was not committed yet when we last looked, oldest first."""
        with self._env.begin() as transaction, transaction.cursor() as cursor:
            return [(int.from_bytes(bytes(key)), bytes(data)) for key, data in cursor]

    def change(self, new: Iterable[bytes], done: Iterable[int]) -> list[int]:
        """Keep `new`, forget `done`; return the numbers of the new, which are on disk now.

        Raises:
            OutboxError: the disk is full or broken; nothing has changed.
        """
        numbers = []
        try:
            with self._env.begin(write=True) as transaction:
                for number in done:
                    transaction.delete(number.to_bytes(8))
                for number, data in enumerate(new, self._next):
                    transaction.put(number.to_bytes(8), data, append=True)
                    numbers.append(number)
        except lmdb.Error as error:
            raise OutboxError(f"cannot write the outbox: {error}") from error
        self._next += len(numbers)
        return numbers

    def close(self) -> None:
        """Let go of the file."""
        self._env.close()
        self._lock.close()
