"""Measure firms (指标计算): the value of every indicator, and the records that pull it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from tallyport.credit.indicators.model import KEY, Direction, Indicator, Past
from tallyport.kernel import ratio

WORST_MAX = 5  # Records that a rating names; `lineage` gives all.


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The value of one indicator for one firm: `part` x scale / `whole`, over `records` records."""

    value: int
    part: int
    whole: int
    records: int
    worst: tuple[str, ...]  # What pulls it down most.


Measures = Mapping[tuple[str, str], Measure]  # By subject and role.


def measure(indicator: Indicator, past: Past) -> dict[tuple[str, str], Measure]:
    """Return the value for every firm that has records for it; the others are left out."""
    rows = indicator.rows(past)
    is_up = indicator.direction is Direction.UP
    loss = pl.col("whole") - pl.col("part") if is_up else pl.col("part")
    worst = pl.col("record").sort_by(["loss", "record"], descending=[True, False])
    found = (
        rows.with_columns(loss=loss)
        .group_by(KEY)
        .agg(
            pl.col("part").sum(),
            pl.col("whole").sum(),
            records=pl.len(),
            worst=worst.head(pl.min_horizontal((pl.col("loss") > 0).sum(), pl.lit(WORST_MAX))),
        )
        .filter(pl.col("whole") > 0)
        .sort(KEY)
    )
    return {
        (subject, role): Measure(
            value=ratio.half_up(part * indicator.scale, whole),
            part=part,
            whole=whole,
            records=records,
            worst=tuple(named),
        )
        for subject, role, part, whole, records, named in found.select(
            *KEY, "part", "whole", "records", "worst"
        ).iter_rows()
    }


def measured(indicators: Iterable[Indicator], past: Past) -> dict[str, Measures]:
    """Return the measures of several indicators by name."""
    return {indicator.name: measure(indicator, past) for indicator in indicators}


def lineage(indicator: Indicator, past: Past, subject: str, role: str) -> pl.DataFrame:
    """Return all records that the value of one firm is made of: record, part, whole."""
    mine = (pl.col("subject") == subject) & (pl.col("role") == role)
    return indicator.rows(past).filter(mine).select("record", "part", "whole").sort("record")
