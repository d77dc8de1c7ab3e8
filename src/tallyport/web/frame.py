"""What surrounds every page (页面框架): who asks, in which language, where one can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tallyport.web.language import language
from tallyport.web.sitting import sitting
from tallyport.web.texts import NAMES

NAVIGATION = (
    ("overview", "/"),
    ("dossiers", "/dossiers"),
    ("certificates", "/certificates"),
    ("limits", "/limits"),
    ("financings", "/financings"),
    ("escrows", "/escrows"),
    ("pledges", "/pledges"),
    ("books", "/books"),
    ("ledger", "/ledger"),
    ("evidence", "/evidence"),
    ("papers", "/papers"),
    ("members", "/members"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of a page needs."""
    path = request.path
    return {
        "language": language(request),
        "languages": NAMES.items(),
        "seat": sitting(request),
        "is_trial": getattr(settings.PORTAL, "is_trial", False),
        "here": path,
        "navigation": [
            (name, url, path == url or (url != "/" and path.startswith(url)))
            for name, url in NAVIGATION
        ],
    }
