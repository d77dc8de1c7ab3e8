"""Take one file in for one source (单个文件的读取): open it, match its columns, convert its rows.

Whatever is wrong with the file ends in the batch: as a finding if it concerns the file, as a
problem if it concerns a row or a cell. Nothing that a file may contain raises an error here.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import (
    camt,
    convert,
    csv_file,
    encoding,
    raw,
    xlsx_file,
    xml_file,
)
from tallyport.evidence.sources.profile import Form, Format, Profile, Source
from tallyport.evidence.sources.raw import Chunk, UnreadableError
from tallyport.evidence.sources.rules import Finding, Rule, Severity
from tallyport.evidence.sources.vocabulary import Type

QUARANTINE: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "file": pl.String(),
    **convert.PROBLEM,
    "raw": pl.String(),
}
UNFIT_MIN = 5  # Values; fewer may be the odd ones of a short file.
COLUMNS_SHOWN_MAX = 40  # Names in one message; a file read with a wrong separator has thousands.


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one file gave to one source. `raws` are kept until it is known what is a duplicate."""

    source: Source
    file: str
    sha256: str = ""
    size_bytes: int = 0
    encoding: str = ""
    rows: int = 0
    records: list[pl.DataFrame] = field(default_factory=list)
    raws: list[pl.DataFrame] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)  # With the columns of QUARANTINE.
    findings: list[Finding] = field(default_factory=list)

    def note(self, finding: Finding) -> None:
        """Add a finding about this file."""
        self.findings.append(replace(finding, source=self.source.name, file=self.file))

    def settle(self, later: pl.DataFrame) -> None:
        """Add the problems of records that were delivered before, and let the rows go."""
        mine = later.filter((pl.col("source") == self.source.name) & (pl.col("file") == self.file))
        if len(mine):
            self.problems.append(_with_raw(mine, self.raws))
        self.raws.clear()
        self.records.clear()


def take(
    folder: Path, path: Path, source: Source, form: Form, profile: Profile, as_of: date
) -> Batch:
    """Return what the file at `path` holds for `source`."""
    batch = Batch(source=source, file=path.relative_to(folder).as_posix())
    try:
        batch.sha256, batch.size_bytes = encoding.digest(path)
        _check_size(batch.size_bytes)
        found: Mapping[str, Sequence[str]] | None = None
        for chunk in _opened(path, form, profile, batch):
            for finding in chunk.findings:
                batch.note(finding)
            if found is None:
                found = matched(chunk.frame, batch)
            convert_chunk(chunk, found, batch, as_of)
        _note_unfit(batch)
        if not batch.rows:
            batch.note(_finding(Rule.FILE_EMPTY, "rows", "none below the header"))
    except UnreadableError as error:
        is_quiet = form.format is Format.CAMT_053 and error.finding.rule is Rule.RECORDS_MISSING
        severity = Severity.NOTE if is_quiet else error.finding.severity  # Nothing moved there.
        batch.note(replace(error.finding, severity=severity))
    except OSError as error:
        batch.note(_finding(Rule.FILE_UNREADABLE, "a readable file", error.strerror or "none"))
    return batch


def _note_unfit(batch: Batch) -> None:
    """Say of which fields most values were left out: their column is another one than it seems."""
    if not batch.problems:
        return
    cells = pl.concat(batch.problems).filter(pl.col("field").is_not_null() & (pl.col("came") != ""))
    wrong = cells.filter(~pl.col("rule").is_in([Rule.VALUE_REQUIRED, Rule.NOT_A_RECORD]))
    for row in wrong.group_by("field", maintain_order=True).agg(
        pl.len().alias("times"), pl.col("line", "expected", "came").first()
    ).iter_rows(named=True):  # fmt: skip
        name, times = row["field"], row["times"]
        good = sum(int(records[name].count()) for records in batch.records)
        if times >= UNFIT_MIN and times > good:
            came = f"{times} of {times + good} values are none, such as {raw.shown(row['came'])}"
            unfit = _finding(Rule.COLUMN_UNFIT, row["expected"], came)
            batch.note(replace(unfit, field=name, line=row["line"]))


