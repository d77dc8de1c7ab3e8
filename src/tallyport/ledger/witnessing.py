"""What a witness does with a checkpoint of another log (见证): compare, remember, then cosign.

    old 20852014                                       the size that the witness saw last
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=       proof of consistency, a hash a line

    example.com/behind-the-sofa                        the new checkpoint, signed by its log
    ...

WIT-1  no way back  what is cosigned is never smaller than what was cosigned before
WIT-2  one history  of two cosigned checkpoints of a log, the larger begins with the smaller

Source: C2SP tlog-witness (add-checkpoint).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, unique

from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import invariant
from tallyport.kernel.keys import Verify
from tallyport.ledger.merkle import EMPTY_HEAD, HASH_BYTES, is_consistent
from tallyport.ledger.note import Checkpoint, Note, VerifierKey, parse_note

REQUEST_BYTES_MAX = 1 << 17  # 63 hashes and 16 post-quantum signatures of 5 kB; signed-note.
PROOF_LINES_MAX = 63  # The source's.
SIZE_DIGITS_MAX = 19  # A log of 2**63 entries.


@unique
class Verdict(IntEnum):
    """How a request is answered, by the status of HTTP."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


class DeclinedError(Exception):
    """The checkpoint is not cosigned. `seen`: the size that the asker should have named."""

    def __init__(self, verdict: Verdict, message: str, seen: int | None = None) -> None:
        super().__init__(message)
        self.verdict, self.seen = verdict, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a log asks."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    def __str__(self) -> str:
        hashes = "".join(f"{base64.b64encode(part).decode()}\n" for part in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @classmethod
    def parse(cls, body: bytes) -> Request:
        """Read a request.

        Raises:
            MalformedError: it is none.
        """
        if len(body) > REQUEST_BYTES_MAX:
            raise MalformedError(f"expected at most {REQUEST_BYTES_MAX} bytes")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise MalformedError("expected UTF-8") from None
        above, blank, below = text.partition("\n\n")
        first, *lines = above.split("\n")
        word, _, size = first.partition(" ")
        is_size = size.isascii() and size.isdigit() and len(size) <= SIZE_DIGITS_MAX
        if not blank or word != "old" or not is_size or str(int(size)) != size:
            raise MalformedError("expected `old SIZE`, hashes, an empty line and a checkpoint")
        if len(lines) > PROOF_LINES_MAX:
            raise MalformedError(f"expected at most {PROOF_LINES_MAX} hashes, got {len(lines)}")
        note = parse_note(below)
        return cls(
            old=int(size),
            proof=tuple(_hash(line) for line in lines),
            note=note,
            checkpoint=Checkpoint.parse(note.text),
        )


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except ValueError:
        value = b""
    if len(value) != HASH_BYTES or base64.b64encode(value).decode() != line:
        raise MalformedError(f"expected a hash in base64, got {line[:60]!r}")
    return value


def judge(
    request: Request, known: Sequence[VerifierKey], seen: Checkpoint | None, verify: Verify
) -> Checkpoint:
    """Return the checkpoint to remember and to cosign; `seen` is the last one of that origin.

    Raises:
        DeclinedError: it is not to be cosigned. Says why.
    """
    new = request.checkpoint
    keys = [key for key in known if key.name == new.origin]
    if not keys:
        raise DeclinedError(Verdict.UNKNOWN_LOG, f"{new.origin[:200]}: not a log that I watch")
    if not any(request.note.is_signed_by(key, verify) for key in keys):
        raise DeclinedError(Verdict.NOT_SIGNED, f"expected a valid signature of {new.origin}")
    if request.old > new.size:
        raise DeclinedError(
            Verdict.MALFORMED, f"expected an old size of at most {new.size}, got {request.old}"
        )
    size = seen.size if seen else 0
    if request.old != size:
        message = f"expected the old size {size}, got {request.old}"
        raise DeclinedError(Verdict.CONFLICT, message, size)
    if seen is not None and new.size == seen.size and new.head != seen.head:
        message = f"two heads over {size} entries: the log has forked; this request is evidence"
        raise DeclinedError(Verdict.CONFLICT, message, size)
    if size == 0:
        if request.proof:
            raise DeclinedError(Verdict.INCONSISTENT, "expected no proof from nothing")
        if new.size == 0 and new.head != EMPTY_HEAD:
            raise DeclinedError(Verdict.INCONSISTENT, "expected the head of nothing")
        return new
    before = seen.head if seen else b""
    if not is_consistent(size, new.size, request.proof, before, new.head):
        raise DeclinedError(
            Verdict.INCONSISTENT, f"the proof does not tie {size} entries to {new.size}"
        )
    return new


def keep(seen: Checkpoint | None, new: Checkpoint) -> Checkpoint:
    """Return `new`, to be written over `seen`; called once more inside the transaction."""
    if seen is not None:
        invariant(new.origin == seen.origin and new.size >= seen.size, "WIT-1")
        invariant(new.size > seen.size or new.head == seen.head, "WIT-2")
    return new
