"""Read a folder of exports into canonical tables (读取整个文件夹).

    folder ──▶ files ──▶ raw rows ──▶ records ──▶ tables, one a kind
                 │          │            └──▶ cell findings, rows without required values
                 │          └──▶ rows that cannot be taken apart
                 └──▶ files that are missing, foreign, hostile

READ-1  nothing lost   rows of a file = its records + its rows in quarantine

Every kind has a table with all its columns, also when no source feeds it. A record stands there
with `source`, `file` and `line`. The quarantine has a line for each problem: one of severity `row`
for each row that stands in no table, and one of severity `cell` for each value that was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import convert, duplicates, intake
from tallyport.evidence.sources.intake import QUARANTINE, Batch
from tallyport.evidence.sources.profile import Form, Profile, Source
from tallyport.evidence.sources.rules import Finding, Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS, Kind
from tallyport.kernel.guard import FaultError, invariant

FILES_MAX = 5_000  # Of one source; a bank sends one a day and account.
ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xml")  # What looks like an export.

Progress = Callable[[str, int, int], None]  # Source, sources done, sources in all.


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What became of one file in one source: rows = good + quarantined."""

    source: str
    kind: str
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


def read(
    folder: Path, profile: Profile, progress: Progress | None = None, *, as_of: date | None = None
) -> Reading:
    """Return all that the files of `folder` hold; without `as_of`, today is the as-of day.

    Raises:
        FaultError: The folder does not exist, or no source has a file in it.
    """
    day = as_of or datetime.now(UTC).date()
    if not folder.is_dir():
        message = f"文件夹不存在 / expected a folder of exports, {folder} is none; correct the path"
        raise FaultError(message)
    findings = [_unused(folder, path) for path in unused(folder, profile)]
    batches: list[Batch] = []
    tables: dict[str, pl.DataFrame] = {}
    done = 0
    for kind in KINDS.values():
        fed: list[Batch] = []
        for source in profile.sources:
            if source.kind is not kind:
                continue
            paths, form = located(folder, source)
            if form is None and not source.optional:
                findings.append(_missing(source))
            if form is not None:
                fed += [intake.take(folder, path, source, form, profile, day) for path in paths]
            done += 1
            if progress is not None:
                progress(source.name, done, len(profile.sources))
        tables[kind.name] = settled(fed, kind)
        batches += fed
    if not batches:
        message = (
            f"没有可读取的文件 / expected files of the profile {profile.name} in {folder}, came"
            " none; choose another profile or begin one with `tallyport profile FILE`"
        )
        raise FaultError(message)
    held = [problem for batch in batches for problem in batch.problems]
    quarantine = pl.concat([pl.DataFrame(schema=dict(QUARANTINE)), *held])
    return Reading(
        profile=profile,
        as_of=day,
        tables=tables,
        quarantine=quarantine,
        files=counted(batches, tables, quarantine),
        findings=(*findings, *(finding for batch in batches for finding in batch.findings)),
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


def unused(folder: Path, profile: Profile) -> list[Path]:
    """Return the files of a readable format in `folder` that no source of `profile` reads."""
    used = {path for source in profile.sources for path in located(folder, source)[0]}
    return [
        path
        for path in sorted(folder.rglob("*"))[:FILES_MAX]
        if path.suffix.lower() in ENDINGS and path.is_file() and path not in used
    ]


def _unused(folder: Path, path: Path) -> Finding:
    return Finding(
        rule=Rule.FILE_UNUSED,
        severity=Severity.NOTE,
        file=path.relative_to(folder).as_posix(),
        expected="a source that reads it",
        came="none",
    )


def _missing(source: Source) -> Finding:
    return Finding(
        rule=Rule.FILE_MISSING,
        severity=Severity.FILE,
        source=source.name,
        expected=" or ".join(form.glob for form in source.forms),
        came="no such file",
    )


def settled(fed: Sequence[Batch], kind: Kind) -> pl.DataFrame:
    """Put the records of a kind together, without those that were delivered before."""
    empty = pl.DataFrame(schema=convert.schema(kind))
    if not fed:
        return empty
    table = pl.concat([empty, *(records for batch in fed for records in batch.records)])
    kept, later = duplicates.split(table, kind)
    for batch in fed:
        batch.settle(later)
    return kept


def counted(
    batches: Sequence[Batch], tables: Mapping[str, pl.DataFrame], quarantine: pl.DataFrame
) -> tuple[FileRead, ...]:
    """Count what became of the rows of each file, and check that none was lost."""
    good: dict[tuple[str, str], int] = {}
    for table in tables.values():
        good |= _per_file(table)
    aside = _per_file(quarantine.filter(pl.col("severity") == Severity.ROW.value))
    files = []
    for batch in batches:
        at = (batch.source.name, batch.file)
        invariant(batch.rows == good.get(at, 0) + aside.get(at, 0), "READ-1")
        files.append(
            FileRead(
                source=batch.source.name,
                kind=batch.source.kind.name,
                file=batch.file,
                sha256=batch.sha256,
                size_bytes=batch.size_bytes,
                encoding=batch.encoding,
                rows=batch.rows,
                good=good.get(at, 0),
                quarantined=aside.get(at, 0),
            )
        )
    return tuple(files)


def _per_file(table: pl.DataFrame) -> dict[tuple[str, str], int]:
    counts = table.group_by("source", "file").len()
    return {(source, file): count for source, file, count in counts.iter_rows()}
