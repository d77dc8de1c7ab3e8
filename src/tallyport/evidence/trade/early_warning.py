"""Early warning (预警): customers who begin to pay worse than they did.

A customer is compared with itself: the invoices that fell due in the last quarter against all
before. Each period needs `DUE_MIN` invoices, so that one bad invoice warns of nothing.

    long_overdue    an open invoice is more than 60 days past its due day
    later           share of invoices paid late up by 25 points or more
    slower          a week or more longer overdue on average
    disputes        share of disputed invoices up by 25 points or more
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

DUE_MIN = 3
OVERDUE_DAYS_MAX = 60  # Beyond it the source's default begins.
SHARE_STEP_BP = 2_500
DAYS_STEP_TENTHS = 70

TEXTS: Mapping[str, tuple[str, str]] = {
    "long_overdue": ("逾期超过60天", "an invoice is open more than 60 days past its due day"),
    "later": ("近90天逾期比例明显上升", "pays late more often in the last 90 days than before"),
    "slower": ("近90天平均逾期天数增加", "pays a week or more slower in the last 90 days"),
    "disputes": ("近90天争议比例上升", "disputes more invoices in the last 90 days than before"),
}


def early(customers: pl.DataFrame) -> pl.DataFrame:
    """Return `customer_no`, `currency`, `warning`, `before`, `now`, `open_minor`, worst first.

    `before` and `now` are the figures compared: days, basis points or tenths of a day.
    """
    compared = (pl.col("recent_due") >= DUE_MIN) & (pl.col("earlier_due") >= DUE_MIN)
    rules = {
        "long_overdue": (
            pl.col("overdue_days") > OVERDUE_DAYS_MAX,
            pl.lit(OVERDUE_DAYS_MAX),
            pl.col("overdue_days"),
        ),
        "later": _grown("late_bp", SHARE_STEP_BP, compared),
        "slower": _grown("days_late_tenths", DAYS_STEP_TENTHS, compared),
        "disputes": _grown("due_disputed_bp", SHARE_STEP_BP, compared),
    }
    found = [
        customers.filter(condition.fill_null(value=False)).select(
            "customer_no",
            "currency",
            warning=pl.lit(name),
            before=before.cast(pl.Int64),
            now=now.cast(pl.Int64),
            open_minor="open_minor",
        )
        for name, (condition, before, now) in rules.items()
    ]
    order = {name: at for at, name in enumerate(rules)}
    return (
        pl.concat(found)
        .with_columns(
            rank=pl.col("warning").replace_strict(order, return_dtype=pl.Int64),
            step=pl.col("now") - pl.col("before"),
        )
        .sort("rank", "step", "customer_no", descending=[False, True, False])
        .drop("rank", "step")
    )


def _grown(name: str, step: int, compared: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    before, now = pl.col(f"earlier_{name}"), pl.col(f"recent_{name}")
    return compared & (now - before >= step), before, now
