"""Every source in every wrong form: a clear finding, quarantine, and no crash.

Goal: whatever a partner sends, the reader answers, and READ-1 holds. Method: each export of the two
worlds is spoiled in each way that its format allows, and read alone with its part of the built-in
profile. What must be said about it stands beside the way of spoiling.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from support.shared import shared
from tallyport.evidence.sources import builtin, reading
from tallyport.evidence.sources.profile import Form, Format, Source
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import Rule
from tallyport.evidence.sources.vocabulary import Type

AS_OF = date(2024, 12, 31)
PROFILE = builtin.builtin()["used_car_export"]
KEPT = 60  # Rows of each export that are spoiled: a habit shows in few.


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export of a world, its first rows, and its part of the profile."""

    source: Source
    form: Form
    content: bytes

    def text(self) -> str:
        """Return the content as text, without a mark at the beginning."""
        return self.content.decode(self.form.encoding).removeprefix("\ufeff")

    def of(self, text: str) -> bytes:
        """Return other text in the encoding of this export."""
        return text.encode(self.form.encoding)


def export(source: Source, form: Form) -> Export:
    """Return the first rows of the export."""
    world = shared("worlds", "dev3000hard" if form.format is Format.CSV else "dev762")
    path = min(world.glob(form.glob))
    content = path.read_bytes()
    if form.format is Format.CSV:
        content = b"".join(content.splitlines(keepends=True)[: KEPT + 1])
    return Export(source=source, form=form, content=content)


def exports(*formats: Format) -> list[object]:
    """Return every source in every form that is of one of the formats."""
    return [
        pytest.param(source, form, id=source.name)
        for source in PROFILE.sources
        for form in source.forms
        if form.format in formats
    ]


def read(folder: Path, one: Export, content: bytes) -> Reading:
    """Read `content` in the place of the export, alone; READ-1 is kept by the reader."""
    path = folder / one.form.glob.replace("*", "x")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    source = replace(one.source, forms=(one.form,))
    found = reading.read(folder, replace(PROFILE, sources=(source,)), as_of=AS_OF)
    for file in found.files:
        assert file.rows == file.good + file.quarantined
    return found


@cache
def sound(name: str, glob: str) -> pl.DataFrame:
    """Return the records of the export as it came, without their lines."""
    source = PROFILE.source(name)
    if source is None:
        raise LookupError(name)
    one = export(source, next(form for form in source.forms if form.glob == glob))
    with TemporaryDirectory() as folder:
        return table(read(Path(folder), one, one.content), one)


def told(found: Reading) -> set[Rule]:
    """Return all rules that were broken, in the file, its rows and its cells."""
    return {finding.rule for finding in found.findings} | set(map(Rule, found.quarantine["rule"]))


def table(found: Reading, one: Export) -> pl.DataFrame:
    """Return the records without their lines."""
    return found.tables[one.source.kind.name].drop("line")


def has(one: Export, *types: Type) -> bool:
    """Tell whether the source maps a field of one of these types."""
    return any(column.field.type in types for column in one.source.columns)


# --- text --------------------------------------------------------------------------------------

Spoil = Callable[[Export], bytes]


def _lines(one: Export) -> list[str]:
    return one.text().splitlines(keepends=True)


def _reversed_columns(one: Export) -> bytes:
    separator = one.form.separator
    rows = csv.reader(io.StringIO(one.text(), newline=""), delimiter=separator)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(row[::-1] for row in rows)
    return one.of(out.getvalue())


YEARS = re.compile(
    r"(?<![0-9])20[0-2][0-9](?=[-/.年][0-9]|[01][0-9][0-3][0-9](?![0-9]))"  # 2024-03-28, 20240328
    r"|(?<=[0-9][0-9]\.)20[0-2][0-9](?![0-9])"  # 28.03.2024
)


def _years(one: Export, year: str) -> bytes:
    return one.of(YEARS.sub(year, one.text()))


