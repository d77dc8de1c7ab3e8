"""Other kinds of trade (其他贸易): orders, invoices and hauls; how firms settle."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.app.permissions import Denied
from tallyport.projections.queries.rows import PAGE, cut
from tallyport.web.visit import Visit, page

KINDS = ("order", "receivable", "haul")
ROLES = ("merchant", "customer", "shipper", "carrier")


def _require_all(visit: Visit) -> None:
    if visit.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {visit.scope} reads the dossiers that concern it,"
            " operators, regulators and auditors read all of it"
        )


@page
def trades(visit: Visit) -> HttpResponse:
    """List orders, invoices and hauls with what their documents and their money say."""
    _require_all(visit)
    kind, text = visit.asked("kind"), visit.asked("text")
    wanted = kind if kind in KINDS else ""
    found = visit.portal.evidence.trades(
        kind=wanted, text=text, after=visit.asked("after"), most=PAGE + 1
    )
    lines = cut(found, PAGE, lambda line: line.id)
    return visit.rows(
        "trades.html", lines.next, lines=lines.items, kind=kind, kinds=KINDS, text=text
    )


@page
def settlements(visit: Visit) -> HttpResponse:
    """List how firms settle: days to pay, share late, open amounts by age."""
    _require_all(visit)
    role = visit.asked("role")
    wanted = role if role in ROLES else ""
    found = visit.portal.evidence.settlements(
        role=wanted, after=visit.asked("after"), most=PAGE + 1
    )
    lines = cut(found, PAGE, lambda line: line.id)
    return visit.rows("settlements.html", lines.next, lines=lines.items, role=role, roles=ROLES)
