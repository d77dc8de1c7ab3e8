"""Read a folder of exports into canonical tables (读取整个文件夹).

    folder ──▶ files ──▶ raw rows ──▶ records ──▶ tables, one a kind
                 │          │            └──▶ cell findings, rows without required values
                 │          └──▶ rows that cannot be taken apart
                 └──▶ files that are missing, foreign, hostile

READ-1  nothing lost   rows of a file = its records + its rows in quarantine
READ-2  one frame      every kind has a table with all its columns, also when no source feeds it

A record stands in its table with `source`, `file` and `line`. The quarantine has a line for each
problem; those of severity `row` are rows that stand in no table, one line each; those of severity
`cell` are single values that were left out.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import (
    camt,
    convert,
    csv_file,
    duplicates,
    encoding,
    raw,
    xlsx_file,
    xml_file,
)
from tallyport.evidence.sources.profile import Form, Format, Profile, Source
from tallyport.evidence.sources.raw import Chunk, UnreadableError
from tallyport.evidence.sources.rules import Finding, Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS, Kind
from tallyport.kernel.guard import FaultError, invariant

FILES_MAX = 5_000  # Of one source; a bank sends one a day and account.

QUARANTINE: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "file": pl.String(),
    **convert.PROBLEM,
    "raw": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What became of one file in one source."""

    source: str
    file: str
    sha256: str
    size_bytes: int
    encoding: str
    rows: int
    good: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A folder, read."""

    profile: Profile
    as_of: date
    tables: Mapping[str, pl.DataFrame]
    quarantine: pl.DataFrame
    files: tuple[FileRead, ...]
    findings: tuple[Finding, ...]


Progress = Callable[[str, int, int], None]  # Source, sources done, sources in all.


@dataclass(slots=True, kw_only=True)
class _Batch:
    """What one file gave to one source, until duplicates are known."""

    source: Source
    file: str
    sha256: str = ""
    size_bytes: int = 0
    encoding: str = ""
    rows: int = 0
    records: list[pl.DataFrame] = field(default_factory=list)
    raws: list[pl.DataFrame] = field(default_factory=list)
    problems: list[pl.DataFrame] = field(default_factory=list)  # QUARANTINE
    findings: list[Finding] = field(default_factory=list)

    def note(self, finding: Finding) -> None:
        self.findings.append(replace(finding, source=self.source.name, file=self.file))


def read(
    folder: Path, profile: Profile, progress: Progress | None = None, *, as_of: date | None = None
) -> Reading:
    """Return all that the files of `folder` hold; without `as_of`, today is the as-of day.

    Raises:
        FaultError: The folder does not exist, or no source has a file in it.
    """
    if not folder.is_dir():
        message = f"文件夹不存在 / expected a folder of exports, {folder} is none; correct the path"
        raise FaultError(message)
    day = as_of or datetime.now(UTC).date()
    findings: list[Finding] = []
    batches: list[_Batch] = []
    tables: dict[str, pl.DataFrame] = {}
    quarantine: list[pl.DataFrame] = []
    done = 0
    for kind in KINDS.values():
        fed = []
        for source in profile.sources:
            if source.kind is not kind:
                continue
            paths, form = located(folder, source)
            if form is None and not source.optional:
                findings.append(_missing(source))
            for path in paths if form is not None else ():
                fed.append(_read_file(folder, path, source, form, profile, day))
            done += 1
            if progress is not None:
                progress(source.name, done, len(profile.sources))
        tables[kind.name], set_aside = _settle(fed, kind)
        quarantine.extend(set_aside)
        for batch in fed:
            findings.extend(batch.findings)
            batch.raws.clear()
            batch.records.clear()
        batches.extend(fed)
    if not batches:
        message = (
            f"没有可读取的文件 / expected files of the profile {profile.name} in {folder}, came none;"
            " choose another profile or write one with `tallyport profile FILE`"
        )
        raise FaultError(message)
    empty = pl.DataFrame(schema=dict(QUARANTINE))
    held = pl.concat([empty, *quarantine])
    return Reading(
        profile=profile,
        as_of=day,
        tables=tables,
        quarantine=held,
        files=_counted(batches, tables, held),
        findings=tuple(findings),
    )


def located(folder: Path, source: Source) -> tuple[list[Path], Form | None]:
    """Return the files of the first form of `source` that `folder` has."""
    root = folder.resolve()
    for form in source.forms:
        found = sorted(
            path
            for path in folder.glob(form.glob)
            if path.is_file() and path.resolve().is_relative_to(root)  # No link leads out.
        )
        if found:
            return found[:FILES_MAX], form
    return [], None


def _missing(source: Source) -> Finding:
    return Finding(
        rule=Rule.FILE_MISSING,
        severity=Severity.FILE,
        source=source.name,
        expected=" or ".join(form.glob for form in source.forms),
        came="no such file",
    )


def _read_file(
    folder: Path, path: Path, source: Source, form: Form, profile: Profile, as_of: date
) -> _Batch:
    """Read one file for one source; whatever is wrong with it ends in the batch."""
    batch = _Batch(source=source, file=path.relative_to(folder).as_posix())
    try:
        batch.sha256, batch.size_bytes = encoding.digest(path)
        if not batch.size_bytes:
            raise UnreadableError(_finding(Rule.FILE_EMPTY, "rows", "0 bytes"))
        if batch.size_bytes > raw.FILE_BYTES_MAX:
            came = f"{batch.size_bytes} bytes"
            raise UnreadableError(
                _finding(Rule.FILE_TOO_LARGE, f"at most {raw.FILE_BYTES_MAX} bytes", came)
            )
        found: Mapping[str, Sequence[str]] | None = None
        for chunk in _opened(path, form, source, profile, batch):
            for finding in chunk.findings:
                batch.note(finding)
            if found is None:
                found = _matched(chunk.frame, source, batch)
            _take(chunk, found, batch, as_of)
    except UnreadableError as error:
        batch.note(error.finding)
    except OSError as error:
        batch.note(_finding(Rule.FILE_UNREADABLE, "a readable file", str(error.strerror)))
    else:
        if not batch.rows:
            batch.note(_finding(Rule.FILE_EMPTY, "rows", "none below the header"))
    return batch


def _finding(rule: Rule, expected: str, came: str) -> Finding:
    return Finding(rule=rule, severity=Severity.FILE, expected=expected, came=came)


def _opened(
    path: Path, form: Form, source: Source, profile: Profile, batch: _Batch
) -> Iterator[Chunk]:
    """Open the file in its form and encoding."""
    if form.format is Format.XLSX:
        batch.encoding = "xlsx"
        return xlsx_file.chunks(path, form)
    candidates = [form.encoding, *profile.encodings]
    if form.format is Format.CSV:
        right = partial(_has_columns, form=form, source=source)
        found = encoding.find(path, candidates, right)
        announced = form.encoding
    else:
        with path.open("rb") as file:
            announced = xml_file.declared(file.read(encoding.HEAD_BYTES)) or "utf-8"
        found = encoding.find(path, [announced, *candidates], bool)
    batch.encoding = found.name
    if not found.is_exact:
        batch.note(
            _finding(Rule.ENCODING_UNKNOWN, " or ".join(candidates), f"not all {found.name}")
        )
    elif not encoding.same(found.name, announced):
        batch.note(
            replace(_finding(Rule.ENCODING_OTHER, announced, found.name), severity=Severity.NOTE)
        )
    match form.format:
        case Format.CSV:
            return csv_file.chunks(path, form, found)
        case Format.XML:
            paths = tuple(dict.fromkeys(name for c in source.columns for name in c.names))
            return xml_file.chunks(path, form, found, paths, xml_file.values(paths))
        case Format.CAMT_053:
            kind = source.kind.name
            camt_form = replace(form, record=camt.RECORDS[kind])
            extract = camt.statement if kind == "bank_statement" else camt.entry
            return xml_file.chunks(path, camt_form, found, camt.names(kind), extract)


def _has_columns(text: str, *, form: Form, source: Source) -> bool:
    """Tell whether the header in `text` has the columns of all required fields."""
    present = {_plain(name) for name in csv_file.header(text, form)}
    return all(
        column.constant is not None or any(_plain(name) in present for name in column.names)
        for column in source.columns
        if column.field.required
    )


def _plain(name: str) -> str:
    """Return a column's name without what tells apart only to a machine."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isprintable() and not sign.isspace())


