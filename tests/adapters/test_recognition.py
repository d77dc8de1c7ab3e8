"""Pages are seen in a bounded process: text layers, pictures (with Tesseract), broken files."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image, ImageDraw, ImageFont

from support import papers as make
from tallyport.adapters.recognition import tools
from tallyport.evidence.documents.model import Kind, Paper, Rule
from tallyport.evidence.documents.reading import read

LINES = (
    "VEHICLE REGISTRATION CERTIFICATE",
    "VIN: LSVCE2BR5N1041664",
    "Registered on: 2023-02-28",
)


def _read(content: bytes) -> Paper:
    return read("paper", content, tools(), as_of=date(2024, 12, 31))


def _picture(form: str) -> bytes:
    picture = Image.new("RGB", (1_200, 300), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=40)
    for number, line in enumerate(LINES):
        draw.text((40, 30 + 80 * number), line, fill="black", font=font)
    held = io.BytesIO()
    picture.save(held, format=form)
    return held.getvalue()


def test_text_layer() -> None:
    """A PDF's text is read as it is."""
    paper = _read(make.pdf(LINES))
    assert paper.kind is Kind.REGISTRATION
    assert paper.value("vin") == "LSVCE2BR5N1041664"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\nnothing", b"\x89PNG\r\n\x1a\nnothing", make.pdf(LINES)[:300]]
)
def test_broken_files_are_refused(content: bytes) -> None:
    """The reader says so; nothing is raised."""
    paper = _read(content)
    assert {one.rule for one in paper.findings} == {Rule.BROKEN}


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    """A few bytes that announce 900 million pixels."""
    held = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(held, format="PNG")
    paper = _read(held.getvalue())
    assert {one.rule for one in paper.findings} == {Rule.TOO_LARGE}


@pytest.mark.debian
@pytest.mark.parametrize("form", ["PNG", "JPEG", "PDF"])
def test_pictures_are_recognised(form: str) -> None:
    """A drawn page, also as a scanned PDF; each field with the confidence of its words."""
    paper = _read(_picture(form))
    assert paper.kind is Kind.REGISTRATION
    assert paper.value("vin") == "LSVCE2BR5N1041664"
    assert all(0 < one.confidence_bp < 10_000 for one in paper.fields)
