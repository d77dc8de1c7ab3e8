"""May an envelope wait for a block (准入)? The same question at the gateway and at every node.

It is asked of the ledger as it is now; the block asks again, and its answer is the one that counts.
The time of an envelope is judged only there.
"""

from __future__ import annotations

from tallyport.adapters.consortium.reading import Reading
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import MemberId
from tallyport.ledger.envelope import Envelope
from tallyport.ledger.machine import Done, Machine, Rejected, Rejection


def check(
    machine: Machine, reading: Reading, book: Book, envelope: Envelope
) -> tuple[MemberId, Done | None]:
    """Return who signed, and what a retry of the same wish led to the first time.

    Raises:
        Rejected: channel, key or signature do not fit, or the key carried another wish.
    """
    if envelope.body.channel != machine.channel:
        raise Rejected(Rejection.WRONG_CHANNEL)
    signer = machine.signer(book, envelope)
    if signer is None:
        raise Rejected(Rejection.UNKNOWN_KEY)
    if not reading.verify(signer.suite, signer.public, envelope.signed, envelope.signature):
        raise Rejected(Rejection.BAD_SIGNATURE)
    done = book.get(Done, f"{signer.member}|{envelope.body.idempotency_key}")
    if done is not None and done.content != envelope.content:
        raise Rejected(Rejection.KEY_REUSED)
    return signer.member, done
