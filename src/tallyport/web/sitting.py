"""Who asks (身份): a session's user or a token's, and the seat that goes with it.

`request.seat` is None for everybody else; `request.is_program` says that a token spoke, which no
other site can make a browser send.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from tallyport.app.permissions import Seat
from tallyport.web.accounts import seat_of, user_of

TOKEN_LENGTH_MAX = 200  # Ours have 46 characters; longer ones are not even hashed.


class SeatMiddleware:
    """Sets `request.seat` and `request.is_program`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to whoever it is."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        is_program = scheme.lower() == "bearer"
        if is_program:
            user = user_of(token.strip()) if 0 < len(token) <= TOKEN_LENGTH_MAX else None
            request.user = user or AnonymousUser()
        request.is_program = is_program  # type: ignore[attr-defined]
        request.seat = SimpleLazyObject(lambda: _seat(request))  # type: ignore[attr-defined]
        return self._next(request)


def _seat(request: HttpRequest) -> Seat | None:
    return seat_of(request.user) if request.user.is_authenticated else None


def sitting(request: HttpRequest) -> Seat | None:
    """Return the seat of whoever asks."""
    seat = getattr(request, "seat", None)
    return seat or None  # The request makes it only when it is asked for.
