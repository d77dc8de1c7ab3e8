"""Read the business (业务查询): certificates, limits, deals, books, members, attestations."""

from __future__ import annotations

from ninja import NinjaAPI

from tallyport.api.asking import After, Asking, Before, Most, Word, missing, reads
from tallyport.contracts.attestation.model import Attestation
from tallyport.contracts.escrow.model import Escrow
from tallyport.contracts.financing.model import Financing
from tallyport.contracts.pledge.model import Pledge
from tallyport.contracts.receivable.model import Certificate
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries import (
    attestations,
    books,
    certificates,
    deals,
    limits,
    members,
    overview,
)
from tallyport.projections.queries.rows import PAGE, Page


def add_to(api: NinjaAPI) -> None:
    """Add the operations that read the business."""
    _certificates(api)
    _limits(api)
    _deals(api)
    _books(api)

    @reads(api, "/overview", overview.Figures, tag="overview", summary="How things stand.")
    def figures(request: Asking) -> overview.Figures:
        return overview.figures(request.views)

    @reads(
        api,
        "/members",
        members.Membership,
        tag="members",
        summary="The consortium: members, roles, keys, proposals.",
    )
    def membership(request: Asking) -> members.Membership:
        return members.membership(request.views)

    @reads(
        api,
        "/attestations",
        Page[Attestation],
        tag="attestations",
        summary="What was attested, of a subject or all that concerns the seat.",
    )
    def list_attestations(
        request: Asking, subject: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[Attestation]:
        return attestations.attestations(
            request.views, member=request.scope, subject=subject, after=after, most=most
        )


def _certificates(api: NinjaAPI) -> None:
    @reads(
        api,
        "/certificates",
        Page[Certificate],
        tag="certificates",
        summary="Certificates by role of the seat's member (held, owed, offered, guaranteed).",
    )
    def list_certificates(
        request: Asking,
        role: Word = "",
        stage: Word = "",
        after: After = "",
        most: Most = PAGE,
    ) -> Page[Certificate]:
        member = request.seat.member if role else request.scope
        return certificates.certificates(
            request.views, member=member, role=role, stage=stage, after=after, most=most
        )

    @reads(
        api,
        "/certificates/{path:certificate_id}",
        certificates.Detail,
        tag="certificates",
        summary="One certificate with its tree, trace, journal and entries.",
    )
    def certificate(request: Asking, certificate_id: str) -> certificates.Detail:
        detail = certificates.detail(request.views, certificate_id)
        if detail is None:
            raise missing("certificate", certificate_id)
        request.require(*detail.members)
        return detail


def _limits(api: NinjaAPI) -> None:
    @reads(
        api,
        "/limits",
        tuple[limits.LimitLine, ...],
        tag="limits",
        summary="Limits, each behind the one it hangs below.",
    )
    def list_limits(request: Asking) -> tuple[limits.LimitLine, ...]:
        return limits.limits(request.views, request.today, request.scope)

    @reads(
        api,
        "/limits/{path:limit_id}",
        limits.LimitDetail,
        tag="limits",
        summary="One limit and what occupies it.",
    )
    def limit(request: Asking, limit_id: str) -> limits.LimitDetail:
        detail = limits.limit_detail(request.views, limit_id, request.today)
        if detail is None:
            raise missing("limit", limit_id)
        request.require(detail.line.limit.grantor, detail.line.limit.subject)
        return detail


def _deals(api: NinjaAPI) -> None:
    @reads(api, "/financings", Page[Financing], tag="deals", summary="Discounts and loans.")
    def list_financings(
        request: Asking, stage: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[Financing]:
        return deals.financings(
            request.views, member=request.scope, stage=stage, after=after, most=most
        )

    @reads(api, "/financings/{path:financing_id}", Financing, tag="deals", summary="One financing.")
    def financing(request: Asking, financing_id: str) -> Financing:
        found = Mirror(request.views).get(Financing, financing_id)
        if found is None:
            raise missing("financing", financing_id)
        request.require(found.applicant, found.funder)
        return found

    @reads(api, "/escrows", Page[Escrow], tag="deals", summary="Money that waits for facts.")
    def list_escrows(request: Asking, after: After = "", most: Most = PAGE) -> Page[Escrow]:
        return deals.escrows(request.views, member=request.scope, after=after, most=most)

    @reads(
        api,
        "/escrows/{path:escrow_id}",
        deals.EscrowState,
        tag="deals",
        summary="One escrow with every condition, met or not.",
    )
    def escrow(request: Asking, escrow_id: str) -> deals.EscrowState:
        state = deals.escrow_state(request.views, escrow_id)
        if state is None:
            raise missing("escrow", escrow_id)
        request.require(state.escrow.payer, state.escrow.payee)
        return state

    @reads(api, "/pledges", Page[Pledge], tag="deals", summary="The register, searched by asset.")
    def list_pledges(
        request: Asking, asset: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[Pledge]:
        return deals.pledges(
            request.views, member=request.scope, asset=asset, after=after, most=most
        )


def _books(api: NinjaAPI) -> None:
    @reads(
        api,
        "/books/balances",
        tuple[books.Balance, ...],
        tag="books",
        summary="Accounts, debit positive.",
    )
    def balances(request: Asking, member: Word = "") -> tuple[books.Balance, ...]:
        return books.balances(request.views, request.scope or member or None)

    @reads(
        api,
        "/books/journal",
        Page[books.JournalLine],
        tag="books",
        summary="Lines of postings, the newest first.",
    )
    def journal(
        request: Asking, member: Word = "", after: Before = None, most: Most = PAGE
    ) -> Page[books.JournalLine]:
        member_id = request.scope or member or None
        return books.journal(request.views, member=member_id, before=after, most=most)

    @reads(
        api,
        "/books/zeros",
        tuple[books.Zero, ...],
        tag="books",
        summary="What must be zero, for every currency.",
    )
    def zeros(request: Asking) -> tuple[books.Zero, ...]:
        return books.zeros(request.views)
