"""Rows that were set aside are mended and sent again (隔离行修复与重送).

    read ──▶ quarantine ──▶ write_quarantine ──▶ contracts.csv, one file a source
                                                    │  somebody mends the cells
    read + mended ◀── merge ◀── read_mended ◀───────┘

A file of the quarantine has the columns of the source as they came, and behind them the place of
origin and the problems. A row that comes back keeps its place: its record has `file` and `line` of
the first delivery, and `source` with MENDED behind it, so that the hand of a person can be seen in
any figure. What a person sent counts more than what a system sent: where keys are equal and
contents differ, the mended record stands and the delivered one is set aside.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import camt, csv_file, encoding, intake, raw, xml_file
from tallyport.evidence.sources.intake import QUARANTINE, Batch
from tallyport.evidence.sources.profile import Form, Format, Profile, Source
from tallyport.evidence.sources.raw import UnreadableError
from tallyport.evidence.sources.reading import FileRead, Reading, settled
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.kernel.guard import FaultError

MENDED = "+mended"  # Behind the name of the source of a record that a person sent.
FILE, LINE, PROBLEMS = "tallyport_file", "tallyport_line", "tallyport_problems"
PREFIX = "mended:"  # Before the name of a mended file: it may be called as one of the folder.
XML = "xml"  # The column of a record that could not be taken apart.
_RISKY = "=+-@\t\r'"  # What a spreadsheet takes for a formula when it opens the file.


def write_quarantine(reading: Reading, folder: Path) -> list[Path]:
    """Write the rows with problems, a file for each source, and return the files.

    A cell that a spreadsheet could run is written with a `'` before it; `read_mended` takes it off.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for (source,), problems in reading.quarantine.group_by("source", maintain_order=True):
        path = folder / f"{str(source).removesuffix(MENDED)}.csv"
        rows = list(_rows(problems))
        names = dict.fromkeys(name for row in rows for name in row)
        columns = [*(name for name in names if name not in (FILE, LINE, PROBLEMS))]
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, [*columns, FILE, LINE, PROBLEMS], restval="")
            writer.writeheader()
            writer.writerows({name: _guarded(cell) for name, cell in row.items()} for row in rows)
        written.append(path)
    return written


def _rows(problems: pl.DataFrame) -> Iterator[dict[str, str]]:
    """Yield one row for each row of a file, with all of its problems."""
    told = pl.format(
        "{}: {} ({} expected)",
        pl.coalesce("field", pl.lit("row")),
        "rule",
        "expected",
    )
    grouped = problems.group_by("file", "line", maintain_order=True).agg(
        pl.col("raw").first(), told.str.join("; ").alias("problems")
    )
    for file, line, text, said in grouped.iter_rows():
        cells = {name: cell or "" for name, cell in json.loads(text).items()}
        place = {FILE: cells.get(FILE) or file, LINE: cells.get(LINE) or str(line)}
        yield {**cells, **place, PROBLEMS: said}


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell[:1] and cell[0] in _RISKY else cell


def read_mended(folder: Path, profile: Profile, *, as_of: date | None = None) -> Reading:
    """Return the records in files that `write_quarantine` wrote and somebody mended.

    Raises:
        FaultError: The folder has no such file.
    """
    day = as_of or datetime.now(UTC).date()
    batches = [
        _take(path, source, profile, day)
        for source in profile.sources
        if (path := folder / f"{source.name}.csv").is_file()
    ]
    if not batches:
        names = ", ".join(f"{source.name}.csv" for source in profile.sources)
        message = f"没有修复文件 / expected one of {names} in {folder}, came none; correct the path"
        raise FaultError(message)
    counts = [sum(len(records) for records in batch.records) for batch in batches]
    tables = {
        kind.name: settled([batch for batch in batches if batch.source.kind is kind], kind)
        for kind in KINDS.values()
    }
    files = tuple(
        FileRead(
            source=batch.source.name,
            kind=batch.source.kind.name,
            file=batch.file,
            sha256=batch.sha256,
            size_bytes=batch.size_bytes,
            encoding=batch.encoding,
            rows=batch.rows,
            good=good,
            quarantined=batch.rows - good,
        )
        for batch, good in zip(batches, counts, strict=True)
    )
    problems = [problem for batch in batches for problem in batch.problems]
    return Reading(
        profile=profile,
        as_of=day,
        tables=tables,
        quarantine=pl.concat([pl.DataFrame(schema=dict(QUARANTINE)), *problems]),
        files=files,
        findings=tuple(finding for batch in batches for finding in batch.findings),
    )


