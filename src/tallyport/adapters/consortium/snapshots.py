"""Snapshots (快照): a node that joins late takes the entries from others and makes the rows itself.

The entries are the ledger; rows and tree follow from them. So a snapshot is the entries as of a
height, in chunks of equal cut on every node: chunk after chunk is filled up to `CHUNK_BYTES`, and
an entry never lies across two.

    metadata    {"chunks":["sha-256 of each"],"is_trial":false,"size":n}
    hash        SHA-256 of the metadata

A chunk that does not fit its hash is asked for again from somebody else. At the end every entry
was executed again and gave its own bytes, and the head of the tree is the application hash that
the light client found: the offer itself needs no trust. Until then nothing is stored.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field

import lmdb

from tallyport.adapters.consortium import ground
from tallyport.adapters.consortium.ground import Ground
from tallyport.adapters.consortium.restoring import Restoring, UnfitError
from tallyport.adapters.consortium.wire import Message
from tallyport.adapters.embedded.store import Database
from tallyport.kernel.canonical import MalformedError, decode, encode
from tallyport.ledger.machine import Machine

FORMAT = 1
CHUNK_BYTES = 4 << 20  # A node sends a chunk as one message of at most 16 MiB.
CHUNKS_MAX = 60_000  # 4 MiB of metadata is the most that a node takes; 240 GiB of entries.
_LENGTH_BYTES = 4
_ACCEPT, _ABORT, _REJECT, _REJECT_FORMAT = 1, 2, 3, 4
_RETRY, _REJECT_SNAPSHOT = 3, 5


@dataclass(slots=True)
class Cut:
    """Where the whole chunks of the ledger end, as far as somebody has looked."""

    ends: list[int] = field(default_factory=list)  # Last sequence of each whole chunk.
    hashes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A snapshot as somebody describes it; only the application hash is trusted."""

    height: int
    app_hash: bytes
    is_trial: bool
    size: int
    hashes: tuple[str, ...]


@dataclass(slots=True)
class Joining:
    """A snapshot that is being taken."""

    offer: Offer
    restoring: Restoring
    transaction: lmdb.Transaction
    leaving: ExitStack
    thread: int


