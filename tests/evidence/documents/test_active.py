"""What a PDF would do is seen however it is spelled, and what stands by chance is not."""

from __future__ import annotations

import zlib

import pytest

from support import papers as make
from tallyport.evidence.documents import active

ACTION = b"<< /S /JavaScript /JS (app.alert(1)) >>"


def _stream(data: bytes, said: bytes = b"") -> bytes:
    return b"9 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        said,
        len(data),
        data,
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (make.pdf(["x"]), []),
        (make.pdf(["x"], extra=b"/OpenAction " + ACTION), ["JS", "JavaScript"]),
        (make.pdf(["x"], extra=b"/AA << /S /J#61vaScript /J#53 () >>"), ["JS", "JavaScript"]),
        (make.pdf(["x"], extra=b"/AA << /S /Launch /F (calc) >>"), ["Launch"]),
        (make.pdf(["x"]) + _stream(zlib.compress(ACTION), b"/Type /ObjStm"), ["JS", "JavaScript"]),
        (make.pdf(["x"]) + _stream(ACTION, b"/Type /ObjStm"), ["JS", "JavaScript"]),
        (make.pdf(["x"]) + _stream(b"a picture with /JS in it"), []),
        (make.pdf(["x"], extra=b"/JSON (x) /Launcher (y)"), []),
        (b"%PDF-1.4 stream /JS", []),
    ],
)  # fmt: skip
def test_names(content: bytes, found: list[str]) -> None:
    """In the open, spelled with numbers, in packed objects; not in a picture or a longer name."""
    assert active.names(content) == found


def test_a_bomb_in_objects_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is packed is unpacked up to a bound."""
    monkeypatch.setattr(active, "UNPACKED_BYTES_MAX", 1_000)
    packed = zlib.compress(bytes(10_000_000) + ACTION)
    assert active.names(make.pdf(["x"]) + _stream(packed, b"/Type /ObjStm")) == []


def test_attachments_are_seen() -> None:
    """They are not read, and that is said."""
    assert active.has_attachments(make.pdf(["x"], extra=b"/Names << /EmbeddedFiles 9 0 R >>"))
    assert not active.has_attachments(make.pdf(["x"]))
