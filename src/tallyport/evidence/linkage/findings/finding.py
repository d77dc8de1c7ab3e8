"""A finding (疑点): one row of the list that an analyst works through."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

SCHEMA = {
    "type": pl.String,
    "record_ids": pl.String,
    "probability": pl.Float64,
    "explanation": pl.String,
}
Row = tuple[str, str, float, str]


def row(kind: str, records: Iterable[str | None], probability: float, explanation: str) -> Row:
    """Return a finding of `kind` that rests on `records`, in their order, each once."""
    ids = dict.fromkeys(record for record in records if record)
    return kind, ";".join(ids), probability, explanation


def frame(rows: Iterable[Row]) -> pl.DataFrame:
    """Return `rows` as a frame."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
