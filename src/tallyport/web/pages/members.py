"""Members (成员), their roles and keys, and what is proposed."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.kernel.canonical import Json
from tallyport.projections.queries.members import membership
from tallyport.projections.queries.plain import plain
from tallyport.web.visit import Visit, page


@page
def members(visit: Visit) -> HttpResponse:
    """Show the consortium as it stands; everybody may."""
    found = membership(visit.views)
    changes: list[tuple[object, str, Json]] = [
        (proposal, type(proposal.change).__name__, plain(proposal.change))
        for proposal in found.proposals
    ]
    keys: dict[str, list[object]] = {}
    for key in found.keys:
        keys.setdefault(key.member, []).append(key)
    return visit.show("members.html", found=found, keys=keys, proposals=changes)
