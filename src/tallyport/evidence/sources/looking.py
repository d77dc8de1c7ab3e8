"""Look at a file of unknown make (查看文件): how it is coded, and which tables it holds.

    vehicle_stock.csv   GB18030, commas          one table
    contracts.xlsx      sheets 合同 and 合同明细   two tables
    declarations.xml    Declaration, Goods        two tables, the second inside the first

Nothing is known of it yet, so every guess is made by trying: the encoding in which the most column
names are words that we know, the separator that gives the most columns, the elements that repeat.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from glob import escape
from itertools import islice
from pathlib import Path

import polars as pl
import python_calamine
from charset_normalizer import from_bytes
from lxml import etree

from tallyport.evidence.sources import camt, csv_file, encoding, raw, synonyms, xlsx_file, xml_file
from tallyport.evidence.sources.profile import Form, Format
from tallyport.evidence.sources.raw import UnreadableError
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.kernel.guard import FaultError

ROWS_MAX = 2_000  # Enough to see how a column is written; the rest is like it.
LOOK_BYTES_MAX = 8 * 2**20  # Of an XML file: what repeats does so in the first few megabytes.
DEPTH_MAX = 3  # Steps from a record's element to a value in it.
PATHS_MAX = 300  # Different elements of one file; more is a document, not an export.
ENCODINGS = ("utf-8", "gb18030", "windows-1251", "koi8-r", "cp866")
KNOWN_MIN = 0.9  # Likeness from which on a column's name is a word that we know.


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table in a file, with a sample of its rows as text. camt.053 needs no sample."""

    name: str
    form: Form
    sample: pl.DataFrame


def tables(path: Path) -> list[Table]:
    """Return the tables in the file.

    Raises:
        FaultError: It cannot be read or holds none.
    """
    try:
        with path.open("rb") as file:
            head = file.read(encoding.HEAD_BYTES)
        if head.startswith(b"PK\x03\x04"):
            found = _workbook(path)
        elif _is_xml(head):
            found = _xml(path)
        else:
            found = _text(path, head)
    except UnreadableError as error:
        raise FaultError(f"{path}: {error.finding.sentence()}") from None
    except OSError as error:
        message = (
            f"文件无法读取 / expected a readable file, {path}: {error.strerror}; correct the path"
        )
        raise FaultError(message) from None
    if not found:
        message = (
            f"未找到表格 / expected a table with a header in {path}, came none; is it an export?"
        )
        raise FaultError(message)
    return found


def _is_xml(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") and b"<" in head[:6]
    return text.startswith(b"<") or is_wide


def _name(path: Path) -> str:
    """Return a name for a source that a profile may use."""
    name = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in path.stem)
    return name.strip("_-")[:40] or "source"


# --- text --------------------------------------------------------------------------------------


def _text(path: Path, head: bytes) -> list[Table]:
    best: tuple[int, int, Form] | None = None
    for name in _encodings(path, head):
        text = head.decode(name, "replace").removeprefix("\ufeff")
        for separator in csv_file.SEPARATORS:
            header, line = _header(text, separator)
            if len(header) < 2:  # noqa: PLR2004 - One column says nothing of its separator.
                continue
            known = sum(_is_known(cell) for cell in header)
            form = Form(
                glob=escape(path.name),
                format=Format.CSV,
                encoding=name,
                separator=separator,
                header=line,
            )
            if best is None or (known, len(header)) > best[:2]:
                best = (known, len(header), form)
    if best is None:
        return []
    form = best[2]
    found = encoding.find(path, (form.encoding,), bool)
    chunk = next(csv_file.chunks(path, form, found))
    return [Table(name=_name(path), form=form, sample=chunk.frame.drop(raw.LINE).head(ROWS_MAX))]


def _encodings(path: Path, head: bytes) -> list[str]:
    """Return the encodings in which the file may be, the likeliest first."""
    for bom, name in encoding.BOMS:
        if head.startswith(bom):
            return [name.removesuffix("-sig")]
    if encoding.fits(path, "utf-8"):
        return ["utf-8"]
    guess = from_bytes(head).best()
    named = [] if guess is None else [guess.encoding]
    return [name for name in (*ENCODINGS[1:], *named) if encoding.fits(path, name)] or ["utf-8"]


def _header(text: str, separator: str) -> tuple[list[str], int]:
    """Return the names of the columns and their line: the first as wide as most lines are."""
    lines = text.splitlines(keepends=True)
    try:
        rows = list(islice(csv.reader(lines, delimiter=separator), 50))
    except csv.Error:
        return [], 1
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return [], 1
    width = max(widths, key=lambda wide: (widths[wide], wide))
    for number, row in enumerate(rows, start=1):
        filled = [cell for cell in row if cell.strip()]
        is_header = (
            len(row) == width and 2 * len(filled) > width and not any(map(_is_value, filled))
        )
        if is_header:
            return row, number
    return [], 1


