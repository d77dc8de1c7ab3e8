"""Papers (单证), over HTTP: hand one in, read what was handed in. The pages do the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query

from tallyport.api.asking import (
    NUMBER_MAX,
    Asking,
    Before,
    Most,
    json_answer,
    missing,
    portal,
    reads,
)
from tallyport.app.paper_desk import (
    NAME_LENGTH_MAX,
    UPLOAD_BYTES_MAX,
    Kept,
    NotTakenError,
    PaperDesk,
)
from tallyport.app.permissions import Seat
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.form import encode_moment

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TAKE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}},
    "responses": {
        200: {
            "description": "Kept; `is_new` is false when the same file was handed in before.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
}
FileName = Annotated[str, Query(max_length=NAME_LENGTH_MAX, description="What the file is called.")]


def add_to(api: NinjaAPI) -> None:
    """Add the operations on papers."""

    @reads(
        api,
        "/papers",
        tuple[Kept, ...],
        tag="evidence",
        summary="Papers that were handed in, the last one first.",
        has_etag=False,
    )
    def every(request: Asking, before: Before = None, limit: Most = 50) -> tuple[Kept, ...]:
        return PaperDesk(request.portal.home).all(request.scope, before=before, most=limit)

    @reads(
        api,
        "/papers/{number}",
        Kept,
        tag="evidence",
        summary="What one paper says, how surely, and what does not fit.",
        has_etag=False,
    )
    def one(request: Asking, number: int) -> Kept:
        found = PaperDesk(request.portal.home).one(request.scope, min(number, NUMBER_MAX))
        if found is None:
            raise missing("paper", str(number))
        return found

    @api.post(
        "/papers",
        tags=["evidence"],
        summary=f"Hand in a paper of at most {UPLOAD_BYTES_MAX >> 20} MiB; its bytes are the body.",
        openapi_extra=_TAKE,
    )
    def take(request: HttpRequest, file: FileName = "paper") -> HttpResponse:
        seat: Seat = request.auth  # type: ignore[attr-defined]
        served = portal()
        content = bytes(request.read(UPLOAD_BYTES_MAX + 1))
        try:
            kept, is_new = PaperDesk(served.home).take(seat, file, content, served.node.clock.now())
        except NotTakenError as error:
            raise MalformedError(str(error)) from None
        return json_answer({"is_new": is_new, **_shown(kept)})


def _shown(kept: Kept) -> Mapping[str, object]:
    return {
        "number": kept.number,
        "member": kept.member,
        "user": kept.user,
        "at": encode_moment(kept.at),
        "paper": kept.paper.shown(),
    }
