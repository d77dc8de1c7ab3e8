"""The nodes of the network (节点): height, head, lag, peers, health of each, at this moment."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.app.bootstrap import is_member
from tallyport.app.network.plan import Plan
from tallyport.app.network.status import look
from tallyport.web.visit import Visit, page


@page
def nodes(visit: Visit) -> HttpResponse:
    """Ask every node and show what it answers; a node without a network is shown alone."""
    home, engine = visit.portal.home, visit.portal.node.engine
    if not is_member(home):
        checkpoint = visit.portal.checkpoint()
        return visit.show("nodes.html", checkpoint=checkpoint, origin=engine.origin)
    plan = Plan.read(home.folder.parent)
    found = look(plan)
    return visit.show(
        "nodes.html",
        plan=plan,
        nodes=found,
        own=home.folder.name,
        fine=sum(one.is_fine for one in found),
        is_forked=any(one.condition.value == "forked" for one in found),
    )
