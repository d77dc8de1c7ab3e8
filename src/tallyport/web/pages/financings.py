"""Financings (融资): discounts and loans, and what can be done with one."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.contracts.financing.model import Financing, Stage
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries import deals
from tallyport.projections.queries.books import journal
from tallyport.projections.queries.entries import mentioning
from tallyport.web.choices import financing_choices
from tallyport.web.visit import Visit, missing, page


@page
def financings(visit: Visit) -> HttpResponse:
    """List financings by stage."""
    stage = visit.asked("stage")
    found = deals.financings(
        visit.views, member=visit.scope, stage=stage, after=visit.asked("after")
    )
    return visit.rows(
        "financings.html",
        found.next,
        financings=found.items,
        stage=stage,
        stages=[one.value for one in Stage],
    )


@page
def financing(visit: Visit, financing_id: str) -> HttpResponse:
    """Show one financing with its postings and entries."""
    found = Mirror(visit.views).get(Financing, financing_id)
    if found is None:
        raise missing("financing", financing_id)
    visit.require(found.applicant, found.funder)
    return visit.show(
        "financing.html",
        financing=found,
        currency=found.principal.currency,
        journal=journal(visit.views, about=(financing_id,)).items,
        entries=mentioning(visit.views, financing_id),
        choices=financing_choices(visit, found),
        done=visit.number("done"),
    )
