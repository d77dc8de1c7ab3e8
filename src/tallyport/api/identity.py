"""Who may call at all (调用身份): a token's user, or a session's user with its CSRF token.

The portal has found out who it is (`request.seat`); here it is required.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from tallyport.app.permissions import Seat


class Bearer(AuthBase):
    """`Authorization: Bearer tp_...`: a user's token; no other site can make a browser send it."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Seat | None:
        """Return the seat of a program."""
        return _seat(request) if getattr(request, "is_program", False) else None


class Session(AuthBase):
    """The portal's own session; whatever changes something needs its CSRF token too."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "tallyport-session"

    def __call__(self, request: HttpRequest) -> Seat | None:
        """Return the seat of a person."""
        seat = None if getattr(request, "is_program", False) else _seat(request)
        if seat is not None and check_csrf(request) is not None:
            raise HttpError(403, "expected the CSRF token of the session; a token needs none")
        return seat


def _seat(request: HttpRequest) -> Seat | None:
    seat: Seat | None = getattr(request, "seat", None)
    return seat or None  # The request makes it only when it is asked for.
