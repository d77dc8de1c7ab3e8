"""Read and prove the ledger (账本与证明): entries, receipts, checkpoint, key, consistency."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Query

from tallyport.api.asking import NUMBER_MAX, Asking, Before, Most, Word, missing, portal, reads
from tallyport.api.problems import Problem, answer
from tallyport.projections.queries import entries
from tallyport.projections.queries.rows import PAGE, Page

Sequence = Annotated[int, Path(ge=1, le=NUMBER_MAX)]
Size = Annotated[int, Query(ge=1, le=NUMBER_MAX)]
_TEXT: dict[str, Any] = {
    "responses": {
        200: {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """The proof that the tree of `old` entries is a prefix of the one of `new` (RFC 6962)."""

    old: int
    new: int
    proof: tuple[str, ...]  # Hashes in base64.


def add_to(api: NinjaAPI) -> None:
    """Add the operations on the ledger itself."""
    _entries(api)
    _open(api)

    @reads(
        api,
        "/consistency",
        Consistency,
        tag="ledger",
        summary="Proof that the log of `old` entries is a prefix of that of `new`.",
    )
    def consistency(request: Asking, old: Size, new: Size) -> Consistency:
        try:
            proof = request.portal.node.engine.consistency(old, new)
        except KeyError:
            raise missing("pair of trees", f"{old} in {new}") from None
        hashes = tuple(base64.b64encode(one).decode() for one in proof)
        return Consistency(old=old, new=new, proof=hashes)


def _entries(api: NinjaAPI) -> None:
    @reads(
        api,
        "/entries",
        Page[entries.EntryLine],
        tag="ledger",
        summary="Entries, the newest first.",
    )
    def list_entries(
        request: Asking, outcome: Word = "", after: Before = None, most: Most = PAGE
    ) -> Page[entries.EntryLine]:
        return entries.entries(
            request.views, member=request.scope, before=after, most=most, outcome=outcome
        )

    @reads(api, "/entries/{sequence}", entries.Opened, tag="ledger", summary="One entry, decoded.")
    def entry(request: Asking, sequence: Sequence) -> entries.Opened:
        _require(request, sequence)
        return entries.opened(request.portal.node.engine.raw_entry(sequence))

    @reads(
        api,
        "/receipts/{sequence}",
        dict[str, Any],
        tag="ledger",
        summary="The receipt of an entry: checked offline with the log's key alone.",
    )
    def receipt(request: Asking, sequence: Sequence) -> dict[str, Any]:
        _require(request, sequence)
        return _spelled(request.portal.node.engine.receipt(sequence))


def _require(request: Asking, sequence: int) -> None:
    if sequence > request.portal.node.engine.size:
        raise missing("entry", str(sequence))
    if request.scope and not entries.concerns(request.views, sequence, request.scope):
        raise missing("entry", str(sequence))


def _spelled(receipt: object) -> dict[str, Any]:
    import json  # noqa: PLC0415 - Only a receipt is spelled by itself.

    spelled: dict[str, Any] = json.loads(str(receipt))
    return spelled


def _open(api: NinjaAPI) -> None:
    """Add what anybody may read: it is how outsiders hold the log to its word."""

    @api.get(
        "/checkpoint",
        auth=None,
        tags=["ledger"],
        summary="The signed checkpoint (C2SP tlog-checkpoint).",
        openapi_extra=_TEXT,
    )
    def checkpoint(request: HttpRequest) -> HttpResponse:
        del request
        return _text(portal().node.engine.checkpoint())

    @api.get(
        "/log-key",
        auth=None,
        tags=["ledger"],
        summary="The log's verifier key (C2SP signed-note).",
        openapi_extra=_TEXT,
    )
    def log_key(request: HttpRequest) -> HttpResponse:
        del request
        return _text(f"{portal().node.engine.verifier_key}\n")


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer an address of the API that leads nowhere."""
    del rest
    return answer(Problem.NOT_FOUND, f"{request.path[:200]}: no such address")
