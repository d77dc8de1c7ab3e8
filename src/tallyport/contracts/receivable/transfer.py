"""Transfer a certificate (凭证转让): the holder offers it in payment; it moves when it is accepted.

Until then it is still the giver's, who can do nothing with it but take the offer back. A part is
passed on by a `split` and a transfer linked to it in the same entry.

RCV-TRANSFER-1  giver  only its holder offers a certificate, and to somebody else
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.members.model import active
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable.model import Certificate, Stage, acting
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a transfer is refused, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OPEN = "certificate_must_be_open"
    NOT_HOLDER = "actor_must_be_holder"
    DUE = "certificate_must_not_be_due"
    NO_TAKER = "taker_must_be_another_active_member"
    PLEDGED = "certificate_must_not_be_pledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Command: offer the certificate to `taker`."""

    certificate_id: CertificateId
    taker: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOffered:
    """Event: `giver` offers the certificate to `taker`."""

    certificate_id: CertificateId
    giver: MemberId
    taker: MemberId


def decide(book: Book, command: Transfer, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    require(certificate.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(certificate.holder == context.actor, Refusal.NOT_HOLDER)
    require(context.today < certificate.terms.due, Refusal.DUE)
    is_taker = command.taker != context.actor and active(book, command.taker) is not None
    require(is_taker, Refusal.NO_TAKER)
    require(is_free(book, certificate.asset), Refusal.PLEDGED)

    # From here on it succeeds.
    offered = CertificateOffered(
        certificate_id=certificate.id, giver=context.actor, taker=command.taker
    )
    return (offered,)


def evolve(book: Book, event: CertificateOffered) -> Changes:
    """Return the certificate, offered."""
    certificate = acting(book, event.certificate_id, Stage.OPEN)
    invariant(certificate.holder == event.giver != event.taker, "RCV-TRANSFER-1")
    return (changed(certificate, stage=Stage.OFFERED, offered_to=event.taker),)