def _negative(one: Export) -> bytes:
    head, *rows = _lines(one)
    mark = re.escape(one.form.separator)
    return one.of(head + "".join(re.sub(rf"(?<={mark})(?=[0-9]+\.[0-9])", "-", r) for r in rows))


HARMLESS: dict[str, Spoil] = {
    "columns in another order": _reversed_columns,
    "utf-16": lambda one: one.text().encode("utf-16"),
    "utf-16 without a mark": lambda one: one.text().encode("utf-16-le"),
    "utf-8 with mark": lambda one: one.text().encode("utf-8-sig"),
    "gb18030": lambda one: one.text().encode("gb18030"),
    "unix line ends": lambda one: one.content.replace(b"\r\n", b"\n"),
    "empty lines": lambda one: one.of(_lines(one)[0] + "\n" + "".join(_lines(one)[1:]) + "\n"),
    "spaces around names": lambda one: one.of(
        _lines(one)[0].strip().replace(one.form.separator, f" {one.form.separator} ")
        + " \r\n"
        + "".join(_lines(one)[1:])
    ),
}


@pytest.mark.parametrize("spoil", HARMLESS.values(), ids=HARMLESS)
@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_habits_that_change_nothing(
    tmp_path: Path, source: Source, form: Form, spoil: Spoil
) -> None:
    """The same records come out."""
    one = export(source, form)
    other = read(tmp_path, one, spoil(one))
    assert table(other, one).equals(sound(source.name, form.glob))


HARMFUL: dict[str, tuple[Spoil, set[Rule]]] = {
    "zero bytes": (lambda _: b"", {Rule.FILE_EMPTY}),
    "header only": (lambda one: one.of(_lines(one)[0]), {Rule.FILE_EMPTY}),
    "a separator that nobody uses": (
        lambda one: one.of(one.text().replace(one.form.separator, "^")),
        {Rule.COLUMN_MISSING},
    ),
    "another header": (
        lambda one: one.of(re.sub(r"(^|[,;])(?=\S)", r"\1x", one.text())),
        {Rule.COLUMN_MISSING},
    ),
    "without header": (lambda one: one.of("".join(_lines(one)[1:])), {Rule.COLUMN_MISSING}),
    "short row": (
        lambda one: one.of(one.text() + "x"),
        {Rule.ROW_RAGGED},
    ),
    "long row": (
        lambda one: one.of(one.text() + "x" + f"{one.form.separator}x" * 99),
        {Rule.ROW_RAGGED},
    ),
    "open mark": (lambda one: one.of(one.text() + '"x'), {Rule.ROW_BROKEN}),
    "header again": (lambda one: one.of(one.text() + _lines(one)[0]), {Rule.HEADER_AGAIN}),
    "delivered twice": (
        lambda one: one.of(one.text() + "".join(_lines(one)[1:])),
        {Rule.DUPLICATE_ROW},
    ),
    "wrong bytes": (
        lambda one: one.content + b"\x81\xff\x98\xff\r\n",
        {Rule.ENCODING_UNKNOWN, Rule.ROW_RAGGED},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "rules"), HARMFUL.values(), ids=HARMFUL)
@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_text_in_a_wrong_form(
    tmp_path: Path, source: Source, form: Form, spoil: Spoil, rules: set[Rule]
) -> None:
    """It is said, and the rows that are sound are there."""
    one = export(source, form)
    found = read(tmp_path, one, spoil(one))
    if form.encoding == "windows-1251":
        rules = rules - {Rule.ENCODING_UNKNOWN}  # Almost any byte is a letter there.
    assert told(found) >= rules or len(one.source.columns) == 1


@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_the_future_is_set_aside(tmp_path: Path, source: Source, form: Form) -> None:
    """A date of 2099 is no date of 2024; the rest of the row stays if it can stand without."""
    one = export(source, form)
    found = read(tmp_path, one, _years(one, "2099"))
    # What has no date has none that lies ahead: nothing may be set aside for it.
    assert (Rule.AFTER_AS_OF in told(found)) == has(one, Type.DATE, Type.MOMENT)


