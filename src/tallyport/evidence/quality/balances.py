"""Bank statements balance and follow each other (对账单勾稽).

202402   opening 306,869.88 + in − out = closing 694,124.85
202403   opening 694,124.85                                     the same figure again
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyport.evidence.quality.model import Check, Level, Tables, number, places, told
from tallyport.evidence.quality.totals import CENT

_KEY = ("account_no", "statement_no")


def _place() -> pl.Expr:
    return pl.format("{}:{}", "file", "line")


def _name() -> pl.Expr:
    return pl.concat_str(_KEY, separator=" ")


def _wrong_closing(tables: Tables) -> pl.DataFrame:
    sign = pl.when(pl.col("direction") == "DBIT").then(-pl.col("amount")).otherwise("amount")
    moved = (
        tables["bank_entry"]
        .group_by(_KEY)
        .agg(sign.sum().alias("moved"), places().alias("related"))
    )
    joined = tables["bank_statement"].join(moved, on=_KEY, how="left", maintain_order="left")
    closing = pl.col("opening") + pl.col("moved").fill_null(0)
    wrong = joined.filter((pl.col("closing") - closing).abs() >= CENT)
    return told(
        wrong,
        key=_name(),
        field="closing",
        expected=number(closing),
        came=number(pl.col("closing")),
        related=pl.col("related"),
    )


def _wrong_opening(tables: Tables) -> pl.DataFrame:
    """Find statements that do not open with what the one before closed with."""
    ordered = tables["bank_statement"].sort(_KEY)
    before = [
        pl.col(name).shift(1).over("account_no").alias(f"before_{name}")
        for name in ("closing", "file", "line")
    ]
    wrong = ordered.with_columns(before).filter(
        (pl.col("opening") - pl.col("before_closing")).abs() >= CENT
    )
    return told(
        wrong,
        key=_name(),
        field="opening",
        expected=number(pl.col("before_closing")),
        came=number(pl.col("opening")),
        related=pl.concat_list(pl.format("{}:{}", "before_file", "before_line")),
    )


def _other_currency(tables: Tables) -> pl.DataFrame:
    statements = tables["bank_statement"].select(
        *_KEY, pl.col("currency").alias("account_currency"), _place().alias("related")
    )
    joined = tables["bank_entry"].join(statements, on=_KEY, how="inner", maintain_order="left")
    wrong = joined.filter(pl.col("currency") != pl.col("account_currency"))
    return told(
        wrong,
        key="entry_no",
        field="currency",
        expected=pl.col("account_currency"),
        came=pl.col("currency"),
        related=pl.concat_list("related"),
    )


CHECKS: Sequence[Check] = (
    Check(
        rule="statement_does_not_balance",
        level=Level.CONTRADICTION,
        kind="bank_statement",
        zh="期初加发生额不等于期末",
        en="opening balance and entries do not give the closing balance",
        find=_wrong_closing,
    ),
    Check(
        rule="statement_does_not_follow_the_one_before",
        level=Level.CONTRADICTION,
        kind="bank_statement",
        zh="期初与上期期末不符",
        en="the statement opens with another balance than the one before closed with",
        find=_wrong_opening,
    ),
    Check(
        rule="entry_is_not_in_the_account_s_currency",
        level=Level.CONTRADICTION,
        kind="bank_entry",
        zh="流水币种与账户币种不符",
        en="the entry is in another currency than its account",
        find=_other_currency,
    ),
)