def _is_value(cell: str) -> bool:
    """Tell whether a cell is a number or a date, which no column is called."""
    return re.fullmatch(r"[\d\s.,/:%+-]*\d[\d\s.,/:%+-]*", cell) is not None


def _is_known(name: str) -> bool:
    fields = {each.name for kind in KINDS.values() for each in kind.fields}
    return any(synonyms.likeness(name, each) >= KNOWN_MIN for each in fields)


# --- workbooks ---------------------------------------------------------------------------------


def _workbook(path: Path) -> list[Table]:
    try:
        sheets = python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names
    except (python_calamine.CalamineError, OSError) as error:
        raise FaultError(
            f"{path}: expected an XLSX workbook, came {error}; save it again"
        ) from None
    found = []
    for sheet in sheets:
        form = Form(glob=escape(path.name), format=Format.XLSX, sheet=sheet)
        try:
            chunk = next(xlsx_file.chunks(path, form))
        except UnreadableError:
            continue  # An empty sheet, or one that is no table.
        name = _name(path) if len(sheets) == 1 else f"{_name(path)}_{_name(Path(sheet))}"
        sample = chunk.frame.drop(raw.LINE).head(ROWS_MAX)
        found.append(Table(name=name, form=form, sample=sample))
    return found


# --- XML ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """Elements of one path below the document element."""

    count: int = 0
    children: dict[str, None] = field(default_factory=dict)  # Names of elements inside.


def _xml(path: Path) -> list[Table]:
    with path.open("rb") as file:
        data = file.read(LOOK_BYTES_MAX)
    announced = xml_file.declared(data) or "utf-8"
    found = encoding.find(path, (announced, *ENCODINGS), bool)
    seen = _paths(data.decode(found.name, encoding.MARK))
    if any(path_[-2:] == ("BkToCstmrStmt", "Stmt") for path_ in seen):
        return [_statement(path, kind) for kind in camt.RECORDS]
    leaves = {path_ for path_, each in seen.items() if not each.children}
    tables_: list[Table] = []
    for path_, each in seen.items():
        values = _values(path_, leaves, seen)
        if path_ and each.count > 1 and len(values) > 1:
            form = Form(
                glob=escape(path.name),
                format=Format.XML,
                encoding=found.name.lower(),
                record="/".join(path_),
            )
            chunk = next(xml_file.chunks(path, form, found, values, xml_file.values(values)))
            same = sum(each_.form.record.endswith(path_[-1]) for each_ in tables_)
            name = f"{_name(path)}_{path_[-1]}" + (f"_{same + 1}" if same else "")
            sample = chunk.frame.drop(raw.LINE).head(ROWS_MAX)
            tables_.append(Table(name=name, form=form, sample=sample))
    return tables_


def _statement(path: Path, kind: str) -> Table:
    glob = re.sub("[0-9]{4,}", "*", escape(path.name))  # One file an account, or one a month.
    form = Form(glob=glob, format=Format.CAMT_053, record=camt.RECORDS[kind])
    return Table(name=kind, form=form, sample=pl.DataFrame())


def _paths(text: str) -> dict[tuple[str, ...], _Seen]:
    """Return the paths of elements below the document element, in the order of the file."""
    parser: etree.XMLPullParser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        encoding="utf-8",
    )  # fmt: skip
    seen: dict[tuple[str, ...], _Seen] = {}
    trail: list[str] = []
    with suppress(etree.XMLSyntaxError):  # What stands before a break is enough to look at.
        parser.feed(xml_file.without_prolog(text).encode("utf-8"))
    for event, element in xml_file.events(parser):
        if event == "end":
            trail.pop()
            continue
        trail.append(xml_file.local(element.tag))
        path = tuple(trail[1:])
        if path not in seen and len(seen) >= PATHS_MAX:
            continue
        seen.setdefault(path, _Seen()).count += 1
        if path:
            seen.setdefault(path[:-1], _Seen()).children[path[-1]] = None
    return seen


def _values(
    record: tuple[str, ...], leaves: set[tuple[str, ...]], seen: dict[tuple[str, ...], _Seen]
) -> Sequence[str]:
    """Return the paths of the values in a record: elements that hold text and occur once in it."""
    count = seen[record].count
    found = []
    for leaf, each in seen.items():
        below = leaf[len(record) :]
        is_inside = leaf[: len(record)] == record and 0 < len(below) <= DEPTH_MAX
        if is_inside and leaf in leaves and each.count <= count:
            found.append("/".join(below))
    return found
