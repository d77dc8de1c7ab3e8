"""Certificates (凭证): who holds and owes them, and one with its tree and what can be done."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.contracts.receivable.model import Stage
from tallyport.projections.queries import certificates as query
from tallyport.projections.queries.entries import issued_under
from tallyport.web.choices import certificate_choices
from tallyport.web.picture import tree_picture
from tallyport.web.visit import Visit, missing, page


@page
def certificates(visit: Visit) -> HttpResponse:
    """List certificates by role and stage."""
    role, stage = visit.asked("role"), visit.asked("stage")
    found = query.certificates(
        visit.views,
        member=visit.seat.member if role else visit.scope,
        role=role,
        stage=stage,
        after=visit.asked("after"),
    )
    return visit.rows(
        "certificates.html",
        found.next,
        certificates=found.items,
        role=role,
        roles=query.ROLES,
        stage=stage,
        stages=["live", *(one.value for one in Stage)],
    )


@page
def certificate(visit: Visit, certificate_id: str) -> HttpResponse:
    """Show one certificate, its tree, its entries."""
    detail = query.detail(visit.views, certificate_id)
    if detail is None:
        raise missing("certificate", certificate_id)
    visit.require(*detail.members)
    sequence = query.issue_entry(detail)
    versions = issued_under(visit.portal.node.engine.raw_entry(sequence)) if sequence else ()
    return visit.show(
        "certificate.html",
        detail=detail,
        certificate=detail.certificate,
        picture=tree_picture(detail, visit.language),
        versions=versions,
        issued_in=sequence,
        choices=certificate_choices(visit, detail),
        done=visit.number("done"),
    )