def _matched(frame: pl.DataFrame, source: Source, batch: _Batch) -> Mapping[str, Sequence[str]]:
    """Find the columns of each field by name; their order in the file does not matter."""
    present: dict[str, str] = {}
    for name in frame.columns:
        if name != raw.LINE:
            present.setdefault(_plain(name), name)
    found: dict[str, list[str]] = {}
    for column in source.columns:
        names = [present[_plain(name)] for name in column.names if _plain(name) in present]
        found[column.field.name] = names
        if column.names and not names:
            batch.note(
                replace(
                    _finding(
                        Rule.COLUMN_MISSING,
                        " or ".join(column.names),
                        ", ".join(present.values()),
                    ),
                    field=column.field.name,
                )
            )
    used = {name for names in found.values() for name in names}
    for name in present.values():
        if name not in used:
            batch.note(
                replace(
                    _finding(Rule.COLUMN_UNUSED, "columns of the profile", name),
                    severity=Severity.NOTE,
                )
            )
    return found


def _take(chunk: Chunk, found: Mapping[str, Sequence[str]], batch: _Batch, as_of: date) -> None:
    """Convert a chunk into records and problems."""
    batch.rows += len(chunk.frame) + len(chunk.broken)
    converted = convert.convert(chunk.frame, batch.source, found, as_of)
    place = [
        pl.lit(batch.source.name).alias("source"),
        pl.lit(batch.file).alias("file"),
    ]
    batch.records.append(
        converted.records.with_columns(*place, pl.col(raw.LINE).alias("line")).drop(raw.LINE)
    )
    batch.raws.append(chunk.frame)
    if len(converted.problems):
        told = converted.problems.with_columns(*place)
        batch.problems.append(_with_raw(told, [chunk.frame]))
    if chunk.broken:
        batch.problems.append(
            pl.DataFrame(
                [
                    {
                        "source": batch.source.name,
                        "file": batch.file,
                        "line": broken.line,
                        "field": None,
                        "rule": broken.rule.value,
                        "severity": Severity.ROW.value,
                        "expected": broken.expected,
                        "came": broken.came,
                        "raw": json.dumps(broken.raw, ensure_ascii=False),
                    }
                    for broken in chunk.broken
                ],
                schema=dict(QUARANTINE),
            )
        )


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
    return problems.join(pl.concat(rows), on="line", how="left", maintain_order="left").select(
        list(QUARANTINE)
    )


