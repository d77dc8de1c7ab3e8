"""Somebody asks (询问): who, of which node, as of which entry; and the answer with its ETag.

The ETag is the head of the log with the seat: as long as the ledger stands still, "not modified" is
the answer. Evidence changes without the ledger and carries none.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Annotated, Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import NinjaAPI, Query

from tallyport.api.schema import ANSWERS
from tallyport.app.permissions import Seat, require_reading, scope
from tallyport.app.portal import Portal
from tallyport.kernel.calendar import business_date
from tallyport.kernel.ids import MemberId
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.plain import plain
from tallyport.projections.queries.rows import PAGE_MAX

P = ParamSpec("P")
ASKED_LENGTH_MAX = 200  # Of an id or a word that is looked for.
NUMBER_MAX = 2**53 - 1  # As every JSON reader reads it.

Most = Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many at the most.")]
After = Annotated[str, Query(max_length=ASKED_LENGTH_MAX, description="`next` of the last page.")]
Word = Annotated[str, Query(max_length=ASKED_LENGTH_MAX)]
Before = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="`next` of the last page.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, of whom, as of when."""

    portal: Portal
    seat: Seat
    views: sqlite3.Connection
    scope: MemberId | None  # Whose business it reads; None: everybody's.

    @property
    def today(self) -> date:
        """The business date."""
        return business_date(self.portal.node.clock.now())

    def require(self, *members: str | None) -> None:
        """Let pass who may read what concerns these members; raises Denied."""
        named = frozenset(MemberId(one) for one in members if one)
        require_reading(self.seat, named, Mirror(self.views))


Answer = Callable[Concatenate[Asking, P], Any]


def portal() -> Portal:
    """Return the node that is served."""
    served: Portal = settings.PORTAL
    return served


def reads(
    api: NinjaAPI,
    path: str,
    result: Any,  # noqa: ANN401 - A declared type.
    *,
    tag: str,
    summary: str,
    has_etag: bool = True,
) -> Callable[[Answer[P]], Answer[P]]:
    """Register an operation that answers `result`; its first parameter is an `Asking`."""
    schema = ANSWERS.of(result)
    extra = {
        "responses": {
            200: {"description": "OK", "content": {"application/json": {"schema": schema}}}
        }
    }

    def register(function: Answer[P]) -> Answer[P]:
        @wraps(function)
        def operation(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            return _answered(request, lambda asking: function(asking, *args, **kwargs), has_etag)

        # The annotations are words here; what they mean is known where `function` stands.
        operation.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
        api.get(path, tags=[tag], summary=summary, openapi_extra=extra)(operation)
        return function

    return register


def _answered(
    request: HttpRequest,
    function: Callable[[Asking], Any],
    has_etag: bool,  # noqa: FBT001 - Handed on from `reads`.
) -> HttpResponse:
    seat: Seat = request.auth  # type: ignore[attr-defined]
    node = portal()
    tag = etag(node, seat) if has_etag else ""
    if tag and tag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        with node.reading() as views:
            mine = scope(seat, Mirror(views))
            value = function(Asking(portal=node, seat=seat, views=views, scope=mine))
        response = json_answer(plain(value))
    if tag:
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Authorization, Cookie"
    return response


def etag(node: Portal, seat: Seat) -> str:
    """Return the tag of what a seat reads now; nothing while views are behind the log."""
    checkpoint = node.checkpoint()
    if checkpoint.size != node.node.views.position:
        return ""
    who = f"{seat.user}\n{seat.member}\n{sorted(seat.roles)}\n{node.node.clock.now().date()}"
    mark = hashlib.sha256(checkpoint.head + who.encode()).hexdigest()[:32]
    return f'"{checkpoint.size}-{mark}"'


def json_answer(value: Any, status: int = 200) -> HttpResponse:  # noqa: ANN401 - JSON.
    """Return JSON."""
    text = json.dumps(value, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/json; charset=utf-8")


def missing(what: str, name: str) -> Http404:
    """Return the error that there is no such thing."""
    return Http404(f"there is no {what} {name[:ASKED_LENGTH_MAX]!r} that you may read")
