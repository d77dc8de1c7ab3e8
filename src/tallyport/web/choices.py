"""What can be done with a thing, by whom (可办事项): forms on a page, each one command.

A form names the command, the member that would send it, and what a person has to fill in; it
carries an idempotency key made with the page, so that pressing twice does nothing twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from tallyport.app.permissions import may_send
from tallyport.contracts.financing.model import Financing
from tallyport.contracts.financing.model import Kind as FinancingKind
from tallyport.contracts.financing.model import Stage as FinancingStage
from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.receivable.model import Certificate, Stage
from tallyport.kernel.ids import MemberId
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.certificates import Detail
from tallyport.web.visit import Visit

GUARANTORS = (Role.GUARANTOR, Role.FUNDER, Role.BANK, Role.CORE_ENTERPRISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A form: the command, who would send it, what is to be filled in, what is known."""

    form: str
    member: MemberId
    key: str
    asks: tuple[str, ...] = ()
    known: tuple[tuple[str, str], ...] = ()

    @property
    def is_grave(self) -> bool:
        """Whether it ends something, and is drawn so."""
        return self.form.partition("/")[0].rpartition(".")[2] in {"Decline", "Cancel", "Reject"}


Offer = tuple[str, MemberId, tuple[str, ...]]


def certificate_choices(visit: Visit, detail: Detail) -> tuple[Choice, ...]:
    """Return what the seat can do with a certificate."""
    book = Mirror(visit.views)
    certificate = detail.certificate
    known: tuple[tuple[str, str], ...] = (("certificate_id", str(certificate.id)),)
    offers = list(_of_certificate(certificate, is_missed=detail.root.is_missed))
    if certificate.stage is Stage.OPEN and certificate.guarantor is None:
        mine = visit.seat.member
        is_other = mine not in {certificate.holder, certificate.terms.debtor}
        if is_other and has_role(book, mine, *GUARANTORS):
            offers.append(("receivable.Guarantee/1", mine, ()))
    if detail.root.is_missed and detail.root.leaves:
        offers.append(("receivable.Settle/1", detail.root.debtor, ()))
        known = (*known, ("root_id", str(detail.root.id)))
    return _choices(visit, offers, known)


def _of_certificate(certificate: Certificate, *, is_missed: bool) -> Iterator[Offer]:
    holder, debtor = certificate.holder, certificate.terms.debtor
    match certificate.stage:
        case Stage.ISSUED:
            yield "receivable.Accept/1", holder, ()
            yield "receivable.Decline/1", holder, ()
            yield "receivable.Cancel/1", debtor, ()
        case Stage.OFFERED if certificate.offered_to:
            yield "receivable.Accept/1", certificate.offered_to, ()
            yield "receivable.Decline/1", certificate.offered_to, ()
            yield "receivable.Withdraw/1", holder, ()
        case Stage.OPEN:
            yield "receivable.Transfer/1", holder, ("taker",)
            yield "receivable.Split/1", holder, ("faces",)
            asks = ("financing_id", "funder", "rate_bp_max", "day_count")
            yield "financing.ApplyForDiscount/1", holder, asks
            if holder == debtor:
                yield "receivable.Cancel/1", debtor, ()
        case _:
            pass
    if is_missed and certificate.guarantor and certificate.stage in {Stage.OPEN, Stage.OFFERED}:
        yield "receivable.Honour/1", certificate.guarantor, ()


def financing_choices(visit: Visit, financing: Financing) -> tuple[Choice, ...]:
    """Return what the seat can do with a financing."""
    known = (("financing_id", str(financing.id)),)
    return _choices(visit, list(_of_financing(financing)), known)


def _of_financing(financing: Financing) -> Iterator[Offer]:
    funder, applicant = financing.funder, financing.applicant
    match financing.stage:
        case FinancingStage.APPLIED:
            asks = ("rate_bp", "penalty_bp", "evidence", "reason")
            yield "financing.Approve/1", funder, asks
            yield "financing.Reject/1", funder, ("reason",)
            yield "financing.WithdrawApplication/1", applicant, ()
        case FinancingStage.APPROVED:
            yield "financing.Disburse/1", funder, ("registry_number",)
            yield "financing.WithdrawApplication/1", applicant, ()
        case FinancingStage.DISBURSED | FinancingStage.OVERDUE | FinancingStage.DEFAULTED:
            if financing.kind is FinancingKind.LOAN:
                yield "financing.Repay/1", applicant, ("amount",)
        case _:
            pass


def fresh_key() -> str:
    """Return an idempotency key that no form had before."""
    return f"portal-{secrets.token_hex(12)}"


def _choices(
    visit: Visit, offers: list[Offer], known: tuple[tuple[str, str], ...]
) -> tuple[Choice, ...]:
    book = Mirror(visit.views)
    return tuple(
        Choice(
            form=form,
            member=member,
            key=fresh_key(),
            asks=asks,
            known=known,
        )
        for form, member, asks in offers
        if may_send(visit.seat, member, book, is_trial=visit.portal.is_trial)
    )
