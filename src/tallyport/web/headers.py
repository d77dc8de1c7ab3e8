"""Headers that tell a browser what to refuse (安全头): every answer of the portal carries them.

Scripts come from here and nowhere else; none stands in a page. Styles may stand in elements,
because plotly.js sizes what it draws that way; style cannot run.

Source: OWASP ASVS 5.0, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",  # plotly.js draws its buttons from data.
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
POLICY = "; ".join(f"{name} {value}" for name, value in _SOURCES.items())
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class SecurityHeaders:
    """Adds the policy; pages of a seat are kept by nobody on the way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with the headers."""
        response = self._next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = _PERMISSIONS
        response.headers.setdefault("Cache-Control", "no-store")
        return response
