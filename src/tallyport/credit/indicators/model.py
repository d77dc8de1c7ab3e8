"""What an indicator is (指标定义): a ratio of two sums over records, with unit and direction.

    payment punctuality of B010022     part of the money that came in time   9,120,000
                                       whole of the money that fell due     10,000,000   ─▶   91.2%

So every value can be taken apart into the records that it is made of, each with its share; nothing
is rounded before the end, and then halves go up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

import polars as pl

from tallyport.credit.history import History

KEY = ["subject", "role"]


@unique
class Unit(StrEnum):
    """What a value counts; the number is whole, its last digit is the unit."""

    SHARE_BP = "share_bp"  # 9120 is 91.20%.
    DAYS_TENTHS = "days_tenths"  # 83 is 8.3 days.
    DAYS = "days"
    POINTS = "points"  # Severity points for 100 trades.


@unique
class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The history that indicators look at: what happened in the window before the as-of day.

    `all_trades` reaches back to the beginning. `severity` has role, type and points of findings.
    """

    as_of: date
    window_days: int
    trades: pl.DataFrame
    dues: pl.DataFrame
    remarks: pl.DataFrame
    all_trades: pl.DataFrame
    severity: pl.DataFrame


Rows = Callable[[Past], pl.DataFrame]  # subject, role, record, part, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A named function of the past. Value = sum of parts x scale / sum of wholes."""

    name: str
    zh: str
    en: str
    unit: Unit
    direction: Direction
    scale: int
    rows: Rows


def past(history: History, *, window_days: int, severity: pl.DataFrame) -> Past:
    """Return the part of `history` that counts: trades opened and money due in the window."""
    first = history.as_of - timedelta(days=window_days)

    def recent(day: str) -> pl.Expr:
        return (pl.col(day) > first) & (pl.col(day) <= history.as_of)

    return Past(
        as_of=history.as_of,
        window_days=window_days,
        trades=history.trades.filter(recent("opened_on")),
        dues=history.dues.filter(recent("due_on") & pl.col("amount_minor").is_not_null()),
        remarks=history.remarks,
        all_trades=history.trades.filter(pl.col("opened_on") <= history.as_of),
        severity=severity,
    )


def rows(frame: pl.DataFrame, record: str | pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.DataFrame:
    """Return `frame` as rows of an indicator; sums of 128 bits hold any money."""
    named = pl.col(record) if isinstance(record, str) else record
    return frame.select(*KEY, record=named, part=part.cast(pl.Int128), whole=whole.cast(pl.Int128))
