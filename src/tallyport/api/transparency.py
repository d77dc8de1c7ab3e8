"""The tree as tiles, and the witness (透明日志接口): what other programs of this kind expect.

/tile/0/000, /tile/1/000.p/17     hashes: open to all, they tell nothing of what was recorded
/tile/entries/000                 entries: for seats that may read everything
/witness/add-checkpoint           cosigns the checkpoints of logs that this node watches
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from tallyport.api.asking import missing, portal
from tallyport.app.permissions import Denied, Seat, scope
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.tiles import HEIGHT, Tile, bundle, parse_path
from tallyport.projections.mirror import Mirror

BYTES = "application/octet-stream"
_BINARY: dict[str, Any] = {
    "responses": {
        200: {
            "description": "OK",
            "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}
_LINES: dict[str, Any] = {
    "responses": {
        200: {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
}
_FOREVER = "public, max-age=31536000, immutable"
_PRIVATE = "private, max-age=31536000, immutable"


def add_to(api: NinjaAPI) -> None:
    """Add these operations; bundles first, as their addresses look like those of tiles."""
    _bundles(api)
    _tiles(api)
    _witness(api)


def _bundles(api: NinjaAPI) -> None:
    @api.get(
        "/tile/entries/{path:place}",
        tags=["transparency"],
        summary="A bundle of entries (C2SP tlog-tiles).",
        openapi_extra=_BINARY,
    )
    def entries(request: HttpRequest, place: str) -> HttpResponse:
        seat: Seat = request.auth  # type: ignore[attr-defined]
        tile = _tile(f"tile/entries/{place}")
        served = portal()
        with served.reading() as views:
            if scope(seat, Mirror(views)) is not None:
                raise Denied("bundles hold everybody's entries; ask for your own by their number")
        engine = served.node.engine
        try:
            data = bundle(engine.raw_entry(tile.first + number + 1) for number in range(tile.width))
        except MalformedError as error:
            raise missing("bundle", f"{tile.path}: {error}") from None
        return _bytes(data, _PRIVATE)


def _tiles(api: NinjaAPI) -> None:
    @api.get(
        "/tile/{path:place}",
        auth=None,
        tags=["transparency"],
        summary="A tile of hashes (C2SP tlog-tiles).",
        openapi_extra=_BINARY,
    )
    def tile(request: HttpRequest, place: str) -> HttpResponse:
        del request
        wanted = _tile(f"tile/{place}")
        level = HEIGHT * wanted.level
        found = portal().node.engine.hashes(level, wanted.first, wanted.width)
        return _bytes(b"".join(found), _FOREVER)


def _witness(api: NinjaAPI) -> None:
    @api.post(
        "/witness/add-checkpoint",
        auth=None,
        tags=["transparency"],
        summary="Cosign a checkpoint of another log (C2SP tlog-witness).",
        openapi_extra=_LINES,
    )
    def add_checkpoint(request: HttpRequest) -> HttpResponse:
        witness = portal().witness
        if witness is None:
            raise missing("witness", "here")
        answer = witness.add_checkpoint(request.body)
        return HttpResponse(answer.text, status=answer.status, content_type=answer.kind)


def _tile(path: str) -> Tile:
    """Return the tile at an address that the log has grown to."""
    try:
        tile = parse_path(path)
    except MalformedError:
        raise missing("tile", path) from None
    if not tile.is_in(portal().node.engine.size):
        raise missing("tile", path)
    return tile


def _bytes(data: bytes, caching: str) -> HttpResponse:
    response = HttpResponse(data, content_type=BYTES)
    response.headers["Cache-Control"] = caching
    return response
