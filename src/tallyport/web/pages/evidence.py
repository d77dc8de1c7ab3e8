"""Evidence (证据): sources and their quality, rows set aside, findings, ratings."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.app.permissions import Denied
from tallyport.projections.queries.rows import PAGE, cut
from tallyport.web.visit import Visit, missing, page

KINDS = ("buyer", "seller", "customer", "merchant", "shipper", "carrier")


def _require_all(visit: Visit) -> None:
    if visit.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {visit.scope} reads the dossiers that concern it,"
            " operators, regulators and auditors read all of it"
        )


@page
def evidence(visit: Visit) -> HttpResponse:
    """Show what was read and how well."""
    _require_all(visit)
    store = visit.portal.evidence
    return visit.show("evidence.html", sources=store.sources(), figures=store.figures())


@page
def quarantine(visit: Visit) -> HttpResponse:
    """List rows that were set aside, with place and reason."""
    _require_all(visit)
    source = visit.asked("source")
    found = visit.portal.evidence.quarantine(
        source=source, after=visit.asked("after"), most=PAGE + 1
    )
    lines = cut(found, PAGE, lambda line: line.id)
    return visit.rows("quarantine.html", lines.next, lines=lines.items, source=source)


@page
def findings(visit: Visit) -> HttpResponse:
    """List what is suspicious."""
    _require_all(visit)
    kind = visit.asked("kind")
    found = visit.portal.evidence.findings(kind=kind, after=visit.asked("after"), most=PAGE + 1)
    lines = cut(found, PAGE, lambda line: line.id)
    kinds = visit.portal.evidence.figures().findings
    return visit.rows("findings.html", lines.next, findings=lines.items, kind=kind, kinds=kinds)


@page
def ratings(visit: Visit) -> HttpResponse:
    """List ratings of buyers and sellers."""
    _require_all(visit)
    kind = visit.asked("kind")
    wanted = kind if kind in KINDS else ""
    found = visit.portal.evidence.ratings(kind=wanted, after=visit.asked("after"), most=PAGE + 1)
    lines = cut(found, PAGE, lambda line: line.party)
    return visit.rows("ratings.html", lines.next, ratings=lines.items, kind=kind, kinds=KINDS)


@page
def rating(visit: Visit, party: str) -> HttpResponse:
    """Show one rating with its indicators."""
    _require_all(visit)
    found = visit.portal.evidence.rating(party)
    if found is None:
        raise missing("rating", party)
    return visit.show("rating.html", rating=found)
