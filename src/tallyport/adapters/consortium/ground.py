"""What a node remembers of the chain besides its entries (链上位置), in the same store.

    block               height, application hash and whose time it is, as of the last commit
    away/<sha-256>      the height and the reason of a transaction that left no entry
    snapshot/<height>   how many entries the ledger had then

All of it is written with the entries of a block, in one transaction of the store: there is no
moment at which the one is on disk and the other is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import lmdb

from tallyport.adapters.embedded.store import Database, StoreError
from tallyport.kernel.canonical import decode, encode
from tallyport.ledger.merkle import EMPTY_HEAD

AWAY_BLOCKS_MAX = 1_000  # Blocks that turned something away; a gateway asks after a second or two.
SNAPSHOTS_MAX = 3  # A joiner takes the newest; one that is just loading keeps the one before.
_BLOCK, _AWAY, _AWAY_AT, _SNAPSHOT = b"block", b"away/", b"away-at/", b"snapshot/"
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the chain stands on this node."""

    height: int = 0
    app_hash: bytes = EMPTY_HEAD
    is_trial: bool = False  # Entries follow the story's time, not that of blocks.


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A transaction that was ordered but left no entry."""

    height: int
    reason: str


def read(database: Database, transaction: lmdb.Transaction) -> Ground:
    """Return where the chain stands."""
    data = transaction.get(_BLOCK, db=database.meta)
    return Ground() if data is None else _ground(bytes(data))


@lru_cache(maxsize=4)  # Asked thousands of times between two blocks.
def _ground(data: bytes) -> Ground:
    value = decode(data)
    match value:
        case {"app_hash": str(app_hash), "height": int(height), "is_trial": bool(is_trial)}:
            return Ground(height=height, app_hash=bytes.fromhex(app_hash), is_trial=is_trial)
        case _:
            message = f"expected height and hash of the last block, got {value!r}; start afresh"
            raise StoreError(message)


def write(database: Database, transaction: lmdb.Transaction, ground: Ground) -> None:
    """Remember where the chain stands."""
    value = encode(
        {
            "app_hash": ground.app_hash.hex(),
            "height": ground.height,
            "is_trial": ground.is_trial,
        }
    )
    transaction.put(_BLOCK, value, db=database.meta)


def turn_away(
    database: Database,
    transaction: lmdb.Transaction,
    height: int,
    away: Iterable[tuple[bytes, str]],
) -> None:
    """Remember why transactions of block `height` left no entry; forget those of old blocks."""
    hashes = bytearray()
    for data, reason in away:
        name = hashlib.sha256(data).digest()
        hashes += name
        transaction.put(_AWAY + name, f"{height} {reason}".encode(), db=database.meta)
    if not hashes:
        return
    transaction.put(_AWAY_AT + _number(height), bytes(hashes), db=database.meta)
    heights = list(_heights(database, transaction, _AWAY_AT))
    for old in heights[:-AWAY_BLOCKS_MAX]:
        names = bytes(transaction.pop(_AWAY_AT + _number(old), db=database.meta) or b"")
        for at in range(0, len(names), _HASH_BYTES):
            _forget(database, transaction, _AWAY + names[at : at + _HASH_BYTES], old)


def away(database: Database, transaction: lmdb.Transaction, data: bytes) -> Away | None:
    """Return how a transaction was turned away, or None when it was not, or long ago."""
    found = transaction.get(_AWAY + hashlib.sha256(data).digest(), db=database.meta)
    if found is None:
        return None
    height, _, reason = bytes(found).decode().partition(" ")
    return Away(height=int(height), reason=reason)


def away_at(database: Database, transaction: lmdb.Transaction, height: int) -> list[bytes]:
    """Return the SHA-256 of the transactions of a block that left no entry."""
    names = bytes(transaction.get(_AWAY_AT + _number(height), db=database.meta) or b"")
    return [names[at : at + _HASH_BYTES] for at in range(0, len(names), _HASH_BYTES)]


def put_snapshot(database: Database, transaction: lmdb.Transaction, height: int, size: int) -> None:
    """Offer the ledger's first `size` entries to joiners, as of `height`; keep the last few."""
    transaction.put(_SNAPSHOT + _number(height), _number(size), db=database.meta)
    for old in list(_heights(database, transaction, _SNAPSHOT))[:-SNAPSHOTS_MAX]:
        transaction.delete(_SNAPSHOT + _number(old), db=database.meta)


def snapshots(database: Database, transaction: lmdb.Transaction) -> list[tuple[int, int]]:
    """Return (height, size) of what is offered, oldest first."""
    return [
        (
            height,
            int.from_bytes(
                bytes(transaction.get(_SNAPSHOT + _number(height), db=database.meta) or b"")
            ),
        )
        for height in _heights(database, transaction, _SNAPSHOT)
    ]


def _forget(database: Database, transaction: lmdb.Transaction, key: bytes, height: int) -> None:
    """Drop a reason, unless the same transaction was turned away again later."""
    found = transaction.get(key, db=database.meta)
    if found is not None and bytes(found).startswith(f"{height} ".encode()):
        transaction.delete(key, db=database.meta)


def _heights(database: Database, transaction: lmdb.Transaction, prefix: bytes) -> Iterator[int]:
    with transaction.cursor(db=database.meta) as cursor:
        found = cursor.set_range(prefix)
        while found and bytes(cursor.key()).startswith(prefix):
            yield int.from_bytes(bytes(cursor.key())[len(prefix) :])
            found = cursor.next()


def _number(value: int) -> bytes:
    return value.to_bytes(8)
