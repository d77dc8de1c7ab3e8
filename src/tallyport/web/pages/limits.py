"""Limits (额度): the tree with bars, and one limit with what occupies it."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.projections.queries import limits as query
from tallyport.web.visit import Visit, missing, page


@page
def limits(visit: Visit) -> HttpResponse:
    """Show the tree of limits."""
    return visit.show("limits.html", limits=query.limits(visit.views, visit.today, visit.scope))


@page
def limit(visit: Visit, limit_id: str) -> HttpResponse:
    """Show one limit and its occupations."""
    detail = query.limit_detail(visit.views, limit_id, visit.today)
    if detail is None:
        raise missing("limit", limit_id)
    visit.require(detail.line.limit.grantor, detail.line.limit.subject)
    return visit.show("limit.html", detail=detail, line=detail.line, limit=detail.line.limit)
