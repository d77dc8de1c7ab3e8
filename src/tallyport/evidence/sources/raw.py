"""What the readers of all formats hand over (原始行): cells as text, each row with its line.

A reader yields chunks, so that a file may be larger than memory likes. Rows that cannot be taken
apart are `broken`; what concerns the whole file is a finding. Nothing is dropped: every row of the
file is either in a frame or broken. A row whose cells are all empty is no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.sources.rules import Finding, Rule
from tallyport.kernel.guard import FaultError

LINE = "\x00line"  # A header cannot hold this name: readers strip control characters.
ROWS_A_CHUNK = 100_000
FILE_BYTES_MAX = 8 * 2**30  # A year of a million vehicles has 0.3 GiB in its largest file.
COLUMNS_MAX = 2_000  # A wider table is a file read with the wrong separator.
CELL_CHARS_MAX = 1_000_000  # One cell; more is an unclosed quotation mark.
SHOWN_MAX = 200  # Characters of a raw text in a finding; the whole row is in `raw`.


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A row that cannot be taken apart."""

    line: int
    rule: Rule
    expected: str
    came: str
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows of a file. `frame` has one text column a column of the file, and LINE."""

    frame: pl.DataFrame
    broken: tuple[Broken, ...] = ()
    findings: tuple[Finding, ...] = ()


class UnreadableError(FaultError):
    """Nothing of the file can be read; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence())
        self.finding = finding


def frame(
    columns: Sequence[str], lines: Sequence[int], cells: Iterable[Sequence[str | None]]
) -> pl.DataFrame:
    """Return a frame of `columns`, whose values `cells` gives column by column."""
    series = [
        pl.Series(name, values, dtype=pl.String)
        for name, values in zip(columns, cells, strict=False)
    ]
    if not series or not lines:
        series = [pl.Series(name, [], dtype=pl.String) for name in columns]
    return pl.DataFrame([*series, pl.Series(LINE, lines, dtype=pl.Int64)])


def names(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return usable names for the columns under `header`, and the names that stand there twice.

    Control characters go; a column without a name is called by its number; a second one of the
    same name gets `#2`.
    """
    usable: list[str] = []
    doubles: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = "".join(sign for sign in cell if sign.isprintable()).strip(" \ufeff")
        name = name or f"column {number}"
        if name in usable:
            doubles.append(name)
            count = 2
            while f"{name}#{count}" in usable:
                count += 1
            name = f"{name}#{count}"
        usable.append(name)
    return usable, doubles


def shown(text: str) -> str:
    """Return `text` short enough for a finding."""
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