class Snapshots:
    """Offers the ledger to joiners, and joins."""

    def __init__(self, database: Database, machine: Machine, channel: str) -> None:
        self._database, self._machine, self._channel = database, machine, channel
        self._cut = Cut()
        self._cutting = threading.Lock()
        self._joining: Joining | None = None
        self._wanted: Offer | None = None

    # Giving.

    def listed(self, _asked: Message) -> Message:
        """Return what is offered."""
        with self._database.reading() as transaction:
            is_trial = ground.read(self._database, transaction).is_trial
            found = [
                self._description(transaction, height, size, is_trial=is_trial)
                for height, size in ground.snapshots(self._database, transaction)
            ]
        return {"snapshots": found}

    def loaded(self, asked: Message) -> Message:
        """Return a chunk, or nothing when it is not offered any longer."""
        number = asked["chunk"]
        with self._database.reading() as transaction:
            sizes = dict(ground.snapshots(self._database, transaction))
            size = sizes.get(asked["height"])
            if size is None or asked["format"] != FORMAT:
                return {}
            ends = self._ends(transaction, size)
            if number >= len(ends):
                return {}
            first = ends[number - 1] + 1 if number else 1
            return {"chunk": self._chunk(transaction, first, ends[number])}

    def _description(
        self, transaction: lmdb.Transaction, height: int, size: int, *, is_trial: bool
    ) -> Message:
        ends = self._ends(transaction, size)
        whole = sum(end <= size for end in self._cut.ends)
        hashes = self._cut.hashes[:whole]
        if whole < len(ends):
            first = ends[-2] + 1 if len(ends) > 1 else 1
            last = self._chunk(transaction, first, size)
            hashes = [*hashes, hashlib.sha256(last).hexdigest()]
        metadata = encode({"chunks": list(hashes), "is_trial": is_trial, "size": size})
        return {
            "height": height,
            "format": FORMAT,
            "chunks": len(ends),
            "hash": hashlib.sha256(metadata).digest(),
            "metadata": metadata,
        }

    def _ends(self, transaction: lmdb.Transaction, size: int) -> list[int]:
        """Return the last sequence of each chunk of the first `size` entries."""
        with self._cutting:
            self._look(transaction, size)
            whole = [end for end in self._cut.ends if end <= size]
        return whole if whole and whole[-1] == size else [*whole, size]

    def _look(self, transaction: lmdb.Transaction, size: int) -> None:
        """Find the whole chunks up to `size`."""
        first = self._cut.ends[-1] + 1 if self._cut.ends else 1
        held, made = 0, hashlib.sha256()
        for sequence in range(first, size + 1):
            piece = self._piece(transaction, sequence)
            if held and held + len(piece) > CHUNK_BYTES:
                self._cut.ends.append(sequence - 1)
                self._cut.hashes.append(made.hexdigest())
                held, made = 0, hashlib.sha256()
            held += len(piece)
            made.update(piece)

    def _chunk(self, transaction: lmdb.Transaction, first: int, last: int) -> bytes:
        return b"".join(self._piece(transaction, one) for one in range(first, last + 1))

    def _piece(self, transaction: lmdb.Transaction, sequence: int) -> bytes:
        data = self._database.entry(transaction, sequence)
        if data is None:
            raise UnfitError(f"the ledger lacks its entry {sequence}; run `tallyport audit`")
        return len(data).to_bytes(_LENGTH_BYTES) + data

    # Taking.

    def offered(self, asked: Message, here: Ground) -> Message:
        """Say whether we want a snapshot that somebody offers."""
        self.drop()
        snapshot = asked["snapshot"]
        if here.height or snapshot is None:
            return {"result": _ABORT}
        if snapshot["format"] != FORMAT:
            return {"result": _REJECT_FORMAT}
        self._wanted = _offer(snapshot, asked["app_hash"])
        return {"result": _REJECT if self._wanted is None else _ACCEPT}

    def applied(self, asked: Message) -> tuple[Message, bool]:
        """Take a chunk; the second answer says whether the ledger is whole and on disk."""
        joining = self._joining or self._begin()
        if joining is None:
            return {"result": _ABORT}, False
        offer, number, chunk = joining.offer, asked["index"], asked["chunk"]
        if number >= len(offer.hashes):
            return {"result": _REJECT_SNAPSHOT}, False
        if hashlib.sha256(chunk).hexdigest() != offer.hashes[number]:
            senders = [asked["sender"]] if asked["sender"] else []
            refused: Message = {
                "result": _RETRY,
                "refetch_chunks": [number],
                "reject_senders": senders,
            }
            return refused, False
        try:
            joining.restoring.take(_pieces(chunk))
            if number + 1 < len(offer.hashes):
                return {"result": _ACCEPT}, False
            joining.restoring.finish(offer.size, offer.app_hash)
        except (UnfitError, MalformedError):
            self.drop()
            return {"result": _REJECT_SNAPSHOT}, False
        self._joining = None
        with joining.leaving:
            after = Ground(height=offer.height, app_hash=offer.app_hash, is_trial=offer.is_trial)
            ground.write(self._database, joining.transaction, after)
        return {"result": _ACCEPT}, True

    def _begin(self) -> Joining | None:
        if self._wanted is None:
            return None
        offer, self._wanted = self._wanted, None
        leaving = ExitStack()
        transaction = leaving.enter_context(self._database.writing())
        restoring = leaving.enter_context(
            Restoring(self._database, self._machine).within(transaction)
        )
        self._joining = Joining(offer, restoring, transaction, leaving, threading.get_ident())
        return self._joining

    def drop(self) -> None:
        """Forget what this thread has taken so far."""
        joining = self._joining
        if joining is None or joining.thread != threading.get_ident():
            return
        self._joining = None
        error = UnfitError("the snapshot was dropped")
        try:
            with joining.leaving:
                raise error
        except UnfitError as raised:
            if raised is not error:
                raise


def _offer(snapshot: Message, app_hash: bytes) -> Offer | None:
    """Return what a snapshot says of itself, or None when it is no snapshot of ours."""
    if hashlib.sha256(snapshot["metadata"]).digest() != snapshot["hash"]:
        return None
    try:
        value = decode(snapshot["metadata"], 4 << 20)
    except MalformedError:
        return None
    if not isinstance(value, dict) or value.keys() != {"chunks", "is_trial", "size"}:
        return None
    size, chunks, is_trial = value["size"], value["chunks"], value["is_trial"]
    if type(size) is not int or size < 1 or not isinstance(chunks, list):
        return None
    if type(is_trial) is not bool or not 0 < len(chunks) == snapshot["chunks"] <= CHUNKS_MAX:
        return None
    return Offer(
        height=snapshot["height"],
        app_hash=app_hash,
        is_trial=is_trial,
        size=size,
        hashes=tuple(str(one) for one in chunks),
    )


def _pieces(chunk: bytes) -> list[bytes]:
    """Return the entries in a chunk.

    Raises:
        UnfitError: it ends inside one.
    """
    found, at = [], 0
    while at < len(chunk):
        length = int.from_bytes(chunk[at : at + _LENGTH_BYTES])
        at += _LENGTH_BYTES
        if at + length > len(chunk):
            raise UnfitError("expected whole entries in a chunk")
        found.append(chunk[at : at + length])
        at += length
    return found
