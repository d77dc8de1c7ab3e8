"""Where figures come from (数据血缘): a record, a payment to the cent, sources over time."""

from __future__ import annotations

from django.http import HttpResponse

from tallyport.app.origins import Origins
from tallyport.app.permissions import Denied
from tallyport.projections.queries.rows import PAGE
from tallyport.web.visit import Visit, missing, page


def _origins(visit: Visit) -> Origins:
    if visit.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {visit.scope} reads the dossiers that concern it,"
            " operators, regulators and auditors read all of it"
        )
    return Origins(visit.portal.home)


@page
def quality(visit: Visit) -> HttpResponse:
    """Show how sources were over time, with the alarms of their data contracts."""
    source = visit.asked("source")
    found = _origins(visit).history(source)
    return visit.show("quality.html", measures=found, source=source)


@page
def lineage(visit: Visit) -> HttpResponse:
    """Show where a record comes from."""
    ref = visit.asked("ref")
    found = _origins(visit).of(ref)
    if found is None:
        raise missing("record", ref)
    return visit.show("lineage.html", origin=found)


@page
def payments(visit: Visit) -> HttpResponse:
    """List payments."""
    found = _origins(visit).payments(after=visit.asked("after"), most=PAGE + 1)
    onward = f"?after={found[PAGE - 1]}" if len(found) > PAGE else ""
    return visit.show("payments.html", payments=found[:PAGE], onward=onward)


@page
def payment(visit: Visit, payment_id: str) -> HttpResponse:
    """Show where each cent of a payment went."""
    parts = _origins(visit).payment(payment_id)
    if not parts:
        raise missing("payment", payment_id)
    origin = _origins(visit).of(f"bank_entry:{payment_id}")
    return visit.show("payment.html", payment_id=payment_id, parts=parts, origin=origin)
