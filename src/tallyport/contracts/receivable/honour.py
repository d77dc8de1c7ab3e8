"""Honour a guarantee (代偿): the guarantor pays in the debtor's place, and has the claim.

The certificate lives on in the guarantor's hand: the debtor still owes it, its limit stays taken,
and when the debtor settles, the guarantor is paid.

RCV-HONOUR-1  due  only after a missed payment, only by the guarantor
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.post import can_pay, is_possible
from tallyport.contracts.receivable import posting
from tallyport.contracts.receivable.model import Certificate, Stage, root_of, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a guarantee is not honoured, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_GUARANTOR = "actor_must_be_the_guarantor"
    NOT_OPEN = "certificate_must_be_open_or_offered"
    NOT_MISSED = "payment_must_have_been_missed"
    TOO_LITTLE_CASH = "free_cash_must_cover_face"
    TOO_MUCH = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Honour:
    """Command: pay the holder of a certificate that the actor has guaranteed."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateHonoured:
    """Event: `guarantor` paid `holder` and holds the claim from now on."""

    certificate_id: CertificateId
    holder: MemberId
    guarantor: MemberId


def decide(book: Book, command: Honour, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    require(certificate.guarantor == context.actor, Refusal.NOT_GUARANTOR)
    require(certificate.stage in {Stage.OPEN, Stage.OFFERED}, Refusal.NOT_OPEN)
    require(root_of(book, certificate).is_missed, Refusal.NOT_MISSED)
    require(can_pay(book, context.actor, certificate.face), Refusal.TOO_LITTLE_CASH)
    posted = posting.honoured(certificate, context.actor)
    require(is_possible(book, posted), Refusal.TOO_MUCH)

    # From here on it succeeds.
    paid = CertificateHonoured(
        certificate_id=certificate.id, holder=certificate.holder, guarantor=context.actor
    )
    return (paid, posted)


def evolve(book: Book, event: CertificateHonoured) -> Changes:
    """Return the certificate, claimed by its guarantor."""
    certificate = standing(book, event.certificate_id, Stage.OPEN, Stage.OFFERED)
    named = (certificate.holder, certificate.guarantor) == (event.holder, event.guarantor)
    invariant(named and root_of(book, certificate).is_missed, "RCV-HONOUR-1")
    claim = changed(certificate, holder=event.guarantor, stage=Stage.CLAIMED, offered_to=None)
    return (claim,)
