"""Put mended records into a reading (合并修复记录), as if they had been right from the start.

    reading   LS1  cost null (line 2)        merged   LS1  cost 68529   stock+mended, line 2
    mended    LS1  cost 68529 (line 2)   ──▶

MERGE-1  nothing lost   rows of a delivered file = its records + its rows in quarantine, as before

A mended record takes the place of the one that stood at its line. Where it has the key of another
record but other contents, it stands and the other is set aside; where it only repeats one, it is
set aside itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from tallyport.evidence.sources import convert, duplicates
from tallyport.evidence.sources.intake import QUARANTINE
from tallyport.evidence.sources.mending import MENDED
from tallyport.evidence.sources.reading import FileRead, Reading
from tallyport.evidence.sources.rules import Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS, Kind
from tallyport.kernel.guard import invariant

_PLACE = ("source", "file", "line")


def merge(reading: Reading, mended: Reading) -> Reading:
    """Return `reading` with the records of `mended` in their places."""
    tables: dict[str, pl.DataFrame] = {}
    aside: list[pl.DataFrame] = []
    places: list[pl.DataFrame] = []
    for name, kind in KINDS.items():
        tables[name], later = _merged(reading.tables[name], mended.tables[name], kind)
        aside.append(later)
        places.append(_places(mended.tables[name]))
    solved = reading.quarantine.with_columns(_delivered()).join(
        pl.concat(places), on=["_source", "file", "line"], how="anti"
    )
    quarantine = pl.concat([solved.drop("_source"), mended.quarantine, *aside])
    return replace(
        reading,
        tables=tables,
        quarantine=quarantine,
        files=(*_counted(reading, tables, quarantine), *mended.files),
        findings=(*reading.findings, *mended.findings),
    )


def _delivered() -> pl.Expr:
    """Name the source that delivered a row first."""
    return pl.col("source").str.strip_suffix(MENDED).alias("_source")


def _places(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(_delivered(), "file", "line")


def _merged(
    table: pl.DataFrame, mended: pl.DataFrame, kind: Kind
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the table with the mended records, and the problems of those that gave way."""
    place = ["_source", "file", "line"]
    old = table.with_columns(_delivered())
    old = old.join(_places(mended), on=place, how="anti", maintain_order="left").drop("_source")
    _, repeats = duplicates.split(pl.concat([old, mended]), kind)
    repeats = repeats.filter(pl.col("rule") == Rule.DUPLICATE_ROW.value)
    new = mended.join(repeats, on=_PLACE, how="anti", maintain_order="left")
    both = pl.concat([new, old])
    kept, later = duplicates.split(both, kind)
    problems = pl.concat([repeats, later])
    fields = pl.struct(list(convert.schema(kind))).struct.json_encode().alias("raw")
    raws = pl.concat([mended, old]).select(*_PLACE, fields)  # The cells as they came are gone.
    told = problems.join(raws, on=_PLACE, how="left", maintain_order="left")
    return kept, told.select(list(QUARANTINE))


def _counted(
    reading: Reading, tables: Mapping[str, pl.DataFrame], quarantine: pl.DataFrame
) -> list[FileRead]:
    """Count the rows of each delivered file anew."""
    rows = quarantine.filter(pl.col("severity") == Severity.ROW.value)
    files = []
    for file in reading.files:
        good = _count(tables[file.kind], file)
        aside = _count(rows, file)
        invariant(file.rows == good + aside, "MERGE-1")
        files.append(replace(file, good=good, quarantined=aside))
    return files


def _count(table: pl.DataFrame, file: FileRead) -> int:
    mine = (_delivered() == file.source) & (pl.col("file") == file.file)
    return table.select("source", "file").filter(mine).height
