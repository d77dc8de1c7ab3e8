"""What is said about the quality of a reading (质量报告).

    contradiction   two records cannot both be right: a total is not the sum of its lines
    orphan          a record names another one that was not delivered
    doubt           possible, but rare: a vehicle number with a wrong check digit

A finding rests on records, and each of them is named by its file and line, so that somebody can
look at both. Findings say that something does not fit, not which of the two is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

import polars as pl

Tables = Mapping[str, pl.DataFrame]

RELATED_MAX = 20  # Places in one finding; the others are found by the same key.

FINDINGS: Mapping[str, pl.DataType] = {
    "rule": pl.String(),
    "level": pl.String(),
    "kind": pl.String(),
    "key": pl.String(),  # Of the record, as a person names it.
    "field": pl.String(),
    "expected": pl.String(),
    "came": pl.String(),
    "source": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "related": pl.List(pl.String()),  # file:line of the other records it rests on.
}


@unique
class Level(StrEnum):
    """How much a finding claims."""

    CONTRADICTION = "contradiction"
    ORPHAN = "orphan"
    DOUBT = "doubt"


LEVELS: Mapping[Level, tuple[str, str]] = {
    Level.CONTRADICTION: ("互相矛盾", "two records cannot both be right"),
    Level.ORPHAN: ("引用缺失", "a record names another that was not delivered"),
    Level.DOUBT: ("存疑", "possible, but rare"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule over tables. `find` returns rows with the columns of FINDINGS behind `kind`."""

    rule: str
    level: Level
    kind: str  # Whose records it is about.
    zh: str
    en: str
    find: Callable[[Tables], pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """Three tables: how each source, each of its fields, and each contradiction stands."""

    sources: pl.DataFrame
    fields: pl.DataFrame
    findings: pl.DataFrame
    checks: tuple[Check, ...]  # All that were made, also those that found nothing.

    def counts(self) -> Mapping[str, int]:
        """Return how often each rule was broken, 0 included, in the order of the checks."""
        rules = self.findings["rule"].value_counts()
        found = dict(rules.iter_rows())
        return {check.rule: found.get(check.rule, 0) for check in self.checks}


def places() -> pl.Expr:
    """Return `file:line` of some records of a group."""
    return pl.format("{}:{}", "file", "line").head(RELATED_MAX)


def told(
    frame: pl.DataFrame,
    *,
    key: str | pl.Expr,
    field: str,
    expected: pl.Expr,
    came: pl.Expr,
    related: pl.Expr | None = None,
) -> pl.DataFrame:
    """Return the rows of `frame`, which has the columns of a table, as findings."""
    name = pl.col(key) if isinstance(key, str) else key
    nothing = pl.lit([], pl.List(pl.String))
    return frame.select(
        name.cast(pl.String).alias("key"),
        pl.lit(field).alias("field"),
        expected.cast(pl.String).alias("expected"),
        came.cast(pl.String).alias("came"),
        "source",
        "file",
        "line",
        (nothing if related is None else related.fill_null([])).alias("related"),
    )


def number(value: pl.Expr) -> pl.Expr:
    """Return a decimal as text without the zeros behind it."""
    return value.cast(pl.String).str.replace(r"\.?0+$", "")