@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_what_is_below_zero_is_set_aside(tmp_path: Path, source: Source, form: Form) -> None:
    """A price of minus five is no price; a temperature may well be."""
    one = export(source, form)
    spoiled = _negative(one)
    unsigned = [c for c in source.columns if c.field.type is Type.DECIMAL and not c.field.signed]
    found = read(tmp_path, one, spoiled)
    if spoiled != one.content and unsigned:
        assert Rule.BELOW_ZERO in told(found) or Rule.NOT_A_NUMBER not in told(found)


@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_text_cut_anywhere(tmp_path: Path, source: Source, form: Form) -> None:
    """Half a file has its half of the records, and at most one row too few."""
    one = export(source, form)
    for part in (2, 3, 7):
        cut = one.content[: len(one.content) // part]
        found = read(tmp_path / str(part), one, cut)
        lines = cut.decode(form.encoding, "replace").count("\r\n")
        assert sum(file.rows for file in found.files) <= lines
        assert len(table(found, one)) <= len(sound(source.name, form.glob))


@pytest.mark.parametrize(("source", "form"), exports(Format.CSV))
def test_names_of_columns_that_moved(tmp_path: Path, source: Source, form: Form) -> None:
    """Where most values are none of their field any more, the column is named."""
    one = export(source, form)
    head, *rows = _lines(one)
    names = head.strip().split(form.separator)
    found = read(
        tmp_path, one, one.of(form.separator.join([*names[1:], names[0]]) + "\r\n" + "".join(rows))
    )
    wrong = (
        found.quarantine.filter(pl.col("rule").str.starts_with("not_a_")).group_by("field").len()
    )
    if len(wrong) and wrong["len"].max() > KEPT // 2 + 1:  # type: ignore[operator]
        assert Rule.COLUMN_UNFIT in told(found)
    assert Rule.COLUMN_UNFIT not in told(read(tmp_path / "sound", one, one.content))


def test_letters_that_look_alike(tmp_path: Path) -> None:
    """A Cyrillic letter in a VIN is worth knowing; words in Cyrillic are not."""
    source, form = next(
        (source, form)
        for source in PROFILE.sources
        for form in source.forms
        if source.name == "waybill_vehicles" and form.format is Format.CSV
    )
    one = export(source, form)
    assert Rule.MIXED_SCRIPTS not in told(read(tmp_path / "sound", one, one.content))
    text = one.text()
    vin = re.search("L[A-Z0-9]{16}", text)
    assert vin is not None
    mixed = text.replace(
        vin[0], vin[0].translate({ord("L"): "Ｌ"})[:-1] + "\N{CYRILLIC CAPITAL LETTER ES}", 1
    )
    found = read(tmp_path, one, one.of(mixed))
    (note,) = [finding for finding in found.findings if finding.rule is Rule.MIXED_SCRIPTS]
    assert note.field == "vin"
    assert len(table(found, one)) == len(sound("waybill_vehicles", form.glob))


# --- XML ---------------------------------------------------------------------------------------

XML: dict[str, tuple[Spoil, set[Rule]]] = {
    "zero bytes": (lambda _: b"", {Rule.FILE_EMPTY}),
    "no xml": (lambda _: b"a,b\n1,2\n", {Rule.RECORDS_MISSING}),
    "cut": (lambda one: one.content[: len(one.content) * 2 // 3], {Rule.XML_BROKEN}),
    "bare ampersand": (
        lambda one: one.content.replace(b"</", b" & </", 40).replace(b" & </", b"</", 39),
        {Rule.XML_BROKEN},
    ),
    "control character": (
        lambda one: one.content.replace(b"</", b"\x02</", 30).replace(b"\x02</", b"</", 29),
        {Rule.XML_BROKEN},
    ),
    "entity bomb": (
        lambda one: re.sub(
            rb"(\?>)", rb'\1<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
            one.content, count=1,
        ),
        {Rule.XML_ENTITIES},
    ),
    "other elements": (
        lambda one: re.sub(rb"<(/?)(Report|Declaration|Stmt)\b", rb"<\1Other", one.content),
        {Rule.RECORDS_MISSING},
    ),
    "wrong encoding announced": (
        lambda one: re.sub(rb'encoding="[^"]*"', b'encoding="utf-16"', one.content),
        {Rule.ENCODING_OTHER},
    ),
    "no encoding announced": (
        lambda one: re.sub(rb'encoding="[^"]*"', b'encoding="zip"', one.content),
        {Rule.ENCODING_OTHER},
    ),
    "recoded": (
        lambda one: one.content.decode(one.form.encoding).encode("utf-16"),
        {Rule.ENCODING_OTHER},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "rules"), XML.values(), ids=XML)
@pytest.mark.parametrize(("source", "form"), exports(Format.XML, Format.CAMT_053))
def test_xml_in_a_wrong_form(
    tmp_path: Path, source: Source, form: Form, spoil: Spoil, rules: set[Rule]
) -> None:
    """It is said; what stands before and behind a break is there."""
    one = export(source, form)
    found = read(tmp_path, one, spoil(one))
    assert told(found) >= rules
    lost = len(sound(source.name, form.glob)) - len(table(found, one))
    if rules == {Rule.ENCODING_OTHER}:
        assert lost == 0
    if b" & </" in spoil(one):
        assert lost <= 1


# --- workbooks ---------------------------------------------------------------------------------


def _part(one: Export, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with parts whose name matches changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(one.content)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in archive.namelist():
            data = archive.read(entry)
            copy.writestr(entry, change(data) if re.search(name, entry) else data)
    return out.getvalue()


SHEETS = "worksheets/sheet"
XLSX: dict[str, tuple[Spoil, set[Rule]]] = {
    "zero bytes": (lambda _: b"", {Rule.FILE_EMPTY}),
    "text": (lambda _: b"a,b\n1,2\n", {Rule.FILE_UNREADABLE}),
    "cut": (lambda one: one.content[: len(one.content) // 2], {Rule.FILE_UNREADABLE}),
    "formulas": (
        lambda one: _part(one, SHEETS, lambda data: data.replace(b"<v>", b"<f>1+1</f><v>")),
        {Rule.FORMULAS},
    ),
    "a billion rows announced": (
        lambda one: _part(
            one, SHEETS, lambda data: re.sub(rb'ref="[A-Z0-9:]+"', b'ref="A1:XFD1048576"', data)
        ),
        set(),
    ),
    "a cell at the end of the world": (
        lambda one: _part(
            one, SHEETS,
            lambda data: data.replace(
                b"</sheetData>",
                b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
            ),
        ),
        {Rule.CELLS_TOO_MANY},
    ),
    "zip bomb": (
        lambda one: _part(one, "sharedStrings", lambda data: data + b" " * 40_000_000),
        {Rule.ZIP_BOMB},
    ),
    "broken sheet": (
        lambda one: _part(one, SHEETS, lambda data: data[: len(data) // 2]),
        set(),
    ),
    "broken book": (
        lambda one: _part(one, "workbook.xml$", lambda data: data[:100]),
        {Rule.FILE_UNREADABLE},
    ),
    "other sheets": (
        lambda one: _part(one, "workbook.xml$", lambda data: data.replace(b'name="', b'name="x')),
        {Rule.SHEET_MISSING},
    ),
    "entities": (
        lambda one: _part(
            one, SHEETS,
            lambda data: data.replace(
                b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1
            ),
        ),
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "rules"), XLSX.values(), ids=XLSX)
@pytest.mark.parametrize(("source", "form"), exports(Format.XLSX))
def test_workbooks_in_a_wrong_form(
    tmp_path: Path, source: Source, form: Form, spoil: Spoil, rules: set[Rule]
) -> None:
    """It is said, or does not matter."""
    one = export(source, form)
    found = read(tmp_path, one, spoil(one))
    assert told(found) >= rules
    assert len(table(found, one)) or told(found)
