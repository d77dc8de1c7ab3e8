"""Is it alive, is it ready, how is it (健康检查与指标): for whoever watches, no word of business.

/livez, /healthz   503 when the ledger has stopped: start the process again
/readyz            503 when it cannot take commands or shows old pages: send nobody here
/metrics           figures for Prometheus, for programs on this machine unless a setting says so
"""

from __future__ import annotations

import ipaddress
import shutil
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import path
from prometheus_client import CONTENT_TYPE_LATEST

from tallyport.api.asking import json_answer, portal
from tallyport.api.problems import Problem, answer
from tallyport.app.portal import Portal
from tallyport.app.settings import Shown
from tallyport.kernel.guard import FaultError

BEHIND_MAX = 1_000  # Entries that views may lag behind before a page is too old to be shown.
DISK_FREE_BYTES_MIN = 256 << 20  # Below it a commit may fail at any moment: stop taking commands.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


def livez(request: HttpRequest) -> HttpResponse:
    """Answer whether the process is of any use."""
    del request
    if not portal().node.engine.is_running:
        return json_answer({"status": "stopped", "why": "the ledger has stopped"}, 503)
    return json_answer({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the ledger takes commands and views are up to date."""
    del request
    served = portal()
    reasons = list(_reasons(served))
    if reasons:
        return json_answer({"status": "not ready", "why": "; ".join(reasons)}, 503)
    node = served.node
    return json_answer(
        {"status": "ready", "entries": node.engine.size, "views": node.views.position}
    )


def _reasons(served: Portal) -> Iterator[str]:
    """Yield why nobody should be sent here."""
    node = served.node
    try:
        node.pass_time()
        behind = node.engine.size - node.views.position
    except FaultError as error:
        yield str(error)
        return
    if behind > BEHIND_MAX:
        yield f"views are {behind} entries behind the ledger"
    try:
        free = shutil.disk_usage(served.home.folder).free
    except OSError as error:
        yield f"the disk cannot be asked: {error.strerror}"
        return
    if free < DISK_FREE_BYTES_MIN:
        yield f"the disk is full: {free >> 20} MiB are free, expected {DISK_FREE_BYTES_MIN >> 20}"


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the figures, to whom the setting lets read them."""
    served = portal()
    if not _may_read(request, served.shown):
        return answer(Problem.NOT_FOUND, "/metrics: no such address")
    return HttpResponse(served.metrics.text(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest, shown: Shown) -> bool:
    match shown:
        case Shown.ALL:
            return True
        case Shown.LOOPBACK:
            if any(name in request.headers for name in _FORWARDED):
                return False  # A proxy on this machine asks for somebody else.
            try:
                return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
            except ValueError:
                return False
        case _:
            return False


urlpatterns = [
    path("livez", livez),
    path("healthz", livez),
    path("readyz", readyz),
    path("metrics", metrics),
]