def _settle(fed: Sequence[_Batch], kind: Kind) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Put the records of a kind together, without those that were delivered before."""
    schema = convert.schema(kind)
    table = pl.concat(
        [
            pl.DataFrame(schema=schema),
            *(records.select(list(schema)) for batch in fed for records in batch.records),
        ]
    )
    kept, later = duplicates.split(table, kind)
    for batch in fed:
        mine = later.filter(
            (pl.col("source") == batch.source.name) & (pl.col("file") == batch.file)
        )
        if len(mine):
            batch.problems.append(_with_raw(mine, batch.raws))
    return kept, [problem for batch in fed for problem in batch.problems]


def _counted(
    batches: Sequence[_Batch], tables: Mapping[str, pl.DataFrame], held: pl.DataFrame
) -> tuple[FileRead, ...]:
    """Count what became of the rows of each file, and check that none was lost."""
    place = ["source", "file"]
    good: dict[tuple[object, ...], int] = {}
    for table in tables.values():
        good.update({row[:2]: row[2] for row in table.group_by(place).len().iter_rows()})
    rows = held.filter(pl.col("severity") == Severity.ROW.value).group_by(place).len()
    aside = {row[:2]: row[2] for row in rows.iter_rows()}
    files = []
    for batch in batches:
        at = (batch.source.name, batch.file)
        files.append(
            FileRead(
                source=batch.source.name,
                file=batch.file,
                sha256=batch.sha256,
                size_bytes=batch.size_bytes,
                encoding=batch.encoding,
                rows=batch.rows,
                good=good.get(at, 0),
                quarantined=aside.get(at, 0),
            )
        )
        invariant(files[-1].rows == files[-1].good + files[-1].quarantined, "READ-1")
    return tuple(files)