def _note_scripts(records: pl.DataFrame, batch: Batch) -> None:
    """Say of which identifiers some have letters of two scripts that nobody can tell apart."""
    for name in (one.field.name for one in batch.source.columns if one.field.type is Type.CODE):
        code = pl.col(name)
        mixed = records.filter(
            code.str.contains("[АВЕЗКМНОРСТУХІЅЈ]")
            & code.str.contains("[A-Z]")
            & ~code.str.contains("[БГДЖИЙЛПФЦЧШЩЪЫЬЭЮЯ]")  # These do not look Latin.
        )
        if len(mixed):
            came = f"{len(mixed)} with letters of two, such as {raw.shown(mixed[name][0])}"
            expected = "letters of one script"
            note = _finding(Rule.MIXED_SCRIPTS, expected, came, severity=Severity.NOTE)
            batch.note(replace(note, field=name, line=mixed["line"][0]))


def _check_size(size_bytes: int) -> None:
    if not size_bytes:
        raise UnreadableError(_finding(Rule.FILE_EMPTY, "rows", "0 bytes"))
    if size_bytes > raw.FILE_BYTES_MAX:
        expected = f"at most {raw.FILE_BYTES_MAX} bytes"
        raise UnreadableError(_finding(Rule.FILE_TOO_LARGE, expected, f"{size_bytes} bytes"))


def _finding(
    rule: Rule, expected: str, came: str, *, severity: Severity = Severity.FILE
) -> Finding:
    return Finding(rule=rule, severity=severity, expected=expected, came=came)


def _opened(path: Path, form: Form, profile: Profile, batch: Batch) -> Iterator[Chunk]:
    """Open the file in its form and encoding."""
    source = batch.source
    match form.format:
        case Format.XLSX:
            batch.encoding = "xlsx"
            return xlsx_file.chunks(path, form)
        case Format.CSV:
            found = _encoded(path, form.encoding, form, profile, batch)
            return csv_file.chunks(path, _separated(path, form, found, batch), found)
        case Format.XML | Format.CAMT_053:
            with path.open("rb") as file:
                announced = xml_file.declared(file.read(encoding.HEAD_BYTES)) or "utf-8"
            found = _encoded(path, announced, form, profile, batch)
    if form.format is Format.CAMT_053:
        kind = source.kind.name
        extract = camt.statement if kind == "bank_statement" else camt.entry
        record = replace(form, record=camt.RECORDS[kind])
        return xml_file.chunks(path, record, found, camt.names(kind), extract)
    paths = tuple(dict.fromkeys(name for column in source.columns for name in column.names))
    return xml_file.chunks(path, form, found, paths, xml_file.values(paths))


def _encoded(
    path: Path, announced: str, form: Form, profile: Profile, batch: Batch
) -> encoding.Found:
    """Find the encoding, and say so if it is another one than announced."""
    candidates = [announced, form.encoding, *profile.encodings]
    is_right = partial(_fits, form=form, source=batch.source)
    found = encoding.find(path, candidates, is_right if form.format is Format.CSV else bool)
    batch.encoding = found.name.lower()
    if not found.is_exact:
        tried = " or ".join(dict.fromkeys(candidates))
        batch.note(_finding(Rule.ENCODING_UNKNOWN, tried, f"bytes that are not {found.name}"))
    elif not encoding.same(found.name, announced):
        batch.note(_finding(Rule.ENCODING_OTHER, announced, found.name, severity=Severity.NOTE))
    return found


def _separated(path: Path, form: Form, found: encoding.Found, batch: Batch) -> Form:
    """Return the form with the separator of the file, and say so if it is another than announced.

    It is the one that gives the most columns of the source; where several do, the announced one.
    """
    with path.open(encoding=found.name, errors="replace", newline="") as file:
        text = file.read(encoding.HEAD_BYTES)
    best = max(_forms(form), key=lambda one: _known(text, one, batch.source))
    if best is not form:
        announced, came = raw.shown(form.separator), raw.shown(best.separator)
        batch.note(_finding(Rule.SEPARATOR_OTHER, announced, came, severity=Severity.NOTE))
    return best


def _known(text: str, form: Form, source: Source) -> int:
    """Count the fields of the source whose columns the header in `text` has."""
    present = {plain(name) for name in csv_file.header(text, form)}
    return sum(any(plain(name) in present for name in one.names) for one in source.columns)


def _forms(form: Form) -> list[Form]:
    """Return the form as announced, then with each other separator."""
    others = [one for one in csv_file.SEPARATORS if one != form.separator]
    return [form, *(replace(form, separator=one) for one in others)]


