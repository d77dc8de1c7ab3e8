"""Cancel a certificate (凭证注销): a promise ends unpaid, because it binds the debtor to nobody.

That is so before it was accepted, and when it came back into the debtor's own hand. A certificate
that was split or passed on is cancelled by nobody, ever.

RCV-CANCEL-1  nobody harmed  what is cancelled was never accepted, or is held open by its debtor
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.limit.release import LimitReleased
from tallyport.contracts.pledge.model import Purpose, SecuredId
from tallyport.contracts.pledge.release import PledgeReleased
from tallyport.contracts.pledge.search import is_free
from tallyport.contracts.receivable import posting
from tallyport.contracts.receivable.model import Certificate, Stage, lessened, root_of, standing
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId
from tallyport.kernel.record import changed


@unique
class Cause(StrEnum):
    """Why a certificate was cancelled."""

    BY_DEBTOR = "by_debtor"
    DECLINED = "declined"
    NEVER_ACCEPTED = "never_accepted"  # Until the due date.


@unique
class Refusal(StrEnum):
    """Why a cancellation is refused, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_DEBTOR = "actor_must_be_the_debtor"
    NOT_OPEN = "certificate_must_be_issued_or_open"
    HELD_BY_ANOTHER = "certificate_must_be_unaccepted_or_back_with_the_debtor"
    PLEDGED = "certificate_must_not_be_pledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Command: the debtor ends a promise that binds it to nobody."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCancelled:
    """Event: the certificate has ended unpaid."""

    certificate_id: CertificateId
    cause: Cause


def decide(book: Book, command: Cancel, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    require(certificate.terms.debtor == context.actor, Refusal.NOT_DEBTOR)
    require(certificate.stage in {Stage.ISSUED, Stage.OPEN}, Refusal.NOT_OPEN)
    require(_binds_nobody(certificate), Refusal.HELD_BY_ANOTHER)
    require(is_free(book, certificate.asset), Refusal.PLEDGED)

    # From here on it succeeds.
    return cancelled(book, certificate, Cause.BY_DEBTOR)


def _binds_nobody(certificate: Certificate) -> bool:
    unaccepted = certificate.stage is Stage.ISSUED
    return unaccepted or certificate.holder == certificate.terms.debtor


def cancelled(book: Book, certificate: Certificate, cause: Cause) -> Events:
    """Return the end of an issued certificate, or of one in its debtor's hand; limit and all."""
    root = root_of(book, certificate)
    end = CertificateCancelled(certificate_id=certificate.id, cause=cause)
    released = LimitReleased(
        limit_id=root.limit_id,
        purpose=Purpose.CERTIFICATE,
        occupation_id=root.occupation_id,
        amount=certificate.face,
    )
    if certificate.stage is not Stage.ISSUED:
        return (end, released, posting.returned(certificate))
    secured = SecuredId(root.id)
    freed = tuple(PledgeReleased(asset=asset, secured=secured) for asset in root.backing)
    return (end, released, *freed)


def evolve(book: Book, event: CertificateCancelled) -> Changes:
    """Return the certificate, ended, and what is left of its issue."""
    certificate = standing(book, event.certificate_id, Stage.ISSUED, Stage.OPEN)
    invariant(_binds_nobody(certificate), "RCV-CANCEL-1")
    root = lessened(root_of(book, certificate), certificate.face.minor, 1)
    return (changed(certificate, stage=Stage.CANCELLED), root)
