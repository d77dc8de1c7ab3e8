"""One id and one line a request (请求日志): who asked for what, how it ended, how long it took.

A caller may bring its own id as `X-Request-Id`, so that its log and ours can be laid side by side.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from tallyport.app.logs import REQUEST

PATH_LENGTH_MAX = 200  # Characters of an address that are logged.
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNTOLD = ("/static/", "/healthz", "/livez", "/readyz", "/metrics")  # Asked for all day long.
log = logging.getLogger("tallyport.request")


class RequestLog:
    """Gives every request its id, and tells how it ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with the id."""
        given = request.headers.get("X-Request-Id", "")
        name = given if _ID.fullmatch(given) else uuid4().hex
        token, begun = REQUEST.set(name), time.monotonic()
        try:
            response = self._next(request)
            response.headers["X-Request-Id"] = name
            if not request.path.startswith(_UNTOLD):
                self._tell(request, response.status_code, time.monotonic() - begun)
        finally:
            REQUEST.reset(token)
        return response

    @staticmethod
    def _tell(request: HttpRequest, status: int, seconds: float) -> None:
        path = request.path[:PATH_LENGTH_MAX]
        told: dict[str, object] = {
            "method": request.method,
            "path": path,
            "status": status,
            "milliseconds": int(seconds * 1_000),
        }
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            told["user"] = user.get_username()
        log.info("%s %s: %d", request.method, path, status, extra=told)