def _fits(text: str, *, form: Form, source: Source) -> bool:
    """Tell whether the header in `text` has the required columns with any separator."""
    return any(_has_columns(text, form=one, source=source) for one in _forms(form))


def _has_columns(text: str, *, form: Form, source: Source) -> bool:
    """Tell whether the header in `text` has the columns of all required fields."""
    present = {plain(name) for name in csv_file.header(text, form)}
    return all(
        column.constant is not None or any(plain(name) in present for name in column.names)
        for column in source.columns
        if column.field.required
    )


def plain(name: str) -> str:
    """Return a column's name without what only a machine tells apart: case, width, spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isprintable() and not sign.isspace())


def matched(frame: pl.DataFrame, batch: Batch) -> Mapping[str, Sequence[str]]:
    """Find the columns of each field by name; their order in the file does not matter."""
    present: dict[str, str] = {}
    for name in frame.columns:
        if name != raw.LINE:
            present.setdefault(plain(name), name)
    found: dict[str, list[str]] = {}
    for column in batch.source.columns:
        names = [present[plain(name)] for name in column.names if plain(name) in present]
        found[column.field.name] = names
        if column.names and not names and column.constant is None:
            expected = " or ".join(column.names)
            came = raw.shown(", ".join(list(present.values())[:COLUMNS_SHOWN_MAX]))
            missing = _finding(Rule.COLUMN_MISSING, expected, came)
            batch.note(replace(missing, field=column.field.name))
    used = {name for names in found.values() for name in names}
    for name in list(present.values())[:COLUMNS_SHOWN_MAX]:
        if name not in used:
            batch.note(
                _finding(
                    Rule.COLUMN_UNUSED, "a column of the profile", name, severity=Severity.NOTE
                )
            )
    return found


def convert_chunk(
    chunk: Chunk, found: Mapping[str, Sequence[str]], batch: Batch, as_of: date
) -> None:
    """Turn a chunk into records and problems."""
    batch.rows += len(chunk.frame) + len(chunk.broken)
    frame, again = _without_headers(chunk.frame)
    converted = convert.convert(frame, batch.source, found, as_of)
    place = (pl.lit(batch.source.name).alias("source"), pl.lit(batch.file).alias("file"))
    records = converted.records.with_columns(*place, pl.col(raw.LINE).alias("line"))
    batch.records.append(records.select(list(convert.schema(batch.source.kind))))
    _note_scripts(records, batch)
    batch.raws.append(frame)
    for problems in (converted.problems, again):
        if len(problems):
            told = problems.with_columns(*place)
            batch.problems.append(_with_raw(told, [chunk.frame]))
    if chunk.broken:
        rows = [
            {
                "source": batch.source.name,
                "file": batch.file,
                "line": broken.line,
                "rule": broken.rule.value,
                "severity": Severity.ROW.value,
                "expected": broken.expected,
                "came": broken.came,
                "raw": json.dumps(broken.raw, ensure_ascii=False),
            }
            for broken in chunk.broken
        ]
        batch.problems.append(pl.DataFrame(rows, schema=dict(QUARANTINE)))


def _without_headers(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out rows that repeat the header, as files do that were put together from several."""
    names = [name for name in frame.columns if name != raw.LINE]
    first = (pl.col(name).str.strip_chars() == name.partition("#")[0] for name in names[:2])
    is_again = pl.all_horizontal(first).fill_null(value=False)
    again = frame.filter(is_again)
    if not len(again):
        return frame, pl.DataFrame(schema=dict(convert.PROBLEM))
    problems = again.select(
        pl.col(raw.LINE).alias("line"),
        pl.lit(None, pl.String).alias("field"),
        pl.lit(Rule.HEADER_AGAIN.value).alias("rule"),
        pl.lit(Severity.ROW.value).alias("severity"),
        pl.lit("values").alias("expected"),
        pl.lit("the names of the columns").alias("came"),
    )
    return frame.filter(~is_again), problems


def _with_raw(problems: pl.DataFrame, raws: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add the raw row of each problem as JSON."""
    lines = problems.select("line").unique()
    rows = [
        frame.join(lines, left_on=raw.LINE, right_on="line", how="semi").select(
            pl.col(raw.LINE).alias("line"),
            pl.struct(pl.exclude(raw.LINE)).struct.json_encode().alias("raw"),
        )
        for frame in raws
    ]
    told = problems.join(pl.concat(rows), on="line", how="left", maintain_order="left")
    return told.select(list(QUARANTINE))
