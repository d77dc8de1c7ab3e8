"""Is it alive, is it ready (健康检查): for whoever watches the process, and no word of business."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from tallyport.api.asking import json_answer, portal
from tallyport.kernel.guard import FaultError

BEHIND_MAX = 1_000  # Entries that views may lag behind before a page is too old to be shown.


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs."""
    del request
    return json_answer({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the ledger takes commands and views are up to date."""
    del request
    node = portal().node
    try:
        size, position = node.engine.size, node.views.position
        node.pass_time()
    except FaultError as error:
        return json_answer({"status": "not ready", "why": str(error)}, 503)
    if size - position > BEHIND_MAX:
        return json_answer({"status": "not ready", "why": "views are behind the ledger"}, 503)
    return json_answer({"status": "ready", "entries": size, "views": position})


urlpatterns = [path("healthz", healthz), path("readyz", readyz)]
