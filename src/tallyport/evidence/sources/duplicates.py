"""Set repeated deliveries aside (重复交付): the first record of a key counts.

    key       content   what becomes of the later one
    the same  the same  quarantine as `duplicate_row`: nothing is missed without it
    the same  another   quarantine as `duplicate_key`: somebody must decide

A kind without a key knows only the first case: all of its fields are the key.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.sources.rules import Rule, Severity
from tallyport.evidence.sources.vocabulary import Kind

_FIRST = "\x00first"
_ROW = "\x00row"
_SAME = "\x00same"


def split(table: pl.DataFrame, kind: Kind) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records to keep, and the problems of the others with their source and file."""
    fields = [field.name for field in kind.fields]
    key = list(kind.key) or fields
    numbered = table.with_row_index(_ROW)
    doubled = table.select(pl.struct(key).is_duplicated()).to_series()
    suspects = numbered.filter(doubled)
    first = suspects.group_by(key).agg(pl.col(_ROW).min().alias(_FIRST))
    later = suspects.join(first, on=key, how="left", nulls_equal=True)
    later = later.filter(pl.col(_ROW) != pl.col(_FIRST)).sort(_ROW)
    originals = suspects.select(pl.col(_ROW).alias(_FIRST), *fields, "file", "line")
    later = later.join(originals, on=_FIRST, how="left", suffix="\x00", maintain_order="left")
    same = pl.all_horizontal(
        pl.lit(value=True),
        *(pl.col(name).eq_missing(pl.col(f"{name}\x00")) for name in fields if name not in key),
    )
    problems = later.with_columns(same.alias(_SAME)).select(
        "source",
        "file",
        "line",
        pl.lit(" ".join(kind.key) or None, pl.String).alias("field"),
        pl.when(_SAME)
        .then(pl.lit(Rule.DUPLICATE_ROW.value))
        .otherwise(pl.lit(Rule.DUPLICATE_KEY.value))
        .alias("rule"),
        pl.lit(Severity.ROW.value).alias("severity"),
        pl.lit("a key of its own" if kind.key else "a record of its own").alias("expected"),
        pl.format("that of {}:{}", pl.col("file\x00"), pl.col("line\x00")).alias("came"),
    )
    kept = numbered.join(later.select(_ROW), on=_ROW, how="anti", maintain_order="left")
    return kept.drop(_ROW), problems
