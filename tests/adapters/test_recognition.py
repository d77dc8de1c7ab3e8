"""Pages are seen in a bounded process: text layers, pictures (with Tesseract), broken files."""

from __future__ import annotations

import io
import re
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


INVOICE = (
    ((180, "电子发票（普通发票）"),),
    ((380, "发票号码："), (440, "24999000000000000017")),
    ((380, "开票日期："), (440, "2024年05月28日")),
    ((20, "名称：图尔帕尔贸易有限公司"), (300, "名称：卡拉万汽车有限公司")),
    (
        (20, "*机动车*乘用车"), (150, "辆"), (190, "1"), (240, "100000.00"), (330, "100000.00"),
        (420, "13%"), (480, "13000.00"),
    ),
    ((40, "合计"), (330, "¥100000.00"), (480, "¥13000.00")),
    ((20, "价税合计（大写）"), (150, "壹拾壹万叁仟圆整"), (330, "（小写）¥113000.00")),
)  # fmt: skip
SAID = {
    "number": "24999000000000000017",
    "buyer_name": "图尔帕尔贸易有限公司",
    "seller_name": "卡拉万汽车有限公司",
    "net": "100000.00",
    "tax": "13000.00",
    "total": "113000.00",
}
CHINESE = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
SCALE = 3


def _page(ink: str = "black", paper: str = "white") -> Image.Image:
    """Return the invoice, drawn."""
    picture = Image.new("RGB", (600 * SCALE, 240 * SCALE), paper)
    draw = ImageDraw.Draw(picture)
    fonts = ImageFont.truetype(CHINESE, 11 * SCALE), ImageFont.load_default(size=11 * SCALE)
    for number, row in enumerate(INVOICE):
        for left, text in row:
            at = float(left * SCALE)
            for run in re.findall("[\u2e80-\uffff]+|[^\u2e80-\uffff]+", text):
                font = fonts[0] if run[0] > "\u2e80" else fonts[1]
                draw.text((at, (20 + 28 * number) * SCALE), run, fill=ink, font=font)
                at += font.getlength(run)
    return picture


def _saved(*pictures: Image.Image, form: str = "PNG") -> bytes:
    held = io.BytesIO()
    more = {"save_all": True, "append_images": list(pictures[1:])} if form == "PDF" else {}
    pictures[0].save(held, format=form, **more)
    return held.getvalue()


def test_a_chinese_text_layer() -> None:
    """Every field and the line of the invoice, as sure as text is; nothing contradicts it."""
    paper = _read(make.chinese_pdf(INVOICE))
    assert {name: paper.value(name) for name in SAID} == SAID
    assert paper.value("total_in_words") == "壹拾壹万叁仟圆整"
    assert len(paper.items) == 1
    assert paper.findings == ()


@pytest.mark.debian
@pytest.mark.parametrize(
    "how", ["upright", "on its side", "upside down", "pale", "white on black", "two pages", "small"]
)
def test_a_chinese_page_is_recognised(how: str) -> None:
    """However it lay on the glass: parties, number and amounts."""
    page = _page()
    content = {
        "upright": lambda: _saved(page),
        "on its side": lambda: _saved(page.rotate(90, expand=True)),
        "upside down": lambda: _saved(page.rotate(180), form="JPEG"),
        "pale": lambda: _saved(_page("#969696", "#bebebe")),
        "white on black": lambda: _saved(_page("white", "black")),
        "two pages": lambda: _saved(Image.new("RGB", page.size, "white"), page, form="PDF"),
        "small": lambda: _saved(page.resize((page.width // 2, page.height // 2))),
    }[how]()
    paper = _read(content)
    assert paper.kind is Kind.INVOICE
    found = {name: paper.value(name) for name in SAID}
    assert [name for name in SAID if found[name] != SAID[name]] in ([], ["total"])
    assert found["number"] == SAID["number"]


@pytest.mark.debian
@pytest.mark.parametrize("form", ["PNG", "JPEG", "PDF"])
def test_pictures_are_recognised(form: str) -> None:
    """A drawn page, also as a scanned PDF; each field with the confidence of its words."""
    paper = _read(_picture(form))
    assert paper.kind is Kind.REGISTRATION
    assert paper.value("vin") == "LSVCE2BR5N1041664"
    assert all(0 < one.confidence_bp < 10_000 for one in paper.fields)
