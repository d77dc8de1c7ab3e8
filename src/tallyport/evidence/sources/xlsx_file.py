"""Read a sheet of an XLSX workbook (XLSX 读取).

A workbook is a ZIP file from a stranger, so it is looked at before it is opened: how large it
becomes when unpacked, and how many cells the sheet really spans, whatever it announces. Formulas
are never computed: the value that was stored with a formula is read, and a finding says so.

    45379.0     "45379"       numbers become plain text again, as the partner would see them
    date cell   "2024-03-28"  in ISO form
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO

import python_calamine
from lxml import etree

from tallyport.evidence.sources import cells, raw
from tallyport.evidence.sources.profile import Form
from tallyport.evidence.sources.raw import Broken, Chunk, UnreadableError
from tallyport.evidence.sources.rules import Finding, Rule, Severity

ENTRIES_MAX = 2_000  # Parts of one workbook; pictures and sheets are parts.
UNPACKED_BYTES_MAX = 2 * 2**30  # A full sheet of a million rows and thirty columns has about 1 GiB.
RATIO_MAX = 200  # Unpacked to packed; real sheets reach about 30.
RATIO_FREE_BYTES = 1 << 20  # Below this size no ratio matters.
CELLS_MAX = 60_000_000  # Rows times columns that the sheet spans: the reader keeps them all.
SPARE_CELLS = 1_000_000  # A span this small is harmless, however empty.
SPARSE_MAX = 50  # Cells spanned for each one filled.
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Others fail in ways of their own.
_OVERLAP = 256  # A tag may lie across two blocks.
_FLOAT_EXACT = 10**15  # A workbook keeps fifteen digits of a number.


def _refuse(rule: Rule, expected: str, came: str) -> UnreadableError:
    return UnreadableError(Finding(rule=rule, severity=Severity.FILE, expected=expected, came=came))


def chunks(path: Path, form: Form) -> Iterator[Chunk]:
    """Yield the rows of the sheet.

    Raises:
        UnreadableError: It is no workbook, has no such sheet or header, or is a trap.
    """
    findings = _look(path, form)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = workbook.get_sheet_by_name(form.sheet or workbook.sheet_names[0])
        rows = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise _refuse(Rule.FILE_UNREADABLE, "an XLSX workbook", str(error)) from None
    first = [_text(cell) for cell in rows[form.header - 1]] if len(rows) >= form.header else []
    while first and not first[-1].strip():
        first.pop()
    if not first or len(first) > raw.COLUMNS_MAX:
        expected = f"a header of 1 to {raw.COLUMNS_MAX} columns in row {form.header}"
        raise _refuse(Rule.FILE_UNREADABLE, expected, f"{len(first)} columns")
    columns, doubles = raw.names(first)
    for name in doubles:
        findings.append(
            Finding(
                rule=Rule.COLUMN_DOUBLE,
                severity=Severity.NOTE,
                expected="each name once",
                came=name,
            )
        )
    yield _rows(rows, columns, form.header, tuple(findings))


def _rows(
    rows: Sequence[Sequence[object]], columns: list[str], above: int, findings: tuple[Finding, ...]
) -> Chunk:
    numbers: list[int] = []
    good: list[list[str]] = []
    broken: list[Broken] = []
    width = len(columns)
    for number, row in enumerate(rows[above:], start=above + 1):
        texts = [_text(cell) for cell in row]
        if not any(text.strip() for text in texts):
            continue
        if any(text.strip() for text in texts[width:]):
            surplus = [f"+{extra}" for extra in range(1, len(texts) - width + 1)]
            broken.append(
                Broken(
                    line=number,
                    rule=Rule.ROW_RAGGED,
                    expected=f"{width} cells",
                    came=f"{len(texts)} cells",
                    raw=dict(zip([*columns, *surplus], texts, strict=False)),
                )
            )
            continue
        numbers.append(number)
        good.append((texts + [""] * width)[:width])
    frame = raw.frame(columns, numbers, zip(*good, strict=True))
    return Chunk(frame=frame, broken=tuple(broken), findings=findings)


def _text(cell: object) -> str:
    """Return a cell as its partner would have typed it."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return _digits(cell)
        case date():  # Also a date with a time.
            return cell.isoformat()
        case _:
            return "" if cell is None else str(cell)