def _take(path: Path, source: Source, profile: Profile, as_of: date) -> Batch:
    """Read one mended file; its records get the places of their first delivery."""
    batch = Batch(source=replace(source, name=source.name + MENDED), file=f"{PREFIX}{path.name}")
    try:
        batch.sha256, batch.size_bytes = encoding.digest(path)
        form, found = _opened(path, profile)
        batch.encoding = found.name.lower()
        for chunk in csv_file.chunks(path, form, found):
            frame = _unfolded(chunk.frame.with_columns(_bare(chunk.frame)), source)
            matched = intake.matched(frame, batch)
            intake.convert_chunk(replace(chunk, frame=frame), matched, batch, as_of)
            batch.records[-1] = _placed(batch.records[-1], frame)
    except UnreadableError as error:
        batch.note(error.finding)
    return batch


def _opened(path: Path, profile: Profile) -> tuple[Form, encoding.Found]:
    """Find out how somebody's spreadsheet saved the file."""
    head = path.read_bytes()[: encoding.HEAD_BYTES]
    for separator in (",", ";", "\t"):
        form = Form(glob=path.name, format=Format.CSV, separator=separator)
        is_ours = partial(_is_ours, form=form)
        found = encoding.find(path, ("utf-8", *profile.encodings), is_ours)
        if is_ours(head.decode(found.name, "replace")):
            return form, found
    return Form(glob=path.name, format=Format.CSV), encoding.Found(name="utf-8")


def _is_ours(head: str, form: Form) -> bool:
    return FILE in csv_file.header(head.removeprefix("\ufeff"), form)


def _bare(frame: pl.DataFrame) -> list[pl.Expr]:
    """Take off the `'` that stands before what looks like a formula."""
    risky = "".join(f"\\x{ord(sign):02x}" for sign in _RISKY)
    return [
        pl.col(name).str.replace(f"^'([{risky}])", "${1}")
        for name in frame.columns
        if name != raw.LINE
    ]


def _unfolded(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Put the values of records that came as XML into columns of their own."""
    formats = (Format.XML, Format.CAMT_053)
    form = next((form for form in source.forms if form.format in formats), None)
    if form is None or XML not in frame.columns or not len(frame):
        return frame
    names, extract, record = _xml(form, source)
    rows: list[dict[str, object]] = []
    further = count(max(frame[raw.LINE].to_list()) + 1)  # Lines for what one row unfolds to.
    for row in frame.iter_rows(named=True):
        pieces = xml_file.records(row[XML], record, extract) if row[XML] else []
        for number, piece in enumerate(pieces):  # Their places in the file follow each other.
            line = str(int(row[LINE]) + number) if row.get(LINE, "").isdigit() else ""
            own = next(further) if number else row[raw.LINE]
            rows.append({**row, **dict.fromkeys(names), **piece, LINE: line, raw.LINE: own})
        rows += [] if pieces else [row]
    schema = {**dict.fromkeys(names, pl.String()), **frame.schema}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _xml(form: Form, source: Source) -> tuple[Sequence[str], xml_file.Extract, str]:
    kind = source.kind.name
    if form.format is Format.CAMT_053:
        extract = camt.statement if kind == "bank_statement" else camt.entry
        return camt.names(kind), extract, camt.RECORDS[kind]
    names = tuple(dict.fromkeys(name for column in source.columns for name in column.names))
    return names, xml_file.values(names), form.record


def _placed(records: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Give each record the place of its first delivery; a new row keeps its own."""
    if FILE not in frame.columns or LINE not in frame.columns:
        return records
    places = frame.select(
        pl.col(raw.LINE).alias("line"),
        pl.col(FILE).replace("", None),
        pl.col(LINE).cast(pl.Int64, strict=False),
    ).unique("line", keep="first")
    joined = records.join(places, on="line", how="left", maintain_order="left")
    is_known = pl.col(FILE).is_not_null() & pl.col(LINE).is_not_null()
    return joined.with_columns(
        pl.when(is_known).then(pl.col(FILE)).otherwise("file").alias("file"),
        pl.when(is_known).then(pl.col(LINE)).otherwise("line").alias("line"),
    ).drop(FILE, LINE)
