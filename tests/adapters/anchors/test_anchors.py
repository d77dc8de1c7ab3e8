"""Anchors keep what they were given, and no one overwrites it; every kind, one suite.

Goal: whatever stands behind the port behaves alike. Method: the same steps against a folder, a
small HTTP server and a gateway of Fabric in memory, then what only one of them can do wrong; of
Fabric that is in `fabric/`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.fabric_gateway import ORIGIN, FabricGateway, note, papers
from tallyport.adapters.anchors.fabric.anchor import FabricAnchor
from tallyport.adapters.anchors.folder import FolderAnchor
from tallyport.adapters.anchors.http import HttpAnchor
from tallyport.adapters.anchors.port import Anchor, AnchorError


class Server:
    """Keeps what is PUT; can be told to answer something else."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.status: int | None = None  # What it answers to everything, if not None.
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = outer.kept.get(self.path)
                self._answer(404 if data is None else 200, data or b"")

            def do_PUT(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path in outer.kept and self.headers["If-None-Match"] == "*":
                    self._answer(412, b"there")
                    return
                if outer.status is None:
                    outer.kept[self.path] = data
                self._answer(201, b"")

            def _answer(self, status: int, data: bytes) -> None:
                self.send_response(outer.status or status)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.http.server_port}/log"

    def close(self) -> None:
        """Stop."""
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a server."""
    made = Server()
    yield made
    made.close()


@pytest.fixture(params=["folder", "http", "fabric"])
def anchor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Anchor]:
    """Yield each kind."""
    match request.param:
        case "folder":
            yield FolderAnchor(tmp_path / "anchor")
        case "http":
            yield HttpAnchor(request.getfixturevalue("server").url)
        case _:
            gateway = FabricGateway()
            yield FabricAnchor.read(gateway.profile(tmp_path, papers(tmp_path, "ali"), ORIGIN))
            gateway.close()


def test_what_was_put_is_found(anchor: Anchor) -> None:
    """By its size, and as the latest; the same again changes nothing."""
    assert anchor.latest() is None
    assert anchor.get(3) is None
    for size in (3, 20, 20):
        anchor.put(size, note(size))
    assert (anchor.get(3), anchor.get(20)) == (note(3), note(20))
    assert anchor.get(4) is None
    assert anchor.latest() == note(20)


def test_nothing_is_overwritten(anchor: Anchor) -> None:
    """Another checkpoint of one size is a fork: it is told, and the first one stays."""
    anchor.put(3, note(3))
    with pytest.raises(AnchorError, match="another checkpoint over 3 entries"):
        anchor.put(3, note(3, head=1))
    assert anchor.get(3) == note(3)


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file stands in its place; strange files in it are nobody's."""
    path = tmp_path / "file"
    path.write_text("x", "utf-8")
    with pytest.raises(AnchorError, match="cannot keep"):
        FolderAnchor(path).put(1, "note\n")
    folder = FolderAnchor(tmp_path / "anchor")
    folder.put(1, "note\n")
    (tmp_path / "anchor" / "readme.txt").write_text("hello", "utf-8")
    assert folder.latest() == "note\n"
    (tmp_path / "anchor" / "000000000009.txt").write_bytes(b"\xff")
    with pytest.raises(AnchorError, match="cannot read"):
        folder.latest()


@pytest.mark.parametrize("status", [403, 500])
def test_a_server_that_does_not_do_it(server: Server, status: int) -> None:
    """Said with its status."""
    server.status = status
    with pytest.raises(AnchorError, match=str(status)):
        HttpAnchor(server.url).put(1, "note\n")
    with pytest.raises(AnchorError, match=str(status)):
        HttpAnchor(server.url).latest()


def test_an_address_that_is_none() -> None:
    """Nor one where nobody answers."""
    with pytest.raises(AnchorError, match="begins with http"):
        HttpAnchor("ftp://example.org")
    with pytest.raises(AnchorError, match="does not answer"):
        HttpAnchor("http://127.0.0.1:9/log").latest()
