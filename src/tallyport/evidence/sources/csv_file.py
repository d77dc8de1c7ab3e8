"""Read a CSV file row by row, and lose none (CSV 读取).

    a,b,c                     header
    1,2,3                     a row
    1,2                       broken: two cells under three names; the next row is read as usual
    1,"2                      broken: the quotation mark is never closed; reading goes on behind
    4,5,6                     this line, so that one mark cannot swallow the rest of the file

Blocks of plain lines go through the standard csv module in one call. A block with anything unusual
is read again, record by record. A row with more cells than names is fine if those are empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import encoding, raw
from tallyport.evidence.sources.profile import Form
from tallyport.evidence.sources.raw import Broken, Chunk, UnreadableError
from tallyport.evidence.sources.rules import Finding, Rule, Severity

RECORD_LINES_MAX = 200  # Lines of one record with quoted line ends; more is an unclosed mark.
SEPARATORS = (",", ";", "\t", "|")  # Tried where none is announced, or the announced one fits ill.

csv.field_size_limit(raw.CELL_CHARS_MAX)


def header(text: str, form: Form) -> list[str]:
    """Return the names of the columns in the beginning of a file; empty when there are none."""
    lines = text.splitlines(keepends=True)[form.header - 1 :]
    try:
        return next(csv.reader(lines, delimiter=form.separator), [])
    except csv.Error:
        return []


def chunks(path: Path, form: Form, found: encoding.Found) -> Iterator[Chunk]:
    """Yield the rows of the file.

    Raises:
        UnreadableError: There is no header.
    """
    with path.open(encoding=found.name, errors=encoding.MARK, newline="") as file:
        lines = enumerate(file, start=1)
        columns, findings = _columns(lines, form)
        carried: list[tuple[int, str]] = []
        while True:
            block = [*carried, *islice(lines, raw.ROWS_A_CHUNK - len(carried))]
            is_last = len(block) < raw.ROWS_A_CHUNK
            chunk, carried = _block(block, columns, form, is_last=is_last)
            yield Chunk(frame=chunk.frame, broken=chunk.broken, findings=findings)
            findings = ()
            if is_last:
                return


def _columns(lines: Iterator[tuple[int, str]], form: Form) -> tuple[list[str], tuple[Finding, ...]]:
    """Take the header off `lines`."""
    first: list[str] = []
    skipped = list(islice(lines, form.header - 1))
    if len(skipped) == form.header - 1:
        try:
            top = (line for _, line in islice(lines, RECORD_LINES_MAX))
            first = next(csv.reader(top, delimiter=form.separator, strict=True), [])
        except csv.Error:
            first = []
    while first and not first[-1].strip():
        first.pop()
    if not first or len(first) > raw.COLUMNS_MAX:
        raise UnreadableError(
            Finding(
                rule=Rule.FILE_UNREADABLE,
                severity=Severity.FILE,
                expected=f"a header of 1 to {raw.COLUMNS_MAX} columns on line {form.header}",
                came=f"{len(first)} columns",
            )
        )
    columns, doubles = raw.names(first)
    findings = [
        Finding(
            rule=Rule.COLUMN_DOUBLE, severity=Severity.NOTE, expected="each name once", came=name
        )
        for name in doubles
    ]
    return columns, tuple(findings)


def _block(
    block: Sequence[tuple[int, str]], columns: list[str], form: Form, *, is_last: bool
) -> tuple[Chunk, list[tuple[int, str]]]:
    """Read the lines of `block`; return what must wait for the next lines, too."""
    try:
        rows = list(csv.reader((line for _, line in block), delimiter=form.separator, strict=True))
    except csv.Error:
        rows = []
    width = len(columns)
    if len(rows) == len(block) and all(len(row) == width and _is_filled(row) for row in rows):
        return Chunk(frame=_frame(columns, [number for number, _ in block], rows)), []
    numbers: list[int] = []
    good: list[list[str]] = []
    broken: list[Broken] = []
    rest = list(block)
    rest.reverse()  # Taken from the end, which costs nothing.
    while rest:
        if not is_last and len(rest) <= RECORD_LINES_MAX:
            break  # The record at the end may go on in the next block.
        number, line = rest[-1]
        taken, row = _record(rest, form)
        while row is not None and len(row) > width and not row[-1].strip():
            row.pop()
        if row is None or (taken > 1 and len(row) != width):
            taken, row = 1, None  # Only the line with the opening mark is broken.
        del rest[len(rest) - taken :]
        if row is not None and len(row) == width and _is_filled(row):
            numbers.append(number)
            good.append(row)
        elif row is None or _is_filled(row):
            broken.append(_broken(number, columns, row, line))
    rest.reverse()
    return Chunk(frame=_frame(columns, numbers, good), broken=tuple(broken)), rest


def _is_filled(row: Sequence[str]) -> bool:
    return any(map(str.strip, row))


def _record(rest: Sequence[tuple[int, str]], form: Form) -> tuple[int, list[str] | None]:
    """Return how many lines the record at the end of `rest` takes, and its cells if it is sound."""
    lines = (rest[-1 - number][1] for number in range(min(len(rest), RECORD_LINES_MAX)))
    reader = csv.reader(lines, delimiter=form.separator, strict=True)
    try:
        row = next(reader, None)
    except csv.Error:
        return max(reader.line_num, 1), None
    return max(reader.line_num, 1), row


def _broken(number: int, columns: list[str], row: list[str] | None, line: str) -> Broken:
    if row is None:
        return Broken(
            line=number,
            rule=Rule.ROW_BROKEN,
            expected="quotation marks in pairs",
            came=raw.shown(line.strip()),
            raw={columns[0]: line.rstrip("\r\n")},
        )
    surplus = [f"+{extra}" for extra in range(1, len(row) - len(columns) + 1)]
    return Broken(
        line=number,
        rule=Rule.ROW_RAGGED,
        expected=f"{len(columns)} cells",
        came=f"{len(row)} cells",
        raw=dict(zip([*columns, *surplus], row, strict=False)),
    )


def _frame(columns: list[str], numbers: list[int], rows: Iterable[Sequence[str]]) -> pl.DataFrame:
    return raw.frame(columns, numbers, zip(*rows, strict=True))
