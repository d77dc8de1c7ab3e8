"""Escrows (监管账户): money that waits for facts, and which facts are there."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.projections.queries import deals
from tallyport.projections.queries.books import journal
from tallyport.projections.queries.entries import mentioning
from tallyport.web.visit import Visit, missing, page


@page
def escrows(visit: Visit) -> HttpResponse:
    """List escrows."""
    found = deals.escrows(visit.views, member=visit.scope, after=visit.asked("after"))
    return visit.rows("escrows.html", found.next, escrows=found.items)


@page
def escrow(visit: Visit, escrow_id: str) -> HttpResponse:
    """Show one escrow: every tranche, every condition, met or not."""
    state = deals.escrow_state(visit.views, escrow_id)
    if state is None:
        raise missing("escrow", escrow_id)
    visit.require(state.escrow.payer, state.escrow.payee)
    return visit.show(
        "escrow.html",
        state=state,
        escrow=state.escrow,
        journal=journal(visit.views, about=(escrow_id,)).items,
        entries=mentioning(visit.views, escrow_id),
    )
