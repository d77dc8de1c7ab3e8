"""Files hold what the tables hold, in the encoding they name, and repeat to the byte.

Goal: a format error is never blamed on a habit. Method: awkward texts are written and read.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook

from tallyport.worlds import files
from tallyport.worlds.files import Table

CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \",;'<>&="),
    max_size=12,
)
AWKWARD = Table(("名称", "n"), [('=1+1, "quoted"', 3), ("ООО «МИЛАН»; 12", Decimal("1.50"))])


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_a_csv_file_gives_back_its_cells(rows: list[tuple[str, str]]) -> None:
    """Whatever stands in a cell: separators, quotes, any script."""
    file = files.csv_file("a.csv", Table(("a", "b"), rows), encoding="utf-8", separator=";")

    text = io.StringIO(file.content.decode(), newline="")
    assert list(csv.reader(text, delimiter=";")) == [["a", "b"], *map(list, rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_in_the_encoding_it_should_be(encoding: str) -> None:
    """Lines end with CRLF; the byte order mark stands where it is asked for."""
    content = files.csv_file("a.csv", AWKWARD, encoding=encoding).content

    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert content.decode(encoding).split("\r\n")[0] == "名称,n"


def test_a_text_that_the_encoding_lacks_is_an_error() -> None:
    """Nothing is replaced in silence."""
    with pytest.raises(UnicodeEncodeError):
        files.csv_file("a.csv", AWKWARD, encoding="windows-1251")


def test_a_workbook_keeps_text_as_text_and_numbers_as_numbers() -> None:
    """A cell that begins with = is no formula; equal tables give equal bytes."""
    first = files.workbook_file("a.xlsx", {"合同": AWKWARD})
    second = files.workbook_file("a.xlsx", {"合同": AWKWARD})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(first.content)).get_sheet_by_name("合同")

    assert first == second
    assert sheet.to_python() == [
        ["名称", "n"],
        ['=1+1, "quoted"', 3.0],
        ["ООО «МИЛАН»; 12", 1.5],
    ]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_an_xml_file_names_its_encoding(encoding: str) -> None:
    """A parser needs no hint; reserved characters survive; empty elements are left out."""
    leaf = files.element("B", "x < y & 车架号", ' c="1"')
    body = f"<A>{leaf}{files.element('D', '')}</A>"
    root = etree.fromstring(files.xml_file("a.xml", body, encoding=encoding).content)

    assert [(child.tag, child.text, child.get("c")) for child in root] == [
        ("B", "x < y & 车架号", "1")
    ]


@pytest.mark.parametrize(("minor", "text"), [(0, "0.00"), (5, "0.05"), (-150, "-1.50")])
def test_an_amount_has_two_places(minor: int, text: str) -> None:
    """Minor units become a decimal number, never a float."""
    assert str(files.amount(minor)) == text
