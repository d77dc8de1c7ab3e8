"""Read the evidence (证据查询): dossiers, findings, sources, quarantine, ratings."""

from __future__ import annotations

from ninja import NinjaAPI

from tallyport.api import origins, trades, worklist
from tallyport.api.asking import After, Asking, Most, Word, missing, reads
from tallyport.app.permissions import Denied
from tallyport.projections.queries import evidence as query
from tallyport.projections.queries.attestations import vins_of
from tallyport.projections.queries.rows import PAGE, Page, cut


def _require_all(request: Asking) -> None:
    if request.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {request.scope} reads the dossiers that concern"
            " it, operators, regulators and auditors read all of it"
        )


def add_to(api: NinjaAPI) -> None:
    """Add the operations on the evidence."""
    _dossiers(api)
    _quality(api)
    _ratings(api)
    worklist.add_to(api)
    origins.add_to(api)
    trades.add_to(api)


def _dossiers(api: NinjaAPI) -> None:
    @reads(
        api,
        "/dossiers",
        Page[query.DossierLine],
        tag="evidence",
        summary="Dossiers, searched by VIN, contract or buyer.",
        has_etag=False,
    )
    def list_dossiers(
        request: Asking,
        text: Word = "",
        status: Word = "",
        after: After = "",
        most: Most = PAGE,
    ) -> Page[query.DossierLine]:
        vins = None if request.scope is None else vins_of(request.views, request.scope)
        found = request.portal.evidence.dossiers(
            text=text, status=status, vins=vins, after=after, most=most + 1
        )
        return cut(found, most, lambda line: line.vin)

    @reads(
        api,
        "/dossiers/{vin}",
        query.DossierDetail,
        tag="evidence",
        summary="One vehicle with all its evidence.",
        has_etag=False,
    )
    def dossier(request: Asking, vin: str) -> query.DossierDetail:
        may = request.scope is None or vin in vins_of(request.views, request.scope)
        found = request.portal.evidence.dossier(vin) if may else None
        if found is None:
            raise missing("dossier", vin)
        return found


def _quality(api: NinjaAPI) -> None:
    @reads(
        api,
        "/sources",
        tuple[query.SourceLine, ...],
        tag="evidence",
        summary="What was read, and how well.",
        has_etag=False,
    )
    def sources(request: Asking) -> tuple[query.SourceLine, ...]:
        _require_all(request)
        return request.portal.evidence.sources()

    @reads(
        api,
        "/quarantine",
        Page[query.QuarantineLine],
        tag="evidence",
        summary="Rows that were set aside, with place and reason.",
        has_etag=False,
    )
    def quarantine(
        request: Asking, source: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[query.QuarantineLine]:
        _require_all(request)
        found = request.portal.evidence.quarantine(source=source, after=after, most=most + 1)
        return cut(found, most, lambda line: line.id)

    @reads(
        api,
        "/findings",
        Page[query.FindingLine],
        tag="evidence",
        summary="What is suspicious.",
        has_etag=False,
    )
    def findings(
        request: Asking, kind: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[query.FindingLine]:
        _require_all(request)
        found = request.portal.evidence.findings(kind=kind, after=after, most=most + 1)
        return cut(found, most, lambda line: line.id)


def _ratings(api: NinjaAPI) -> None:
    @reads(
        api,
        "/ratings",
        Page[query.RatingLine],
        tag="evidence",
        summary="Ratings of buyers and sellers, C1 to C5.",
        has_etag=False,
    )
    def ratings(
        request: Asking, kind: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[query.RatingLine]:
        _require_all(request)
        found = request.portal.evidence.ratings(kind=kind, after=after, most=most + 1)
        return cut(found, most, lambda line: line.party)

    @reads(
        api,
        "/ratings/{path:party}",
        query.RatingLine,
        tag="evidence",
        summary="One rating with its indicators and reasons.",
        has_etag=False,
    )
    def rating(request: Asking, party: str) -> query.RatingLine:
        _require_all(request)
        found = request.portal.evidence.rating(party)
        if found is None:
            raise missing("rating", party)
        return found
