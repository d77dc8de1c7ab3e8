"""Files as systems write them (文件格式): CSV, workbooks, XML; equal tables give equal bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html import escape

import xlsxwriter  # type: ignore[import-untyped]

Cell = str | int | Decimal
Row = tuple[Cell, ...]

_EXPORTED_AT = datetime(2025, 1, 2, 8, 0, tzinfo=UTC)  # Not the clock: bytes must repeat.


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns and their rows."""

    columns: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the export: its place below the folder of the world, and its bytes."""

    path: str
    content: bytes


def csv_file(path: str, table: Table, *, encoding: str, separator: str = ",") -> File:
    """Write `table` with a header line and CRLF line ends."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return File(path, text.getvalue().encode(encoding))


def workbook_file(path: str, sheets: Mapping[str, Table]) -> File:
    """Write a workbook with one sheet a table: text as text, numbers as numbers."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True})
    workbook.set_properties({"created": _EXPORTED_AT.replace(tzinfo=None)})
    for name, table in sheets.items():
        sheet = workbook.add_worksheet(name)
        for at, row in enumerate((table.columns, *table.rows)):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, place, cell)
                else:
                    sheet.write_number(at, place, float(cell))
    workbook.close()
    return File(path, content.getvalue())


def xml_file(path: str, body: str, *, encoding: str) -> File:
    """Write a document whose declaration names its encoding."""
    return File(path, f'<?xml version="1.0" encoding="{encoding}"?>\n{body}\n'.encode(encoding))


def element(name: str, text: Cell, attributes: str = "") -> str:
    """Return one XML element that holds text; an empty one is left out, as these systems do."""
    if text == "":
        return ""
    return f"<{name}{attributes}>{escape(str(text), quote=False)}</{name}>"


def amount(minor: int) -> Decimal:
    """Return `minor` as a decimal number with two places."""
    return Decimal(minor).scaleb(-2)
