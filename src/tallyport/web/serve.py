"""Serve the portal and the API from the node's own process (门户服务), where the one writer lives.

    /static/portal/...            our own style and script
    /static/vendor/htmx.js        from the wheel of django-htmx
    /static/vendor/plotly.js      from the wheel of plotly

Threads answer; another one lets time pass and reactors follow, once a second.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import waitress  # type: ignore[import-untyped]
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise  # type: ignore[import-untyped]

from tallyport.adapters.witness import Witness
from tallyport.app.anchoring import Anchoring
from tallyport.app.home import Home
from tallyport.app.node import Node
from tallyport.app.paper_desk import UPLOAD_BYTES_MAX
from tallyport.app.portal import Portal
from tallyport.app.settings import Keys, NodeFile, Shown
from tallyport.kernel.guard import FaultError
from tallyport.projections.queries.evidence import EvidenceQueries, NoEvidence
from tallyport.web.configuration import BODY_BYTES_MAX, configure

THREADS = 8
BEAT_SECONDS = 1.0
CACHE_SECONDS = 3_600
_STATIC = Path(__file__).parent / "static"
_VENDOR = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "plotly.js": ("plotly", "package_data/plotly.min.js"),
}
_CHATTY = ("waitress.queue", "django.request")  # Say at every missing page that it is missing.
log = logging.getLogger("tallyport.portal")


class Heart:
    """Lets time pass while the portal runs; a fault is told and tried again at the next beat."""

    def __init__(self, node: Node) -> None:
        self._node, self._stop = node, threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                self._node.pass_time()
                self._node.settle()
            except FaultError as error:
                log.warning("time did not pass: %s", error)
            except Exception:  # The edge of this thread: said aloud, and tried again.
                log.exception("time did not pass, and it is our own fault")


def application(portal: Portal, *, hosts: Sequence[str] = (), is_https: bool = False) -> WhiteNoise:
    """Return the WSGI application that shows `portal`, with the files that its pages need."""
    configure(portal.home, hosts=hosts, is_https=is_https)
    settings.PORTAL = portal
    served = WhiteNoise(get_wsgi_application(), max_age=CACHE_SECONDS, add_headers_function=_plain)
    served.add_files(str(_STATIC), prefix="static/")
    for name, (package, path) in _VENDOR.items():
        served.add_file_to_dictionary(f"/static/vendor/{name}", str(files(package).joinpath(path)))
    return served


def _plain(headers: object, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]


def listen(served: WhiteNoise, host: str, port: int) -> Any:  # noqa: ANN401 - Has no types.
    """Return a server that has its port; port 0 takes any that is free.

    Raises:
        FaultError: the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
    except OSError as error:
        raise FaultError(
            f"{host}:{port}: cannot listen there ({error.strerror}); is another portal running?"
            " choose another port with TALLYPORT_PORT"
        ) from error
    return waitress.create_server(
        served,
        sockets=[bound],
        threads=THREADS,
        ident=None,
        max_request_body_size=UPLOAD_BYTES_MAX + BODY_BYTES_MAX,  # Django bounds what is no file.
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the portal listens, and to whom it shows what."""

    host: str = "127.0.0.1"
    port: int = 8000
    is_https: bool = False  # A proxy in front speaks HTTPS: cookies are then for HTTPS only.
    shown: Shown = Shown.LOOPBACK  # Who may read the metrics.
    witness: Witness | None = None  # None: the node watches no other log.
    anchoring: Anchoring | None = None  # None: nothing is anchored.


def serve(
    node: Node,
    home: Home,
    door: Door,
    *,
    evidence: EvidenceQueries | None = None,
    started: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until interrupted; `started` is told the address when the port is open.

    Raises:
        FaultError: the port cannot be had.
    """
    is_trial = NodeFile.read(home).keys is Keys.TRIAL
    portal = Portal(
        node=node,
        home=home,
        is_trial=is_trial,
        evidence=evidence or NoEvidence(),
        shown=door.shown,
        witness=door.witness,
    )
    portal.metrics.anchoring = door.anchoring
    served = application(portal, hosts=[door.host], is_https=door.is_https)
    server = listen(served, door.host, door.port)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    with Heart(node), door.anchoring or nullcontext(), suppress(KeyboardInterrupt):
        started(f"http://{door.host}:{server.effective_port}/")
        try:
            server.run()
        finally:
            server.close()
