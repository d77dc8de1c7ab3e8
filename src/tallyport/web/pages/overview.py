"""The overview (总览)."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.projections.queries import certificates, entries
from tallyport.projections.queries import overview as query
from tallyport.web import charts
from tallyport.web.pages.dossiers import by_status
from tallyport.web.visit import Visit, page

LATEST = 8
FOUND = 4  # Kinds of findings that are named; the page of findings has them all.


@page
def overview(visit: Visit) -> HttpResponse:
    """Show how things stand."""
    figures = query.figures(visit.views)
    evidence = visit.portal.evidence.figures()
    statuses = by_status(evidence.statuses)
    most_found = sorted(evidence.findings, key=lambda one: -one.count)[:FOUND]
    holdings = query.holdings(visit.views, visit.scope)
    root = query.largest_root(visit.views, visit.scope)
    detail = certificates.detail(visit.views, root) if root else None
    drawn = {
        "matched": charts.shares(statuses, visit.language),
        "book": charts.book(holdings, visit.language),
        "flow": charts.flow(detail, visit.language) if detail else None,
    }
    return visit.show(
        "overview.html",
        figures=figures,
        statuses=statuses,
        most_found=most_found,
        findings=sum(one.count for one in evidence.findings),
        checkpoint=visit.portal.checkpoint(),
        latest=entries.entries(visit.views, member=visit.scope, most=LATEST).items,
        root=root,
        charts=drawn,
    )
