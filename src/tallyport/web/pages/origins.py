"""Where figures come from (数据血缘): a record, a payment to the cent, sources over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.http import HttpResponse

from tallyport.app.lineage import Lineage
from tallyport.app.origins import Origins, Part
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
    """Show where a record comes from, or what any other cell rests on."""
    ref = visit.asked("ref")
    found = _origins(visit).of(ref)
    if found is not None:
        return visit.show("lineage.html", origin=found)
    cell = Lineage(visit.portal.home).of(ref)
    if cell is None:
        raise missing("record", ref)
    return visit.show("cell.html", cell=cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A payment as a line: what came of it, summed by kind and currency."""

    payment_id: str
    contracts: tuple[str, ...]
    sums: tuple[tuple[str, int, str], ...]  # Kind of part, hundredths, currency.
    probability_bp: int | None  # Of its most doubtful part.


def _spent(payment_id: str, parts: tuple[Part, ...]) -> Spent:
    sums: Counter[tuple[str, str]] = Counter()
    for one in parts:
        sums[one.what, one.currency or ""] += one.amount_minor
    return Spent(
        payment_id=payment_id,
        contracts=tuple(dict.fromkeys(one.contract_no for one in parts if one.contract_no)),
        sums=tuple((what, minor, currency) for (what, currency), minor in sums.items()),
        probability_bp=min(
            (one.probability_bp for one in parts if one.probability_bp is not None), default=None
        ),
    )


@page
def payments(visit: Visit) -> HttpResponse:
    """List payments, each with what came of it."""
    origins = _origins(visit)
    found = origins.payments(after=visit.asked("after"), most=PAGE + 1)
    onward = f"?after={found[PAGE - 1]}" if len(found) > PAGE else ""
    shown = tuple(_spent(one, origins.payment(one)) for one in found[:PAGE])
    return visit.show("payments.html", payments=shown, onward=onward)


@page
def payment(visit: Visit, payment_id: str) -> HttpResponse:
    """Show where each cent of a payment went."""
    parts = _origins(visit).payment(payment_id)
    if not parts:
        raise missing("payment", payment_id)
    origin = next(iter(_origins(visit).named(payment_id)), None)
    return visit.show("payment.html", payment_id=payment_id, parts=parts, origin=origin)
