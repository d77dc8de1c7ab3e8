"""Declared value (申报价值): what customs were told against what was agreed.

    declared 401,340 USD   agreed 22,380 + 44,190 + ... = 386,860 USD   ─▶   10,374 bp of it

A goods line has one price for several vehicles of different prices, so only whole declarations can
be compared: those of which every vehicle is known with its agreed price. The declared total is
converted at the rate of the day of declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from tallyport.evidence.dossiers.rates import Rates
from tallyport.kernel import ratio
from tallyport.kernel.money import Money

SURE_MIN = 0.5  # Links below are as likely wrong as right.


def money(amount: Decimal | str | None, currency: str | None) -> Money | None:
    """Return a decimal amount of a record in minor units, halves away from zero."""
    if amount is None or currency is None:
        return None
    numerator, denominator = (Decimal(amount) * 100).as_integer_ratio()
    return Money(ratio.half_up(numerator, denominator), currency)


def declared_bp(
    links: pl.DataFrame, tables: Mapping[str, pl.DataFrame], rates: Rates
) -> dict[str, int]:
    """Return, by declaration, the declared total in basis points of what was agreed."""
    sure = links.filter(pl.col("probability") >= SURE_MIN)
    agreed = (
        sure.filter(pl.col("kind") == "contract_line")
        .join(tables["contract_line"].select("record", "price", "currency"), on="record")
        .sort("vin", "record")
        .unique("vin", keep="first", maintain_order=True)
        .select("vin", "price", agreed_in="currency")
    )
    heads = tables["declaration"].select(
        "declaration_no", "declared_on", "total", "vehicles", declared_in="currency"
    )
    loads = (
        sure.filter(pl.col("kind") == "declaration")
        .join(agreed, on="vin")
        .group_by(declaration_no="record")
        .agg("price", "agreed_in")
        .join(heads, on="declaration_no")
        .filter(
            (pl.col("price").list.len() == pl.col("vehicles"))
            & (pl.col("agreed_in").list.n_unique() == 1)
        )
        .with_columns(agreed_in=pl.col("agreed_in").list.first())
    )
    found = {}
    columns = ("declaration_no", "declared_on", "total", "declared_in", "price", "agreed_in")
    for number, day, total, declared_in, prices, agreed_in in loads.select(columns).iter_rows():
        value = _ratio_bp(day, money(total, declared_in), _sum(prices, agreed_in), rates)
        if value is not None:
            found[number] = value
    return found


def _sum(prices: list[Decimal | None], currency: str | None) -> Money | None:
    if None in prices or currency is None:
        return None
    return money(sum((price for price in prices if price is not None), Decimal(0)), currency)


def _ratio_bp(
    day: date | None, declared: Money | None, agreed: Money | None, rates: Rates
) -> int | None:
    if day is None or declared is None or agreed is None or agreed.minor <= 0:
        return None
    comparable = rates.convert(declared, agreed.currency, day)
    return None if comparable is None else ratio.half_up(comparable.minor * 10_000, agreed.minor)
