"""Merchants (商户): what the checked orders say about each seller.

lines      one row an order and seller: the seller's goods and freight, and how the order fared
sellers    one row a seller: orders of each status, turnover, share late, days to the customer
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.trade.amounts import minor, place, share_bp
from tallyport.evidence.trade.reasons import Reason, Status


def lines(item: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Return each seller's part of each order in `orders`."""
    parts = (
        item.filter(pl.col("seller_no").is_not_null())
        .group_by("seller_no", "order_no")
        .agg(
            amount_minor=(
                minor(pl.col("price")).sum() + minor(pl.col("freight").fill_null(0)).sum()
            ),
            ship_by=pl.col("ship_by").max(),
            line_place=place().first(),
        )
    )
    joined = parts.join(orders, on="order_no")
    return joined.select(
        "seller_no",
        "order_no",
        "customer_no",
        "amount_minor",
        "status",
        "reasons",
        "payments",
        "ordered_on",
        "promised_on",
        "delivered_on",
        "transit_days",
        is_late=_says(Reason.DELIVERED_LATE) | _says(Reason.UNDELIVERED),
        is_shipped_late=pl.col("handed_to_carrier_at") > pl.col("ship_by"),
        place="line_place",
    ).sort("seller_no", "ordered_on", "order_no", nulls_last=True)


def _says(reason: Reason) -> pl.Expr:
    return pl.col("reasons").list.contains(reason.value)


def sellers(parts: pl.DataFrame) -> pl.DataFrame:
    """Return one row a seller."""
    count = pl.len().cast(pl.Int64)
    delivered = pl.col("delivered_on").is_not_null().sum().cast(pl.Int64)
    late = pl.col("is_late").sum().cast(pl.Int64)
    known = (pl.col("delivered_on").is_not_null() | pl.col("is_late")).sum().cast(pl.Int64)
    return (
        parts.group_by("seller_no", maintain_order=True)
        .agg(
            orders=count,
            turnover_minor=pl.col("amount_minor").sum(),
            **{
                status.value: (pl.col("status") == status.value).sum().cast(pl.Int64)
                for status in Status
            },
            repeated=_says(Reason.REPEATED).sum().cast(pl.Int64),
            delivered=delivered,
            late=late,
            late_bp=share_bp(late, known),
            transit_days=pl.col("transit_days").median(),
        )
        .sort("seller_no")
    )
