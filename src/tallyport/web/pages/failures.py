"""Pages for what went wrong (出错页): each says what happened and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _failure(request: HttpRequest, kind: str, status: int, detail: str = "") -> HttpResponse:
    context = {"kind": kind, "detail": detail}
    return render(request, "portal/failure.html", context, status=status)


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that is none."""
    del exception  # It may quote what came, which is not ours to repeat.
    return _failure(request, "malformed", 400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer who may not."""
    return _failure(request, "denied", 403, str(exception or ""))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of ours."""
    return _failure(request, "forged", 403, reason)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere."""
    del exception  # Django's own says how addresses are matched; a reader does not care.
    return _failure(request, "missing", 404, request.path)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when the world or we are broken."""
    return _failure(request, "broken", 500)
