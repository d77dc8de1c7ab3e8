"""Accept a certificate (凭证签收): what was issued or offered to the actor is now its own.

The first holder's acceptance makes the debtor's promise binding, unconditionally and irrevocably
(CN-SCF-11): from then on the debtor alone can undo nothing.

RCV-ACCEPT-1  taker  only the one to whom it was issued or offered becomes its holder
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.post import is_possible
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable import posting
from tallyport.contracts.receivable.model import Certificate, Stage, acting
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why an acceptance is refused, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OFFERED = "certificate_must_be_issued_or_offered"
    NOT_TAKER = "actor_must_be_the_one_it_is_for"
    DUE = "certificate_must_not_be_due"
    PLEDGED = "certificate_must_not_be_pledged"
    TOO_MUCH = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Command: take what was issued or offered to the actor."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAccepted:
    """Event: `giver` (at first the debtor) paid `holder` with the certificate."""

    certificate_id: CertificateId
    giver: MemberId
    holder: MemberId


def taker(certificate: Certificate) -> MemberId:
    """Return for whom an issued or offered certificate is meant."""
    return certificate.offered_to or certificate.holder


def decide(book: Book, command: Accept, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    is_first = certificate.stage is Stage.ISSUED
    require(is_first or certificate.stage is Stage.OFFERED, Refusal.NOT_OFFERED)
    require(context.actor == taker(certificate), Refusal.NOT_TAKER)
    require(context.today < certificate.terms.due, Refusal.DUE)
    require(is_free(book, certificate.asset), Refusal.PLEDGED)
    moved = posting.transferred(certificate, context.actor)
    posted = posting.accepted(certificate) if is_first else moved
    require(is_possible(book, posted), Refusal.TOO_MUCH)

    # From here on it succeeds.
    accepted = CertificateAccepted(
        certificate_id=certificate.id,
        giver=certificate.terms.debtor if is_first else certificate.holder,
        holder=context.actor,
    )
    return (accepted, posted)


def evolve(book: Book, event: CertificateAccepted) -> Changes:
    """Return the certificate, open in its holder's hand."""
    certificate = acting(book, event.certificate_id, Stage.ISSUED, Stage.OFFERED)
    invariant(event.holder == taker(certificate), "RCV-ACCEPT-1")
    moves = certificate.moves + (certificate.stage is Stage.OFFERED)
    now = changed(certificate, holder=event.holder, stage=Stage.OPEN, offered_to=None, moves=moves)
    return (now,)
