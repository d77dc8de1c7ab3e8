"""A witness cosigns what extends what it has seen, and nothing else.

Goal: one history, never backwards, whoever asks in whatever order. Method: two histories of one
log that part at entry 5 are offered to a witness; each answer of the source's list is provoked;
forgeries of what it remembers.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tallyport.adapters.ed25519 import Signing, verify
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import InvariantError
from tallyport.ledger.merkle import Frontier, consistency_proof, leaf_hash
from tallyport.ledger.note import Checkpoint, Note, Signature, VerifierKey
from tallyport.ledger.witnessing import DeclinedError, Request, Verdict, judge, keep

LOG, OTHER = (Signing(hashlib.sha256(name).digest()) for name in (b"log", b"other"))
KEY = VerifierKey("tallyport/main", LOG.public)
SIZE = 12


class History:
    """A log of `SIZE` entries; two with one word are equal, others part at entry 5."""

    def __init__(self, word: str) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.heads = [Frontier().head]
        tree = Frontier()
        for number in range(SIZE):
            data = f"{word if number >= 5 else ''}{number}".encode()
            tree, closed = tree.append(leaf_hash(data))
            self.nodes |= {(level, index): head for level, index, head in closed}
            self.heads.append(tree.head)

    def ask(self, old: int, new: int, signing: Signing = LOG, origin: str = KEY.name) -> Request:
        """Return the request to cosign `new` after `old`."""
        proof = () if old in (0, new) else consistency_proof(old, new, self._node)
        checkpoint = Checkpoint(origin, new, self.heads[new])
        line = Signature(origin, KEY.hash, signing.sign(checkpoint.text.encode()))
        note = Note(checkpoint.text, (line,))
        return Request(old=old, proof=proof, note=note, checkpoint=checkpoint)

    def seen(self, size: int) -> Checkpoint:
        """Return what a witness remembers after `size`."""
        return Checkpoint(KEY.name, size, self.heads[size])

    def _node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


TRUE, FALSE = History("true"), History("false")


@pytest.mark.parametrize("old", range(SIZE + 1))
@pytest.mark.parametrize("new", range(1, SIZE + 1))
def test_it_follows_one_history(old: int, new: int) -> None:
    """Forward only, however far; there and back through the text of the request."""
    if old > new:
        return
    seen = TRUE.seen(old) if old else None
    request = Request.parse(str(TRUE.ask(old, new)).encode())
    assert request == TRUE.ask(old, new)
    assert keep(seen, judge(request, [KEY], seen, verify)) == TRUE.seen(new)


def declined(request: Request, seen: Checkpoint | None) -> DeclinedError:
    """Return why a request is not met."""
    with pytest.raises(DeclinedError) as error:
        judge(request, [KEY], seen, verify)
    return error.value


def test_every_answer_of_the_source() -> None:
    """In the order of the checks."""
    seen = TRUE.seen(6)
    unknown = declined(TRUE.ask(6, 8, origin="tallyport/other"), seen)
    assert unknown.verdict is Verdict.UNKNOWN_LOG
    assert declined(TRUE.ask(6, 8, OTHER), seen).verdict is Verdict.NOT_SIGNED
    assert declined(replace(TRUE.ask(6, 8), old=9), seen).verdict is Verdict.MALFORMED
    late = declined(TRUE.ask(5, 8), seen)
    assert (late.verdict, late.seen) == (Verdict.CONFLICT, 6)
    fork = declined(FALSE.ask(6, 6), seen)
    assert (fork.verdict, "forked" in str(fork)) == (Verdict.CONFLICT, True)
    assert declined(FALSE.ask(6, 9), seen).verdict is Verdict.INCONSISTENT
    first = declined(replace(TRUE.ask(0, 8), proof=(bytes(32),)), None)
    assert first.verdict is Verdict.INCONSISTENT
    assert judge(TRUE.ask(0, 0), [KEY], None, verify).size == 0
    nothing = History("x")
    nothing.heads[0] = bytes(32)
    assert declined(nothing.ask(0, 0), None).verdict is Verdict.INCONSISTENT


def test_of_two_histories_it_cosigns_one() -> None:
    """Whichever came first; where they are still one, either may go on."""
    for new in range(6, SIZE + 1):
        assert declined(FALSE.ask(6, new), TRUE.seen(6)).verdict in (409, 422)
        assert judge(FALSE.ask(5, new), [KEY], TRUE.seen(5), verify) == FALSE.seen(new)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 1\n",
        b"old 01\n\n" + str(TRUE.ask(0, 3).note).encode(),
        b"old -1\n\n" + str(TRUE.ask(0, 3).note).encode(),
        b"new 1\n\n" + str(TRUE.ask(0, 3).note).encode(),
        b"old 1\nAAAA\n\n" + str(TRUE.ask(0, 3).note).encode(),
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + str(TRUE.ask(0, 3).note).encode(),
        b"old 1\n\nno checkpoint\n",
        b"old 1\n\n\xff\xfe\n",
        b"old 0\n\n" + b"x" * (1 << 17),
    ],
)
def test_what_is_no_request(body: bytes) -> None:
    """Bounded before anything of it is used."""
    with pytest.raises(MalformedError):
        Request.parse(body)


@pytest.mark.parametrize(
    ("label", "new"),
    [
        ("WIT-1", TRUE.seen(5)),
        ("WIT-1", Checkpoint("tallyport/other", 8, bytes(32))),
        ("WIT-2", FALSE.seen(6)),
    ],
)
def test_nothing_is_ever_remembered_that_leads_back(label: str, new: Checkpoint) -> None:
    """Should judging be wrong, remembering stops the witness before it signs."""
    with pytest.raises(InvariantError, match=label):
        keep(TRUE.seen(6), new)
