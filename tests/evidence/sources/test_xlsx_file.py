"""A workbook is read as its partner sees it, and a trap is not opened.

Goal: cells come out as text without loss, and no workbook can fill the memory. Method: workbooks
are written with another library and must come back; traps are built by hand, part by part.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.sources import cells, raw, xlsx_file
from tallyport.evidence.sources.profile import Form, Format
from tallyport.evidence.sources.raw import Chunk, UnreadableError
from tallyport.evidence.sources.rules import Rule

TEXTS = st.text(alphabet="ab1新Ж<&>\n ", max_size=5)
CELLS = st.one_of(TEXTS, st.integers(-(10**14), 10**14), st.booleans())


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that each test writes anew."""
    return tmp_path_factory.mktemp("xlsx") / "book.xlsx"


def write(path: Path, rows: Sequence[Sequence[object]], sheet: str = "合同") -> None:
    """Write `rows` into a sheet of a workbook."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                match cell:
                    case bool():
                        page.write_boolean(number, column, cell)
                    case int() | float():
                        page.write_number(number, column, cell)
                    case date():
                        page.write_datetime(number, column, cell, day)
                    case _:
                        page.write_string(number, column, str(cell))


def read(path: Path, sheet: str = "合同", header: int = 1) -> Chunk:
    """Return the rows of the sheet."""
    (chunk,) = xlsx_file.chunks(
        path, Form(glob="*", format=Format.XLSX, sheet=sheet, header=header)
    )
    return chunk


def as_text(cell: object) -> str:
    """Return a cell as it should come out."""
    match cell:
        case bool():
            return str(cell).lower()
        case _:
            return str(cell)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_what_is_written_is_read(path: Path, rows: list[tuple[object, object, object]]) -> None:
    """Texts, whole numbers and truth values, each row with its number in the sheet."""
    write(path, [("a", "b", "c"), *rows])
    chunk = read(path)
    texts = [(number, tuple(map(as_text, row))) for number, row in enumerate(rows, start=2)]
    filled = [(number, row) for number, row in texts if any(map(str.strip, row))]
    assert not chunk.broken
    assert chunk.frame[raw.LINE].to_list() == [number for number, _ in filled]
    assert chunk.frame.drop(raw.LINE).rows() == [row for _, row in filled]


CONTENTS = [
    (date(2024, 3, 28), "2024-03-28"),
    (datetime(2024, 3, 28, 12, 30), "2024-03-28T12:30:00"),  # noqa: DTZ001 - Excel has no zones.
    (45379, "45379"),
    (386860.5, "386860.5"),
    (0.0000793, "0.0000793"),
    (-12, "-12"),
    ("940220240000009653", "940220240000009653"),
    ("45,5", "45,5"),
]


@pytest.mark.parametrize(("cell", "text"), CONTENTS)
def test_a_cell_comes_as_its_partner_would_type_it(path: Path, cell: object, text: str) -> None:
    """No `.0` behind a whole number, no power of ten, dates in ISO form."""
    write(path, [("a",), (cell,)])
    assert read(path).frame["a"].to_list() == [text]


def test_a_long_number_lost_its_digits(path: Path) -> None:
    """A declaration number of 18 digits that was stored as a number cannot be trusted."""
    write(path, [("a",), (940220240000009653,)])
    assert read(path).frame["a"][0].startswith(cells.LOST)


def test_rows_that_are_too_wide_are_broken(path: Path) -> None:
    """A cell without a name above it belongs to nothing; empty rows are no rows."""
    write(path, [("a", "b"), (1, 2), ("", ""), (3, 4, 5), (6,)])
    chunk = read(path)
    assert chunk.frame.rows() == [("1", "2", 2), ("6", "", 5)]
    (one,) = chunk.broken
    assert (one.line, one.rule, dict(one.raw)) == (
        4,
        Rule.ROW_RAGGED,
        {"a": "3", "b": "4", "+1": "5"},
    )


def test_a_header_further_down(path: Path) -> None:
    """Titles stand above many tables."""
    write(path, [("Report",), ("",), ("a", "b"), (1, 2)])
    assert read(path, header=3).frame.rows() == [("1", "2", 4)]


def test_formulas_are_not_computed(path: Path) -> None:
    """The stored value is read, and a finding says that it was one."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("合同")
        page.write_row(0, 0, ["a", "b"])
        page.write_formula(1, 0, "=1+1", value=3)
        page.write_formula(1, 1, '=HYPERLINK("http://example.org")', value="x")
    chunk = read(path)
    assert chunk.frame.rows() == [("3", "x", 2)]
    (finding,) = chunk.findings
    assert (finding.rule, finding.came) == (Rule.FORMULAS, "2 cells with formulas")


