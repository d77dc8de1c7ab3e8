"""Checkpoints with several signatures (检查点联署): every institution vouches for the same head.

A node signs the checkpoint of a size with the key of its own log; whoever has collected several
such lines puts them under one text. All keys bear the origin as their name: it is one log, kept by
several institutions, told apart by the hash of the key.

    tallyport/main
    20
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — tallyport/main Az3grlgtzPIC...      the operator's node
    — tallyport/main Cj2mTjYA9e1x...      the bank's node

Sources: C2SP signed-note, C2SP tlog-checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.embedded.store import Database
from tallyport.adapters.suites import verify as verify_signature
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.merkle import frontier
from tallyport.ledger.note import (
    Checkpoint,
    Note,
    Signature,
    VerifierKey,
    origin_of,
    parse_note,
)
from tallyport.ledger.receipt import check_checkpoint


class Cosigner:
    """Signs what is on this node's disk, and nothing else."""

    def __init__(self, database: Database, channel: str, key: Signing) -> None:
        self._database, self._key = database, key
        self._origin = origin_of(channel)
        self.verifier_key = VerifierKey(self._origin, key.public)

    @property
    def size(self) -> int:
        """Number of entries on disk."""
        with self._database.reading() as transaction:
            last = self._database.last(transaction)
        return last.sequence if last else 0

    def now(self) -> str:
        """Return the signed checkpoint over everything that is on disk."""
        return self.at(self.size)

    def at(self, size: int) -> str:
        """Return the signed checkpoint over the first `size` entries.

        Raises:
            KeyError: there are not so many.
        """
        with self._database.reading() as transaction:
            last = self._database.last(transaction)
            if not 0 <= size <= (last.sequence if last else 0):
                raise KeyError(size)
            head = frontier(size, self._database.node(transaction)).head
        text = Checkpoint(self._origin, size, head).text
        line = Signature(self._origin, self.verifier_key.hash, self._key.sign(text.encode()))
        return str(Note(text, (line,)))


def gather(notes: Iterable[str]) -> str:
    """Return one note with the signatures of all that say the same as the first.

    A note that says something else is left out: whoever checks a quorum will miss its line.
    """
    text, lines = "", dict[tuple[str, bytes], Signature]()
    for note in notes:
        try:
            parsed = parse_note(note)
        except MalformedError:
            continue
        text = text or parsed.text
        if parsed.text == text:
            lines.update({(one.name, one.key_hash): one for one in parsed.signatures})
    return str(Note(text, tuple(lines[key] for key in sorted(lines))))


def check_quorum(note: str, keys: Sequence[VerifierKey], quorum: int) -> Checkpoint:
    """Return the checkpoint that at least `quorum` of `keys` have signed.

    Raises:
        UnprovenError: too few have.
        MalformedError: the note is no checkpoint.
    """
    return check_checkpoint(note, keys, verify_signature, quorum)


def enough(note: str, keys: Sequence[VerifierKey], quorum: int) -> str:
    """Return the note with `quorum` valid signatures of `keys`: a receipt is to stay small.

    Raises:
        UnprovenError: too few have signed.
        MalformedError: the note is no checkpoint.
    """
    check_quorum(note, keys, quorum)
    parsed = parse_note(note)
    valid = {(key.name, key.hash) for key in keys if parsed.is_signed_by(key, verify_signature)}
    lines = [one for one in parsed.signatures if (one.name, one.key_hash) in valid]
    return str(Note(parsed.text, tuple(lines[:quorum])))
