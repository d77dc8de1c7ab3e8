"""Maturity (到期): at the start of the due date, in China, an issue settles itself (到期自动清分).

    accepted, money there    every last holder is paid, the limit comes back
    accepted, money missing  the payment is missed; it can be settled later, but it is on record,
                             and the debtor issues nothing more (CN-SCF-6)
    never accepted           cancelled; the limit comes back

Who was offered a certificate and did not accept it in time gets nothing: it is still the giver's.

RCV-MATURE-1  once  an issue that has not matured matures, and a miss is counted once
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.contracts.receivable.cancel import Cause, cancelled
from tallyport.contracts.receivable.model import Certificate, DebtorRecord, Root, Stage
from tallyport.contracts.receivable.settle import is_covered, payout
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import InvariantError
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed

MATURE = "receivable.mature"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMissed:
    """Event: on the due date the debtor could not pay what it owed."""

    root_id: CertificateId
    debtor: MemberId
    owed: Money


def mature(book: Book, timer: Timer, _context: Context) -> Events:
    """Pay, cancel, or note that nothing was paid; nothing, if the issue has ended before."""
    root = book.get(Root, timer.subject)
    first = book.get(Certificate, timer.subject)
    if root is None or first is None or root.leaves == 0:
        return ()
    if first.stage is Stage.ISSUED:
        return cancelled(book, first, Cause.NEVER_ACCEPTED)
    if is_covered(book, root):
        return payout(book, root)
    return (PaymentMissed(root_id=root.id, debtor=root.debtor, owed=root.outstanding),)


def evolve(book: Book, event: PaymentMissed) -> Changes:
    """Return the issue, missed, and the debtor's record."""
    root = book.get(Root, event.root_id)
    if (
        root is None
        or root.is_matured
        or (root.debtor, root.outstanding)
        != (
            event.debtor,
            event.owed,
        )
    ):
        raise InvariantError("RCV-MATURE-1")
    record = book.get(DebtorRecord, event.debtor)
    misses = 1 if record is None else record.misses + 1
    missed = changed(root, is_matured=True, is_missed=True)
    return (missed, DebtorRecord(debtor=event.debtor, misses=misses))
