"""Decline a certificate (拒签): the actor does not take it.

What was offered is open again in the giver's hand; what was issued to the actor is cancelled, and
the debtor's limit and the backing are free again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.receivable.accept import taker
from tallyport.contracts.receivable.cancel import Cause, cancelled
from tallyport.contracts.receivable.model import Certificate, Stage, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, require
from tallyport.kernel.ids import CertificateId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why it cannot be declined, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OFFERED = "certificate_must_be_issued_or_offered"
    NOT_TAKER = "actor_must_be_the_one_it_is_for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Command: do not take what was issued or offered to the actor."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDeclined:
    """Event: an offer was not taken; the giver keeps the certificate."""

    certificate_id: CertificateId


def decide(book: Book, command: Decline, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    is_first = certificate.stage is Stage.ISSUED
    require(is_first or certificate.stage is Stage.OFFERED, Refusal.NOT_OFFERED)
    require(context.actor == taker(certificate), Refusal.NOT_TAKER)

    # From here on it succeeds.
    if is_first:
        return cancelled(book, certificate, Cause.DECLINED)
    return (OfferDeclined(certificate_id=certificate.id),)


def evolve(book: Book, event: OfferDeclined) -> Changes:
    """Return the certificate, open in the giver's hand."""
    certificate = standing(book, event.certificate_id, Stage.OFFERED)
    return (changed(certificate, stage=Stage.OPEN, offered_to=None),)
