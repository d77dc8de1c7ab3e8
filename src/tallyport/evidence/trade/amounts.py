"""Amounts (金额): exact decimals of a record become whole minor units, never through a float.

    177.74  ─▶  17774        12.125  ─▶  1213

Halves go away from zero.
"""

from __future__ import annotations

import polars as pl

MINOR_PER_UNIT = 100
SHARE_WHOLE = 10_000  # Shares and probabilities are counted in basis points.


def minor(amount: pl.Expr) -> pl.Expr:
    """Return a decimal column in minor units."""
    return (amount * MINOR_PER_UNIT).round(0, mode="half_away_from_zero").cast(pl.Int64)


def share_bp(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return `part` of `whole` in basis points, halves up; null where the whole is nothing."""
    part, whole = part.cast(pl.Int64), whole.cast(pl.Int64)  # A literal would be of 32 bits.
    return pl.when(whole > 0).then((2 * part * SHARE_WHOLE + whole) // (2 * whole))


def place() -> pl.Expr:
    """Return where a record came from: `olist_orders.csv:12`."""
    return pl.format("{}:{}", pl.col("file"), pl.col("line"))
