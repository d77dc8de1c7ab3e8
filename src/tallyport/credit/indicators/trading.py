"""How a firm trades (交易行为): how steadily, how much more or less, with how many, since when."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from tallyport.credit.indicators.model import KEY, Past, rows

MONTHS = 12
ONE = pl.lit(1)


def months(past: Past) -> pl.DataFrame:
    """Purchase stability (采购稳定性): share of the last twelve months with a trade."""
    last = past.as_of.year * 12 + past.as_of.month - 1
    number = pl.col("opened_on").dt.year() * 12 + pl.col("opened_on").dt.month() - 1
    firms = past.all_trades.select(KEY).unique(maintain_order=True)
    calendar = pl.DataFrame({"number": range(last - MONTHS + 1, last + 1)}).cast(pl.Int64)
    active = past.all_trades.select(*KEY, number=number.cast(pl.Int64)).unique()
    every = firms.join(calendar, how="cross").join(
        active.with_columns(active=ONE), on=[*KEY, "number"], how="left", maintain_order="left"
    )
    label = pl.format(
        "{}-{}",
        pl.col("number") // 12,
        (pl.col("number") % 12 + 1).cast(pl.String).str.zfill(2),
    )
    return rows(every, label, pl.col("active").fill_null(0), ONE)


def sizes(past: Past) -> pl.DataFrame:
    """Order size trend (订单规模趋势): mean agreement of the last half window against the first.

    A mean of n numbers against one of m is the sum of the first times m against that of the second
    times n: both sides stay whole numbers.
    """
    middle = past.as_of - timedelta(days=past.window_days // 2)
    agreements = (
        past.trades.filter(pl.col("amount_minor").is_not_null())
        .group_by(*KEY, "agreement", maintain_order=True)
        .agg(pl.col("amount_minor").sum(), opened_on=pl.col("opened_on").min())
        .with_columns(is_recent=pl.col("opened_on") > middle)
        .with_columns(
            recent=pl.col("is_recent").sum().over(KEY).cast(pl.Int128),
            older=(~pl.col("is_recent")).sum().over(KEY).cast(pl.Int128),
        )
        .filter((pl.col("recent") > 0) & (pl.col("older") > 0))
    )
    return rows(
        agreements,
        "agreement",
        pl.when("is_recent").then(pl.col("amount_minor") * pl.col("older")).otherwise(0),
        pl.when("is_recent").then(0).otherwise(pl.col("amount_minor") * pl.col("recent")),
    )


def counterparties(past: Past) -> pl.DataFrame:
    """Concentration (集中度): share of the largest counterparty in the turnover."""
    each = (
        past.trades.filter(
            pl.col("counterparty").is_not_null() & pl.col("amount_minor").is_not_null()
        )
        .group_by(*KEY, "counterparty")
        .agg(pl.col("amount_minor").sum())
        .sort(*KEY, "amount_minor", "counterparty", descending=[False, False, True, False])
    )
    is_largest = pl.int_range(pl.len()).over(KEY) == 0
    amount = pl.col("amount_minor")
    return rows(each, "counterparty", pl.when(is_largest).then(amount).otherwise(0), amount)


def ages(past: Past) -> pl.DataFrame:
    """Experience (合作时长): days since the first trade."""
    first = past.all_trades.sort("opened_on", "trade").unique(
        KEY, keep="first", maintain_order=True
    )
    days = (pl.lit(past.as_of) - pl.col("opened_on")).dt.total_days()
    return rows(first, "trade", days, ONE)
