"""A visit (访问): somebody with a seat looks at one page, as of one entry.

    @page
    def limits(visit: Visit) -> HttpResponse: ...

Whoever has no seat is led to the login; whoever may not see a thing is told who may.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from tallyport.app.permissions import Denied, Seat, require_reading, scope
from tallyport.app.portal import Portal
from tallyport.kernel.calendar import business_date
from tallyport.kernel.ids import MemberId
from tallyport.projections.mirror import Mirror
from tallyport.projections.projection import position
from tallyport.projections.queries.members import names
from tallyport.web.language import language
from tallyport.web.sitting import sitting

P = ParamSpec("P")
ASKED_LENGTH_MAX = 200  # What is typed into a search field or stands in a link.


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who looks, at what, as of when."""

    request: HttpRequest
    portal: Portal
    seat: Seat
    views: sqlite3.Connection
    scope: MemberId | None  # Whose business it sees; None: everybody's.

    @property
    def language(self) -> str:
        """The visitor's language."""
        return language(self.request)

    @property
    def today(self) -> date:
        """The business date."""
        return business_date(self.portal.node.clock.now())

    def asked(self, name: str) -> str:
        """Return what was asked for in the address, or nothing."""
        return self.request.GET.get(name, "").strip()[:ASKED_LENGTH_MAX]

    def number(self, name: str) -> int | None:
        """Return the whole number that was asked for, or None."""
        text = self.asked(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004

    def require(self, *members: str | None) -> None:
        """Let pass who may see what concerns these members; raises Denied."""
        named = frozenset(MemberId(one) for one in members if one)
        require_reading(self.seat, named, Mirror(self.views))

    def show(self, template: str, /, **context: Any) -> HttpResponse:  # noqa: ANN401 - For a template.
        """Return the page; the part that htmx asked for has a template of its own."""
        context |= {
            "as_of": position(self.views),
            "names": names(self.views),
            "scope": self.scope,
            "today": self.today,
        }
        return render(self.request, f"portal/{template}", context)

    def rows(self, template: str, more: str | None, **context: Any) -> HttpResponse:  # noqa: ANN401 - For a template.
        """Return a list, or only its next rows when htmx asks for them; `more` is the cursor."""
        asked = {name: one for name, one in self.request.GET.items() if name != "after"}
        link = f"{self.request.path}?{urlencode(asked | {'after': more})}" if more else ""
        is_part = bool(getattr(self.request, "htmx", False)) and "after" in self.request.GET
        part = template.replace(".html", "_rows.html")
        return self.show(part if is_part else template, more=link, rows=f"portal/{part}", **context)


def page(
    view: Callable[Concatenate[Visit, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Return `view` as Django calls it: with a request instead of a visit."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        seat = sitting(request)
        if seat is None:
            asked = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{asked}")
        portal: Portal = settings.PORTAL
        with portal.reading() as views:
            mine = scope(seat, Mirror(views))
            visit = Visit(request=request, portal=portal, seat=seat, views=views, scope=mine)
            try:
                return view(visit, *args, **kwargs)
            except Denied as denied:
                context = {"detail": str(denied), "kind": "denied"}
                return render(request, "portal/failure.html", context, status=403)
            except Http404 as missing:
                context = {"detail": str(missing), "kind": "missing"}
                return render(request, "portal/failure.html", context, status=404)

    return wrapped


def missing(what: str, name: str) -> Http404:
    """Return the answer that there is no such thing."""
    return Http404(f"{what} {name[:ASKED_LENGTH_MAX]!r}")
