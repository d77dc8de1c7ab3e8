"""Count how the fields of a source are filled, read and repeated (字段质量)."""

from __future__ import annotations

import polars as pl

from tallyport.evidence.sources.mending import MENDED
from tallyport.evidence.sources.profile import Source
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import Rule, Severity

_UNREAD = (  # The text of the cell is not what the field holds.
    Rule.NOT_A_NUMBER,
    Rule.NOT_A_WHOLE_NUMBER,
    Rule.NOT_A_DATE,
    Rule.NOT_A_MOMENT,
    Rule.NOT_A_FLAG,
    Rule.NOT_THE_PATTERN,
    Rule.LOST_CHARACTERS,
    Rule.LOST_DIGITS,
)
_REPEATED = (Rule.DUPLICATE_ROW, Rule.DUPLICATE_KEY)


def sources(reading: Reading) -> pl.DataFrame:
    """Return a row for each source: files, rows, and what became of them."""
    problems = reading.quarantine.group_by("source").agg(
        (pl.col("severity") == Severity.CELL.value).sum().alias("cells_left_out"),
        pl.col("rule").is_in([rule.value for rule in _REPEATED]).sum().alias("repeated"),
    )
    files = pl.DataFrame(
        [
            (file.source, file.kind, file.rows, file.good, file.quarantined)
            for file in reading.files
        ],
        schema={
            "source": pl.String,
            "kind": pl.String,
            "rows": pl.Int64,
            "good": pl.Int64,
            "quarantined": pl.Int64,
        },
        orient="row",
    )
    counted = files.group_by("source", "kind", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("files"), pl.col("rows", "good", "quarantined").sum()
    )
    joined = counted.join(problems, on="source", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("cells_left_out", "repeated").fill_null(0).cast(pl.Int64),
        (100 * pl.col("good") / pl.max_horizontal("rows", 1)).round(2).alias("good_pct"),
    )


def fields(reading: Reading) -> pl.DataFrame:
    """Return a row for each field of each source that the profile maps."""
    told = (
        reading.quarantine.group_by("source", "field")
        .agg(
            pl.col("rule").is_in([rule.value for rule in _UNREAD]).sum().alias("unread"),
            pl.col("rule").is_in([Rule.VALUE_REQUIRED.value]).sum().alias("missing"),
            pl.len().alias("problems"),
        )
        .with_columns(pl.col("unread", "missing", "problems").cast(pl.Int64))
    )
    rows = [row for source in reading.profile.sources for row in _fields(reading, source)]
    schema = {
        "source": pl.String,
        "kind": pl.String,
        "field": pl.String,
        "type": pl.String,
        "required": pl.Boolean,
        "records": pl.Int64,
        "filled": pl.Int64,
        "distinct": pl.Int64,
        "least": pl.String,
        "most": pl.String,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    joined = table.join(told, on=["source", "field"], how="left", maintain_order="left")
    others = pl.col("problems") - pl.col("unread") - pl.col("missing")
    return joined.with_columns(
        pl.col("unread", "missing").fill_null(0),
        others.fill_null(0).alias("breaches"),
        (100 * pl.col("filled") / pl.max_horizontal("records", 1)).round(2).alias("filled_pct"),
    ).drop("problems")


def _fields(reading: Reading, source: Source) -> list[tuple[object, ...]]:
    mine = pl.col("source").str.strip_suffix(MENDED) == source.name
    table = reading.tables[source.kind.name].filter(mine)
    rows: list[tuple[object, ...]] = []
    for column in source.columns:
        values = table[column.field.name]
        filled = values.drop_nulls()
        rows.append(
            (
                source.name,
                source.kind.name,
                column.field.name,
                column.field.type.value,
                column.field.required,
                len(values),
                len(filled),
                filled.n_unique(),
                *_ends(filled),
            )
        )
    return rows


def _ends(filled: pl.Series) -> tuple[str | None, str | None]:
    """Return the least and the greatest value as text."""
    ends = pl.DataFrame([filled.alias("v")]).select(
        pl.col("v").min().cast(pl.String).alias("least"),
        pl.col("v").max().cast(pl.String).alias("most"),
    )
    least, most = ends.row(0)
    return least, most