def _digits(number: float) -> str:
    """Return a number as plain text; one with more digits than a workbook keeps is marked."""
    if abs(number) >= _FLOAT_EXACT:
        return f"{cells.LOST}{number:.0f}"
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")


def _look(path: Path, form: Form) -> list[Finding]:
    """Check the packed file before anything large is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = max(1, sum(entry.compress_size for entry in entries))
            if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_BYTES_MAX:
                expected = f"at most {ENTRIES_MAX} parts and {UNPACKED_BYTES_MAX} bytes unpacked"
                raise _refuse(Rule.ZIP_BOMB, expected, f"{len(entries)} parts, {unpacked} bytes")
            if unpacked > RATIO_FREE_BYTES and unpacked > RATIO_MAX * packed:
                came = f"{packed} bytes that become {unpacked}"
                raise _refuse(Rule.ZIP_BOMB, f"at most {RATIO_MAX} times the size", came)
            odd = [entry for entry in entries if entry.compress_type not in _METHODS]
            if odd:
                came = f"{raw.shown(odd[0].filename)} packed otherwise"
                raise _refuse(Rule.FILE_UNREADABLE, "parts stored or deflated", came)
            damaged = archive.testzip()  # Also finds parts that are larger than they announce.
            if damaged is not None:
                raise _refuse(Rule.FILE_UNREADABLE, "sound parts", f"a damaged {damaged}")
            part = _part(archive, form)
            with archive.open(part) as stream:
                return _span(stream)
    except (zipfile.BadZipFile, OSError, KeyError, EOFError, RuntimeError, zlib.error) as error:
        raise _refuse(Rule.FILE_UNREADABLE, "an XLSX workbook", str(error)) from None
    except etree.XMLSyntaxError as error:
        raise _refuse(Rule.FILE_UNREADABLE, "a workbook with sound XML", str(error)) from None


def _part(archive: zipfile.ZipFile, form: Form) -> str:
    """Return the part that holds the sheet."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {str(link.get("Id")): str(link.get("Target")) for link in links}
    sheets = {}
    for sheet in book.iter("{*}sheet"):
        ids = [value for key, value in sheet.attrib.items() if str(key).endswith("}id")]
        sheets[str(sheet.get("name"))] = str(ids[0]) if ids else ""
    name = form.sheet or next(iter(sheets), "")
    if name not in sheets:
        came = ", ".join(sheets) or "none"
        raise _refuse(Rule.SHEET_MISSING, f"the sheet {name}", f"sheets {came}")
    target = targets.get(sheets[name], "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _span(stream: IO[bytes]) -> list[Finding]:
    """Measure what the sheet spans by its cells, not by what it announces; count formulas."""
    rows = columns = filled = formulas = 0
    tail = b""
    unpacked = 0
    while block := stream.read(1 << 20):
        unpacked += len(block)
        if unpacked > UNPACKED_BYTES_MAX:
            raise _refuse(Rule.ZIP_BOMB, f"at most {UNPACKED_BYTES_MAX} bytes", "more")
        text = tail + block
        cut = text.rfind(b"<", max(0, len(text) - _OVERLAP))
        cut = cut if cut > 0 else len(text)
        text, tail = text[:cut], text[cut:]
        for letters, digits in _CELL.findall(text):
            rows = max(rows, int(digits))
            column = 0
            for letter in letters:
                column = column * 26 + letter - 64
            columns = max(columns, column)
            filled += 1
        rows = max(rows, *(int(digits) for digits in _ROW.findall(text)), 0)
        formulas += len(_FORMULA.findall(text))
    span = rows * columns
    if span > CELLS_MAX or (span > SPARE_CELLS and span > SPARSE_MAX * filled):
        came = f"{rows} rows by {columns} columns with {filled} filled"
        raise _refuse(
            Rule.CELLS_TOO_MANY, f"a span of at most {CELLS_MAX} cells, mostly filled", came
        )
    if not formulas:
        return []
    return [
        Finding(
            rule=Rule.FORMULAS,
            severity=Severity.NOTE,
            expected="values",
            came=f"{formulas} cells with formulas",
        )
    ]
