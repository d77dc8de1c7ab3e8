"""Guarantee a certificate (凭证担保): the guarantor's own signature stands beside the debtor's.

It only adds to what the holder has, so nobody else is asked. The platform guarantees nothing
(CN-SCF-3), and neither debtor nor holder can: the one owes anyway, and a supplier who passed a
certificate on is not to be reached through a guarantee either (CN-SCF-11). Children inherit it.

RCV-GUARANTEE-1  once  an open certificate without a guarantor gets one, and keeps it
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.receivable.model import Certificate, Stage, acting
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.record import changed

ROLES = (Role.GUARANTOR, Role.FUNDER, Role.BANK, Role.CORE_ENTERPRISE)


@unique
class Refusal(StrEnum):
    """Why a guarantee is refused, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OPEN = "certificate_must_be_open"
    DUE = "certificate_must_not_be_due"
    NOT_A_GUARANTOR = "actor_must_be_a_guarantor_funder_bank_or_core_enterprise"
    IS_PARTY = "guarantor_must_be_neither_debtor_nor_holder"
    GUARANTEED_ALREADY = "certificate_must_not_have_a_guarantor_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """Command: the actor will pay if the debtor does not."""

    certificate_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateGuaranteed:
    """Event: `guarantor` stands behind the certificate and what is cut from it."""

    certificate_id: CertificateId
    guarantor: MemberId


def decide(book: Book, command: Guarantee, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, command.certificate_id), Refusal.NOT_FOUND)
    require(certificate.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(context.today < certificate.terms.due, Refusal.DUE)
    require(has_role(book, context.actor, *ROLES), Refusal.NOT_A_GUARANTOR)
    is_third = context.actor not in {certificate.holder, certificate.terms.debtor}
    require(is_third, Refusal.IS_PARTY)
    require(certificate.guarantor is None, Refusal.GUARANTEED_ALREADY)

    # From here on it succeeds.
    return (CertificateGuaranteed(certificate_id=certificate.id, guarantor=context.actor),)


def evolve(book: Book, event: CertificateGuaranteed) -> Changes:
    """Return the certificate, guaranteed."""
    certificate = acting(book, event.certificate_id, Stage.OPEN)
    is_third = event.guarantor not in {certificate.holder, certificate.terms.debtor}
    invariant(is_third and certificate.guarantor is None, "RCV-GUARANTEE-1")
    return (changed(certificate, guarantor=event.guarantor),)
