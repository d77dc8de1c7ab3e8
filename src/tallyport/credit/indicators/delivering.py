"""How a firm's goods arrive (交付情况): at all, how fast, and by the promised day."""

from __future__ import annotations

import polars as pl

from tallyport.credit.indicators.model import Past, rows

ONE = pl.lit(1)


def arrived(past: Past) -> pl.DataFrame:
    """Delivery success (交付成功率): share of the trades, old enough to tell, that arrived."""
    known = past.trades.filter(pl.col("delivered").is_not_null())
    return rows(known, "trade", pl.col("delivered"), ONE)


def transit(past: Past) -> pl.DataFrame:
    """Logistics time (物流时效): mean days on the way."""
    known = past.trades.filter(pl.col("transit_days").is_not_null())
    return rows(known, "trade", pl.col("transit_days"), ONE)


def punctual(past: Past) -> pl.DataFrame:
    """Delivery on time (准时交付率): share of the deliveries that came by the promised day."""
    known = past.trades.filter(pl.col("on_time").is_not_null())
    return rows(known, "trade", pl.col("on_time"), ONE)
