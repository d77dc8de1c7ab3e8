"""Which language a visitor reads (语言): its cookie says so, or its browser, or English."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tallyport.web.texts import LANGUAGES

COOKIE = "tallyport-language"
COOKIE_SECONDS_MAX = 365 * 24 * 60 * 60  # A year: a choice of this kind rarely changes.


class LanguageMiddleware:
    """Sets `request.language`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, in the visitor's language."""
        cookie = request.COOKIES.get(COOKIE, "")
        accepted = request.headers.get("Accept-Language", "")
        request.language = cookie if cookie in LANGUAGES else preferred(accepted)  # type: ignore[attr-defined]
        response = self._next(request)
        response.headers.setdefault("Content-Language", language(request))
        return response


def language(request: HttpRequest) -> str:
    """Return the language of a request."""
    return str(getattr(request, "language", LANGUAGES[0]))


def preferred(header: str) -> str:
    """Return what an Accept-Language header likes best of what there is."""
    wishes = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wishes.append((-weight, place, tag.partition("-")[0].lower()))
    return next((tag for _, _, tag in sorted(wishes) if tag in LANGUAGES), LANGUAGES[0])
