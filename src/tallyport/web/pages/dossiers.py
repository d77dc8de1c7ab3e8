"""Dossiers (一车一档): found by VIN, contract or buyer; one with all its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpResponse

from tallyport.adapters.documents import DamagedError, DocumentError, ErasedError
from tallyport.app.permissions import Denied
from tallyport.app.sharing import owner
from tallyport.contracts.attestation.model import Attestation
from tallyport.projections.queries.attestations import attestations_of, vins_of
from tallyport.projections.queries.deals import pledges
from tallyport.projections.queries.evidence import Count
from tallyport.projections.queries.rows import PAGE, cut
from tallyport.web.visit import Visit, missing, page

STATUSES = ("matched", "partly", "contradicting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An attestation, and whether the document that is kept opens to its commitment."""

    attestation: Attestation
    state: str  # opens, elsewhere, erased, damaged
    detail: str = ""
    address: str = ""  # Where whoever owns it or was granted it has the document.
    readers: tuple[str, ...] = ()  # Whom it was granted; its owner sees that.


def by_status(counts: Iterable[Count]) -> list[Count]:
    """Return counts in the order of STATUSES: the good ones first."""
    found = {one.name: one for one in counts}
    return [found[name] for name in STATUSES if name in found]


@page
def dossiers(visit: Visit) -> HttpResponse:
    """Search dossiers."""
    text, status = visit.asked("text"), visit.asked("status")
    found = visit.portal.evidence.dossiers(
        text=text,
        status=status if status in STATUSES else "",
        vins=None if visit.scope is None else vins_of(visit.views, visit.scope),
        after=visit.asked("after"),
        most=PAGE + 1,
    )
    lines = cut(found, PAGE, lambda line: line.vin)
    return visit.rows(
        "dossiers.html",
        lines.next,
        dossiers=lines.items,
        text=text,
        status=status,
        statuses=STATUSES,
        counts=by_status(visit.portal.evidence.figures().statuses),
    )


@page
def dossier(visit: Visit, vin: str) -> HttpResponse:
    """Show everything about one vehicle."""
    if visit.scope is not None and vin not in vins_of(visit.views, visit.scope):
        raise Denied(
            f"{visit.scope} neither attested the dossier of {vin} nor has a pledge in it;"
            " operators, regulators and auditors read all dossiers"
        )
    detail = visit.portal.evidence.dossier(vin)
    said = attestations_of(visit.views, f"dossier:{vin}", f"vehicle:{vin}")
    if detail is None and not said:
        raise missing("dossier", vin)
    return visit.show(
        "dossier.html",
        vin=vin,
        dossier=detail,
        openings=[_opening(visit, one) for one in said],
        pledges=pledges(visit.views, asset=f"vehicle:{vin}").items,
    )


def _opening(visit: Visit, attestation: Attestation) -> Opening:
    """Open the stored document again: is it still what was committed to?"""
    documents = visit.portal.node.documents
    try:
        kept = documents.find(attestation.commitment)
        if kept is None:
            return Opening(attestation=attestation, state="elsewhere")
        documents.get(*kept)
    except ErasedError as error:
        return Opening(attestation=attestation, state="erased", detail=str(error))
    except DamagedError as error:
        return Opening(attestation=attestation, state="damaged", detail=str(error))
    except DocumentError as error:
        return Opening(attestation=attestation, state="unreadable", detail=str(error))
    name, version = kept
    readers = tuple(documents.readers(name))
    is_owner = visit.seat.member == owner(name)
    may_read = is_owner or visit.seat.member in readers
    return Opening(
        attestation=attestation,
        state="opens",
        address=f"/api/v1/documents/{quote(name)}/versions/{version}" if may_read else "",
        readers=readers if is_owner else (),
    )