def rebuilt(path: Path, part: str, text: str | bytes, level: int = 9) -> None:
    """Replace a part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = text.encode() if isinstance(text, str) else text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


SHEET = "xl/worksheets/sheet1.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(*cells_: str, dimension: str = "A1:B2") -> str:
    """Return the XML of a sheet with these cells."""
    rows = "".join(cells_)
    size = f'<dimension ref="{dimension}"/>'
    return f"<worksheet {SPACE}>{size}<sheetData>{rows}</sheetData></worksheet>"


HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'


def test_an_announced_size_is_not_believed(path: Path) -> None:
    """A billion rows announced and two sent are two rows."""
    write(path, [("a",), (1,)])
    two = sheet(HEAD, '<row r="2"><c r="A2"><v>7</v></c></row>', dimension="A1:XFD1048576")
    rebuilt(path, SHEET, two)
    assert read(path).frame.rows() == [("7", 2)]


REFUSED = [
    (sheet(HEAD, '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'), Rule.CELLS_TOO_MANY),
    (sheet(HEAD, '<row r="1048576"><c><v>7</v></c><c r="XFD1"/></row>'), Rule.CELLS_TOO_MANY),
    (sheet(HEAD) + " " * 300_000_000, Rule.ZIP_BOMB),
    ("<worksheet", Rule.FILE_UNREADABLE),
    (sheet(), Rule.FILE_UNREADABLE),
    (b"\x00\xff", Rule.FILE_UNREADABLE),
]


@pytest.mark.parametrize(
    ("content", "rule"), REFUSED, ids=["far", "wide", "bomb", "cut", "bare", "0"]
)
def test_a_trap_is_not_opened(path: Path, content: str | bytes, rule: Rule) -> None:
    """Before anything large is built in memory, the workbook is refused with its reason."""
    write(path, [("a",), (1,)])
    rebuilt(path, SHEET, content)
    with pytest.raises(UnreadableError) as refused:
        read(path)
    assert refused.value.finding.rule is rule


def test_a_part_that_is_larger_than_it_says_is_found(path: Path) -> None:
    """The directory of the archive is no witness."""
    write(path, [("a",), (1,)])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    spot = data.rindex(SHEET.encode()) - 46 + 24
    assert data[spot : spot + 4] == size
    data[spot : spot + 4] = (40).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(UnreadableError):
        read(path)


def test_what_is_no_workbook_is_refused(path: Path) -> None:
    """Neither text, nor another archive, nor half a workbook."""
    write(path, [("a",), (1,)])
    whole = path.read_bytes()
    for content in (b"", b"a,b\n1,2\n", whole[: len(whole) // 2], whole[100:]):
        path.write_bytes(content)
        with pytest.raises(UnreadableError):
            read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UnreadableError):
        read(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_parts_that_no_office_packs_so_are_refused(path: Path, method: int) -> None:
    """Damaged, they would fail in ways of their own."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("xl/workbook.xml", "x" * 500)
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(UnreadableError):
        read(path)


def test_a_sheet_that_is_not_there_is_named(path: Path) -> None:
    """The finding lists the sheets that are."""
    write(path, [("a",), (1,)])
    with pytest.raises(UnreadableError) as refused:
        read(path, sheet="合同明细")
    assert refused.value.finding.rule is Rule.SHEET_MISSING
    assert refused.value.finding.came == "sheets 合同"


@given(data=st.data())
def test_noise_is_never_an_error(path: Path, data: st.DataObject) -> None:
    """Bytes of the sheet may be anything: rows come out, or a refusal."""
    write(path, [("a", "b"), (1, "x"), (2, "y")])
    with zipfile.ZipFile(path) as archive:
        part = data.draw(st.sampled_from(archive.namelist()))
        content = bytearray(archive.read(part))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    rebuilt(path, part, bytes(content), level=1)
    try:
        chunk = read(path)
    except UnreadableError:
        return
    assert chunk.frame.columns[-1] == raw.LINE
