"""The server itself: files of the wheels, headers, time that passes while it runs.

Goal: what `tallyport serve` starts is what a browser needs. Method: a real server on a free port,
asked with the standard library.
"""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from support.portal import django_home, served, show, small_portal
from tallyport.app.home import Home
from tallyport.app.portal import Portal
from tallyport.app.settings import NodeFile
from tallyport.kernel.guard import FaultError
from tallyport.web.serve import Door, Heart, serve

FILES = [
    ("/static/portal/portal.css", b"--accent"),
    ("/static/portal/portal.js", b"Plotly"),
    ("/static/portal/mark.svg", b"<svg"),
    ("/static/vendor/htmx.js", b"htmx"),
    ("/static/vendor/plotly.js", b"plotly.js"),
    ("/healthz", b"alive"),
    ("/login", b"csrfmiddlewaretoken"),
]


def test_files_come_from_here_and_from_wheels(portal: Portal) -> None:
    """Nothing else of the wheels is reachable, and nothing of ours above the folder."""
    with served(portal) as address:
        for path, words in FILES:
            with urllib.request.urlopen(address + path) as answer:  # noqa: S310 - Our own server.
                assert words in answer.read(), path
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Server"] is None
        for path in ("/static/vendor/widgetbundle.js", "/static/../accounts.py", "/static/"):
            with pytest.raises(urllib.error.HTTPError) as missing:
                urllib.request.urlopen(address + path)  # noqa: S310 - Our own server.
            with closing(missing.value):
                assert missing.value.code in {400, 404}


def test_time_passes_while_it_runs(tmp_path: Path) -> None:
    """The heart beats: what is due fires without anybody asking; the certificate matures."""
    with small_portal(tmp_path) as portal:
        show(portal)
        clock = portal.node.clock
        clock.set(clock.now().replace(year=2025))  # type: ignore[attr-defined]
        size = portal.node.engine.size
        with Heart(portal.node):
            deadline = time.monotonic() + 20
            while portal.node.engine.size == size and time.monotonic() < deadline:
                time.sleep(0.05)
        assert portal.node.engine.size > size


def test_a_taken_port_is_told(portal: Portal) -> None:
    """With what to do about it."""
    home = django_home()
    NodeFile.read(Home(portal.home.folder)).write(home)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FaultError, match="TALLYPORT_PORT"):
            serve(portal.node, home, Door(port=port))
