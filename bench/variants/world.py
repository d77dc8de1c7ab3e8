"""A world as raw cells: every source one frame of texts, whatever form it came in.

`load` reads a folder of exports (workbooks, XML, camt.053 or flat files) through the built-in
profile without converting a cell; `save` writes flat files, each in the encoding and with the
separator that the profile names for it. `truth` is carried along, so that a variant can be scored.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tallyport.evidence.sources import intake, raw
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.profile import Form, Format, Source
from tallyport.evidence.sources.reading import located

PROFILE = builtin()["used_car_export"]
AS_OF = date(2024, 12, 31)
TRUTH = ("triads", "parties", "findings", "vehicle_links", "bank_entries", "entities")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Raw cells by source, and truth by file."""

    tables: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]

    def with_tables(self, **changed: pl.DataFrame) -> World:
        """Return the world with some sources replaced."""
        return World(tables={**self.tables, **changed}, truth=self.truth)


def load(folder: Path) -> World:
    """Return the world in `folder`."""
    tables = {source.name: _cells(folder, source) for source in PROFILE.sources}
    truth = {
        name: pl.read_csv(folder / "truth" / f"{name}.csv", infer_schema=False).fill_null("")
        for name in TRUTH
    }
    return World(tables=tables, truth=truth)


def _cells(folder: Path, source: Source) -> pl.DataFrame:
    """Return the cells of one source, columns named as in flat files."""
    paths, form = located(folder, source)
    assert form is not None, source.name
    frames = [frame for path in paths for frame in _frames(path, form, source)]
    table = pl.concat(frames, how="diagonal").drop(raw.LINE)
    picked = []
    for column in source.columns:
        names = [name for name in column.names if name in table.columns]
        if names:
            cells = [pl.col(name).replace("", None) for name in names]
            picked.append(pl.coalesce(cells).fill_null("").alias(column.names[-1]))
    return table.select(picked)


def _frames(path: Path, form: Form, source: Source) -> Iterator[pl.DataFrame]:
    batch = intake.Batch(source=source, file=path.name)
    for chunk in intake._opened(path, form, PROFILE, batch):  # noqa: SLF001 - Raw cells are wanted.
        assert not chunk.broken, chunk.broken
        yield chunk.frame


def save(world: World, folder: Path) -> None:
    """Write the world as flat files."""
    for source in PROFILE.sources:
        form = next(form for form in source.forms if form.format is Format.CSV)
        path = folder / form.glob
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(world.tables[source.name], form.separator, form.encoding))
    (folder / "truth").mkdir(exist_ok=True)
    for name, table in world.truth.items():
        table.write_csv(folder / "truth" / f"{name}.csv")


def written(table: pl.DataFrame, separator: str, encoding: str) -> bytes:
    """Return the bytes of a flat file; what an encoding lacks becomes a question mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(table.iter_rows())
    return text.getvalue().encode(encoding, "replace")
