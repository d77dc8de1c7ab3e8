"""Where figures come from (数据血缘), over HTTP: records, payments to the cent, source quality."""

from __future__ import annotations

from dataclasses import dataclass

from ninja import NinjaAPI

from tallyport.api.asking import After, Asking, Most, Word, reads
from tallyport.app.lineage import Cell, Lineage
from tallyport.app.origins import Measure, Origin, Origins, Part
from tallyport.app.permissions import Denied
from tallyport.projections.queries.rows import PAGE, Page, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A payment and its parts."""

    payment_id: str
    parts: tuple[Part, ...]


def _origins(request: Asking) -> Origins:
    if request.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {request.scope} reads the dossiers that concern"
            " it, operators, regulators and auditors read all of it"
        )
    return Origins(request.portal.home)


def add_to(api: NinjaAPI) -> None:
    """Add the operations on origins."""

    @reads(
        api,
        "/lineage",
        tuple[Origin, ...],
        tag="evidence",
        summary="Source, file, line, columns and rules of the record `kind:key`; one or none.",
        has_etag=False,
    )
    def lineage(request: Asking, ref: Word = "") -> tuple[Origin, ...]:
        found = _origins(request).of(ref)
        return () if found is None else (found,)

    @reads(
        api,
        "/cells",
        tuple[Cell, ...],
        tag="evidence",
        summary="What a cell (link, amount, finding, rating, VQI ...) rests on; one or none.",
        has_etag=False,
    )
    def cells(request: Asking, ref: Word = "") -> tuple[Cell, ...]:
        _origins(request)
        found = Lineage(request.portal.home).of(ref)
        return () if found is None else (found,)

    @reads(
        api,
        "/payments",
        Page[Explained],
        tag="evidence",
        summary="Where each cent of each payment went, or of one.",
        has_etag=False,
    )
    def payments(
        request: Asking, payment_id: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[Explained]:
        origins = _origins(request)
        named = (payment_id,) if origins.payment(payment_id) else ()
        found = named if payment_id else origins.payments(after=after, most=most + 1)
        told = tuple(Explained(payment_id=one, parts=origins.payment(one)) for one in found)
        return cut(told, most, lambda one: one.payment_id)

    @reads(
        api,
        "/quality",
        tuple[Measure, ...],
        tag="evidence",
        summary="How each source was at every reading, the last one first.",
        has_etag=False,
    )
    def quality(request: Asking, source: Word = "") -> tuple[Measure, ...]:
        return _origins(request).history(source)
