"""Exchange rates (汇率): units of each currency a dollar, on every day of the export."""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.records import Records

NAMES = {"cny": "CNY", "rub": "RUB", "kzt": "KZT", "uzs": "UZS"}


def rates(records: Records) -> pl.DataFrame:
    """Return `day`, `currency`, `units`; a day without a rate has that of the day before."""
    table = (
        records["fx_rate"]
        .select("day", *(pl.col(column).cast(pl.Float64) for column in NAMES))
        .drop_nulls("day")
        .unique("day", keep="first", maintain_order=True)
        .sort("day")
    )
    if table.height:
        table = table.upsample("day", every="1d").with_columns(
            pl.col(column).forward_fill() for column in NAMES
        )
    return (
        table.with_columns(USD=pl.lit(1.0))
        .rename(NAMES)
        .unpivot(index="day", variable_name="currency", value_name="units")
        .filter(pl.col("units").is_not_null())
    )


def in_dollars(entries: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Add `dollars`: `amount` at the rate of the day; without a rate, the amount itself."""
    table = rates(records).select(booked_on="day", currency="currency", units="units")
    joined = entries.join(table, on=["booked_on", "currency"], how="left", maintain_order="left")
    value = pl.col("amount").cast(pl.Float64) / pl.col("units").fill_null(1.0)
    return joined.with_columns(dollars=value).drop("units")
