"""Other kinds of trade (其他贸易), over HTTP: orders, invoices, hauls; how firms settle."""

from __future__ import annotations

from ninja import NinjaAPI

from tallyport.api.asking import After, Asking, Most, Word, reads
from tallyport.app.permissions import Denied
from tallyport.projections.queries.rows import PAGE, Page, cut
from tallyport.projections.queries.trades import SettlementLine, TradeLine


def _require_all(request: Asking) -> None:
    if request.scope is not None:
        raise Denied(
            f"the evidence speaks of many firms; {request.scope} reads the dossiers that concern"
            " it, operators, regulators and auditors read all of it"
        )


def add_to(api: NinjaAPI) -> None:
    """Add the operations on orders, invoices and hauls."""

    @reads(
        api,
        "/trades",
        Page[TradeLine],
        tag="evidence",
        summary="Orders, invoices and hauls: whether documents and money agree.",
        has_etag=False,
    )
    def trades(
        request: Asking, kind: Word = "", text: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[TradeLine]:
        _require_all(request)
        found = request.portal.evidence.trades(kind=kind, text=text, after=after, most=most + 1)
        return cut(found, most, lambda line: line.id)

    @reads(
        api,
        "/settlements",
        Page[SettlementLine],
        tag="evidence",
        summary="How customers and shippers pay, how carriers are paid; open amounts by age.",
        has_etag=False,
    )
    def settlements(
        request: Asking, role: Word = "", after: After = "", most: Most = PAGE
    ) -> Page[SettlementLine]:
        _require_all(request)
        found = request.portal.evidence.settlements(role=role, after=after, most=most + 1)
        return cut(found, most, lambda line: line.id)
