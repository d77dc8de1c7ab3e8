"""Documents that only some members read (保密单证), over HTTP: as `tallyport document` does it.

A seat acts for its own member only, whatever it may read of the ledger: operators and auditors do
not read what was not granted to their member. Bodies are the bytes of documents and grants, no
larger than the portal takes; larger ones go through the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI

from tallyport.adapters.documents import DocumentError
from tallyport.adapters.sharing import GrantError
from tallyport.adapters.suites import Secret, is_secret
from tallyport.api.asking import Asking, json_answer, missing, portal, reads
from tallyport.app import sharing
from tallyport.app.attesting import NotAttestedError
from tallyport.app.permissions import SENDING, Denied, Seat
from tallyport.contracts.members.encryption import Scheme
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.ids import MemberId

BYTES = "application/octet-stream"
_TAGS = ["documents"]
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {"required": True, "content": {BYTES: {"schema": _BINARY}}}
_DONE: dict[int, Any] = {
    200: {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_FILE: dict[int, Any] = {200: {"description": "OK", "content": {BYTES: {"schema": _BINARY}}}}


def add_to(api: NinjaAPI) -> None:
    """Add the operations on documents."""
    _reading(api)
    _keeping(api)
    _sharing(api)


def _reading(api: NinjaAPI) -> None:
    @reads(
        api,
        "/documents",
        tuple[sharing.DossierLine, ...],
        tag="documents",
        summary="Dossiers that the seat's member owns or was granted.",
        has_etag=False,
    )
    def every(request: Asking) -> tuple[sharing.DossierLine, ...]:
        lines = sharing.listed(request.portal.node)
        return tuple(one for one in lines if _may_read(one, request.seat.member))

    @api.get(
        "/documents/{name}/versions/{version}",
        tags=_TAGS,
        summary="One document, after checking that it is what was committed to.",
        openapi_extra={"responses": _FILE},
    )
    def document(request: HttpRequest, name: str, version: int) -> HttpResponse:
        stored = _stored(request, name, is_reading=True)
        with _told():
            _, content = sharing.read(portal().node, stored, version)
        return _bytes(content)


def _keeping(api: NinjaAPI) -> None:
    @api.put(
        "/documents/{name}",
        tags=_TAGS,
        summary="Keep a document as the next version of a dossier, and attest it.",
        openapi_extra={"requestBody": _BODY, "responses": _DONE},
    )
    def put(request: HttpRequest, name: str) -> HttpResponse:
        seat = _sender(request)
        with _told():
            stored, made = sharing.put(portal().node, seat.member, name, request.body)
        return json_answer({"name": stored, "is_new": made.same == 0})

    @api.delete(
        "/documents/{name}",
        tags=_TAGS,
        summary="Erase a dossier here: its keys are destroyed.",
        openapi_extra={"responses": _DONE},
    )
    def erase(request: HttpRequest, name: str) -> HttpResponse:
        stored, documents = _stored(request, name), portal().node.documents
        with _told():
            readers = documents.readers(stored)
            documents.destroy(stored)
        return json_answer({"name": stored, "readers": readers})


def _sharing(api: NinjaAPI) -> None:
    @api.post(
        "/documents/{name}/readers/{member}",
        tags=_TAGS,
        summary="A file that opens the dossier to another member.",
        openapi_extra={"responses": _FILE},
    )
    def grant(request: HttpRequest, name: str, member: str) -> HttpResponse:
        stored = _stored(request, name)
        with _told():
            return _bytes(sharing.give(portal().node, stored, MemberId(member)))

    @api.delete(
        "/documents/{name}/readers/{member}",
        tags=_TAGS,
        summary="Grant nothing more to a member; what follows has another key.",
        openapi_extra={"responses": _DONE},
    )
    def withdraw(request: HttpRequest, name: str, member: str) -> HttpResponse:
        stored = _stored(request, name)
        with _told():
            left = sharing.withdraw(portal().node, stored, MemberId(member))
        return json_answer({"name": stored, "readers": list(left)})

    @api.post(
        "/documents",
        tags=_TAGS,
        summary="Take what was granted, if it is what the ledger says was attested.",
        openapi_extra={"requestBody": _BODY, "responses": _DONE},
    )
    def take(request: HttpRequest) -> HttpResponse:
        seat = _sender(request)
        with _told():
            name, count = sharing.take(
                portal().node, seat.member, request.body, _secret(seat.member)
            )
        return json_answer({"name": name, "versions": count})


def _sender(request: HttpRequest) -> Seat:
    seat: Seat = request.auth  # type: ignore[attr-defined]
    if not seat.roles & SENDING:
        raise Denied(f"{seat.user} only reads; an operator or approver keeps and grants documents")
    return seat


def _stored(request: HttpRequest, name: str, *, is_reading: bool = False) -> str:
    """Return under which name a dossier is kept that the seat's member owns (or reads)."""
    seat: Seat = request.auth if is_reading else _sender(request)  # type: ignore[attr-defined]
    node = portal().node
    stored = sharing.stored(node, seat.member, name)
    for one in sharing.listed(node):
        owned = sharing.owner(one.stored) == seat.member
        if one.stored == stored and (owned or (is_reading and _may_read(one, seat.member))):
            return stored
    raise missing("dossier", name)


def _may_read(one: sharing.DossierLine, member: MemberId) -> bool:
    return sharing.owner(one.stored) == member or member in one.readers


def _secret(member: MemberId) -> Callable[[Scheme], Secret]:
    def secret(_: Scheme) -> Secret:
        key = portal().node.key(sharing.key_name(member))
        if not is_secret(key):
            raise GrantError(f"{key.key_id}: a key in a module does not decrypt here")
        return key

    return secret


@contextmanager
def _told() -> Iterator[None]:
    """Tell in the words of this API what cannot be done."""
    try:
        yield
    except DocumentError as error:
        raise Http404(str(error)) from error
    except (GrantError, sharing.SharingError, NotAttestedError) as error:
        raise MalformedError(str(error)) from error


def _bytes(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type=BYTES)
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response
