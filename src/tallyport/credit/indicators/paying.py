"""How a firm pays (付款行为): in time, how late, at all, and with how much quarrel.

Money counts once it is due. What is not paid by the as-of day is late until then.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from tallyport.credit.indicators.model import Past, rows

GRACE_DAYS = 3  # A weekend, and a day on the way between banks.
LATE_DAYS_MAX = 180  # Beyond half a year it is a default, whatever the length.
DEFAULT_DAYS = 60


def _late_days(past: Past) -> pl.Expr:
    paid = pl.coalesce("paid_on", pl.lit(past.as_of))
    return (paid - pl.col("due_on")).dt.total_days().clip(lower_bound=0)


def money_in_time(past: Past) -> pl.DataFrame:
    """Payment punctuality (付款及时性): share of the money due that came within three days."""
    is_prompt = pl.col("paid_on").is_not_null() & (_late_days(past) <= GRACE_DAYS)
    amount = pl.col("amount_minor")
    return rows(_due(past), "due", pl.when(is_prompt).then(amount).otherwise(0), amount)


def bills_in_time(past: Past) -> pl.DataFrame:
    """Prompt bills (按期笔数占比): share of the parts due, by number, that came by the due day."""
    is_prompt = pl.col("paid_on").is_not_null() & (_late_days(past) == 0)
    return rows(_due(past), "due", is_prompt, pl.lit(1))


def days_late(past: Past) -> pl.DataFrame:
    """Days late (平均逾期天数): weighted by money, at most 180 each."""
    amount = pl.col("amount_minor")
    late = _late_days(past).clip(upper_bound=LATE_DAYS_MAX)
    return rows(_due(past), "due", amount.cast(pl.Int128) * late, amount)


def defaulted(past: Past) -> pl.DataFrame:
    """Default history (违约占比): share of the money due that was open more than 60 days after."""
    ripe = _due(past).filter(pl.col("due_on") < past.as_of - timedelta(days=DEFAULT_DAYS))
    amount = pl.col("amount_minor")
    is_default = _late_days(past) > DEFAULT_DAYS
    return rows(ripe, "due", pl.when(is_default).then(amount).otherwise(0), amount)


def disputes(past: Past) -> pl.DataFrame:
    """Disputes and refunds (争议退款占比): share of the trades disputed, refunded or cancelled."""
    known = past.trades.filter(pl.col("disputed").is_not_null())
    return rows(known, "trade", pl.col("disputed"), pl.lit(1))


def _due(past: Past) -> pl.DataFrame:
    """Return what was due before the as-of day; on the day itself there is time until midnight."""
    return past.dues.filter((pl.col("due_on") < past.as_of) & (pl.col("amount_minor") > 0))
