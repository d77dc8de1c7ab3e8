"""Canonical tables from a few cells: what is not given is empty, places count up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS, Type


def table(kind: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Return the table of `kind` with `rows`; amounts may be given as text."""
    described = KINDS[kind]
    decimals = {field.name for field in described.fields if field.type is Type.DECIMAL}
    schema = convert.schema(described)
    filled = [
        {
            **dict.fromkeys(schema),
            **{
                name: Decimal(str(value)) if name in decimals and value is not None else value
                for name, value in row.items()
            },
            "source": kind,
            "file": f"{kind}.csv",
            "line": at,
        }
        for at, row in enumerate(rows, start=2)
    ]
    return pl.DataFrame(filled, schema=schema, orient="row")
