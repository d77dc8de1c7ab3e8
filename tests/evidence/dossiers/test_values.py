"""Declared values: whole declarations against what was agreed, in one currency.

Goal: a difference is found when it is there and never made up. Method: the small trade, changed in
one cell at a time.
"""

from __future__ import annotations

import polars as pl
import pytest

from support import small_trade
from tallyport.evidence.dossiers.links import linked
from tallyport.evidence.dossiers.rates import rates
from tallyport.evidence.dossiers.values import declared_bp, money
from tallyport.kernel.money import Money


def found(tables: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Return the declared totals in basis points of what was agreed."""
    known = linked(tables, small_trade.matching(), small_trade.AS_OF)
    return declared_bp(known.links, known.tables, rates(tables))


def changed(kind: str, **cells: pl.Expr) -> dict[str, pl.DataFrame]:
    """Return the small trade with other cells in one table."""
    tables = small_trade.tables()
    return {**tables, kind: tables[kind].with_columns(**cells)}


def test_equal_values_are_the_whole_and_false_ones_less() -> None:
    """34,380.50 of 22,380.00 + 12,000.50; 6,000 of 10,000."""
    assert found(small_trade.tables()) == {"D1": 10_000, "D2": 6_000}


def test_a_declaration_with_an_unknown_vehicle_is_not_compared() -> None:
    """Three declared, two linked: the third may be worth anything."""
    assert found(changed("declaration", vehicles=pl.lit(3, pl.Int64))) == {}


def test_another_currency_is_converted_at_the_rate_of_the_day() -> None:
    """The rate of 12 April, 7.25, is the last one before 18 April."""
    tables = changed(
        "declaration",
        currency=pl.lit("CNY"),
        total=(pl.col("total") * 7).cast(pl.Decimal(38, 10)),
    )
    assert found(tables) == {"D1": 9_655, "D2": 5_793}


@pytest.mark.parametrize(
    "tables",
    [
        changed("fx_rate", cny=pl.lit(None, pl.Decimal(38, 10)))
        | {"declaration": changed("declaration", currency=pl.lit("CNY"))["declaration"]},
        changed("declaration", total=pl.lit(None, pl.Decimal(38, 10))),
        changed("declaration", currency=pl.lit(None, pl.String)),
        changed("declaration", declared_on=pl.lit(None, pl.Date)),
        changed("contract_line", price=pl.lit(None, pl.Decimal(38, 10))),
        changed("contract_line", currency=pl.lit(None, pl.String)),
    ],
)
def test_without_a_cell_nothing_is_said(tables: dict[str, pl.DataFrame]) -> None:
    """No rate, no total, no currency, no day, no price."""
    assert found(tables) == {}


def test_money_rounds_halves_away_from_zero() -> None:
    """And needs both amount and currency."""
    assert money("12.125", "CNY") == Money(1_213, "CNY")
    assert money("-12.125", "CNY") == Money(-1_213, "CNY")
    assert money(None, "CNY") is None
    assert money("1", None) is None
