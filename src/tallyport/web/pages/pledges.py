"""Pledges (质押登记), searched by the name of the asset."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.projections.queries import deals
from tallyport.web.visit import Visit, page


@page
def pledges(visit: Visit) -> HttpResponse:
    """List registrations."""
    asset = visit.asked("asset")
    found = deals.pledges(visit.views, member=visit.scope, asset=asset, after=visit.asked("after"))
    return visit.rows("pledges.html", found.next, pledges=found.items, asset=asset)
