"""Books (账簿): balances by member, the journal, and the proof that all of it sums to zero."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse

from tallyport.projections.queries import books as query
from tallyport.web.visit import Visit, page


@page
def books(visit: Visit) -> HttpResponse:
    """Show balances and the journal."""
    wanted = visit.asked("member")
    member = visit.scope or wanted or None
    found = query.journal(visit.views, member=member, before=visit.number("after"))
    balances = query.balances(visit.views, member)
    return visit.rows(
        "books.html",
        found.next,
        journal=found.items,
        balances=[(owner, list(of)) for owner, of in groupby(balances, lambda one: one.owner)],
        zeros=query.zeros(visit.views),
        member=member or "",
    )
