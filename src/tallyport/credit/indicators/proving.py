"""How well a firm's trades are proven (证据质量): documents that agree, and findings against it."""

from __future__ import annotations

import polars as pl

from tallyport.credit.indicators.model import Past, rows

ONE = pl.lit(1)


def evidence(past: Past) -> pl.DataFrame:
    """Evidence completeness (证据完整度): how far the documents prove the trades, on average."""
    known = past.trades.filter(pl.col("evidence_bp").is_not_null())
    return rows(known, "trade", pl.col("evidence_bp"), pl.lit(10_000))


def values_agree(past: Past) -> pl.DataFrame:
    """Declared against agreed value (申报与合同一致性): share of the trades where they agree."""
    known = past.trades.filter(pl.col("value_agrees").is_not_null())
    return rows(known, "trade", pl.col("value_agrees"), ONE)


def customs(past: Past) -> pl.DataFrame:
    """Customs compliance (海关合规): share of the declared trades without an objection."""
    known = past.trades.filter(pl.col("customs_clean").is_not_null())
    return rows(known, "trade", pl.col("customs_clean"), ONE)


def findings(past: Past) -> pl.DataFrame:
    """Severity of findings (风险发现): points by type and probability, for 100 trades.

    One finding of severity 9 and probability 0.95 on 30 trades: 8.55 points, 28.5 for 100.
    """
    found = past.remarks.join(past.severity, on=["role", "type"])
    weighty = found.filter(pl.col("points") > 0)
    against = rows(
        weighty,
        pl.concat_str("type", "records", separator=": "),
        pl.col("points") * pl.col("probability_bp"),
        pl.lit(0),
    )
    return pl.concat([rows(past.trades, "trade", pl.lit(0), pl.lit(100)), against])


def cells(past: Past) -> pl.DataFrame:
    """Data quality (数据质量): share of the usual cells that are filled."""
    known = past.trades.filter(pl.col("wanted") > 0)
    return rows(known, "trade", pl.col("filled"), pl.col("wanted"))
