"""Several deliveries as one (多次交付合并): files of Monday, corrections of Tuesday.

    Monday    sale A  100 USD    sale B  80 USD          together   sale A  100 USD   Monday
    Tuesday   sale B   90 USD    sale C  70 USD    ──▶              sale B   90 USD   Tuesday
                                                                    sale C   70 USD   Tuesday

Of records with one key the newest delivery counts; what it replaces is set aside with the place of
what replaced it. What was delivered twice in the same words counts once. The order of deliveries is
that of their days, never that of their arrival.

TOGETHER-1  nothing lost   rows of a file = its records + its rows in quarantine
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from tallyport.evidence.sources import convert, duplicates
from tallyport.evidence.sources.intake import QUARANTINE
from tallyport.evidence.sources.reading import FileRead, Reading
from tallyport.evidence.sources.rules import Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.kernel.guard import invariant

Tables = Mapping[str, pl.DataFrame]
_PLACE = ("source", "file", "line")


def in_order(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return the tables sorted by key, then content: the order in which files lay is forgotten."""
    ordered = {}
    for name, table in tables.items():
        kind = KINDS[name]
        fields = [field.name for field in kind.fields if field.name in table.columns]
        by = [
            *(one for one in kind.key if one in fields),
            *(f for f in fields if f not in kind.key),
        ]
        ordered[name] = table.sort(by, nulls_last=True, maintain_order=True) if by else table
    return ordered


def together(readings: Sequence[tuple[str, Reading]]) -> Reading:
    """Return deliveries, each with its name and the oldest first, as one reading.

    Files are named `delivery/file`; a file that no delivery brought is missing once.
    """
    newest = [_named(name, reading) for name, reading in reversed(readings)]
    tables: dict[str, pl.DataFrame] = {}
    aside = [pl.DataFrame(schema=dict(QUARANTINE)), *(one.quarantine for one in newest)]
    for name, kind in KINDS.items():
        all_rows = pl.concat([one.tables[name] for one in newest])
        tables[name], later = duplicates.split(all_rows, kind)
        fields = pl.struct(list(convert.schema(kind))).struct.json_encode().alias("raw")
        raws = all_rows.select(*_PLACE, fields)
        told = later.join(raws, on=list(_PLACE), how="left", maintain_order="left")
        aside.append(told.select(list(QUARANTINE)))
    quarantine = pl.concat(aside)
    return replace(
        newest[0],
        tables=in_order(tables),
        quarantine=quarantine,
        files=tuple(_counted(file, tables, quarantine) for one in newest for file in one.files),
        findings=tuple(
            finding
            for one in newest
            for finding in one.findings
            if finding.rule is not Rule.FILE_MISSING
            or all(finding in other.findings for other in newest)
        ),
    )


def _named(name: str, reading: Reading) -> Reading:
    """Put the delivery's name before the name of each file."""
    file = pl.concat_str(pl.lit(f"{name}/"), "file").alias("file")
    return replace(
        reading,
        tables={kind: table.with_columns(file) for kind, table in reading.tables.items()},
        quarantine=reading.quarantine.with_columns(file),
        files=tuple(replace(one, file=f"{name}/{one.file}") for one in reading.files),
        findings=tuple(
            replace(one, file=f"{name}/{one.file}") if one.file else one for one in reading.findings
        ),
    )


def _counted(file: FileRead, tables: Tables, quarantine: pl.DataFrame) -> FileRead:
    """Count the rows of one file anew, and check that none was lost."""
    mine = (pl.col("source") == file.source) & (pl.col("file") == file.file)
    good = tables[file.kind].select("source", "file").filter(mine).height
    is_row = pl.col("severity") == Severity.ROW.value
    aside = quarantine.filter(mine & is_row).height
    invariant(file.rows == good + aside, "TOGETHER-1")
    return replace(file, good=good, quarantined=aside)
