"""Exchange rates (汇率): the units of each currency per US dollar, day by day, as exact ratios.

An amount is converted at the rate of its day, or of the last day before it that has one, for at
most `AGE_DAYS_MAX` days; halves of a minor unit go away from zero. Without a rate there is no
amount: a guess would look like a figure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from tallyport.kernel import ratio
from tallyport.kernel.money import Money

AGE_DAYS_MAX = 10  # The longest holidays.
_CURRENCIES = ("cny", "rub", "kzt", "uzs")


@dataclass(frozen=True, slots=True)
class Rates:
    """Days in order, and for each currency its known days and units per dollar."""

    series: Mapping[str, tuple[tuple[date, ...], tuple[Fraction, ...]]]

    def per_dollar(self, currency: str, day: date) -> Fraction | None:
        """Return the units of `currency` per US dollar on `day`."""
        if currency == "USD":
            return Fraction(1)
        days, values = self.series.get(currency, ((), ()))
        at = bisect_right(days, day) - 1
        if at < 0 or day - days[at] > timedelta(days=AGE_DAYS_MAX):
            return None
        return values[at]

    def convert(self, amount: Money, currency: str, day: date) -> Money | None:
        """Return `amount` in `currency` at the rate of `day`, or None without a rate."""
        if amount.currency == currency:
            return amount
        bought, sold = self.per_dollar(currency, day), self.per_dollar(amount.currency, day)
        if bought is None or sold is None:
            return None
        exact = amount.minor * bought / sold
        return Money(ratio.half_up(exact.numerator, exact.denominator), currency)


def rates(tables: Mapping[str, pl.DataFrame]) -> Rates:
    """Return the rates of the table `fx_rate`; without one only equal currencies convert."""
    table = tables.get("fx_rate")
    if table is None:
        return Rates({})
    series = {}
    for name in _CURRENCIES:
        known = table.filter(pl.col(name) > 0).sort("day").select("day", name)
        series[name.upper()] = (
            tuple(known["day"].to_list()),
            tuple(Fraction(value) for value in known[name].to_list()),
        )
    return Rates(series)
