"""Withdraw an offer (撤回转让): the holder takes it back before it is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.receivable.model import Certificate, Stage, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import CertificateId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why an offer is not withdrawn, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OFFERED = "certificate_must_be_offered"
    NOT_HOLDER = "actor_must_be_holder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Command: take the offer of the certificate back."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithdrawn:
    """Event: the offer no longer stands; the giver keeps the certificate."""

    certificate_id: CertificateId


def decide(book: Book, command: Withdraw, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    require(certificate.stage is Stage.OFFERED, Refusal.NOT_OFFERED)
    require(certificate.holder == context.actor, Refusal.NOT_HOLDER)

    # From here on it succeeds.
    return (OfferWithdrawn(certificate_id=certificate.id),)


def evolve(book: Book, event: OfferWithdrawn) -> Changes:
    """Return the certificate, open in the giver's hand."""
    certificate = standing(book, event.certificate_id, Stage.OFFERED)
    return (changed(certificate, stage=Stage.OPEN, offered_to=None),)
