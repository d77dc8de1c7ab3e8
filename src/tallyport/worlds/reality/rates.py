"""Exchange rates (汇率) of every day of the year: ten-thousandths of a unit per US dollar.

A walk of small daily steps that is pulled back to where it began, in whole numbers only, so that
it is the same on every machine: 2024-01-01 has 7.1600 CNY, 91.5000 RUB, 456.0000 KZT, 12640.0000
UZS per dollar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tallyport.kernel import ratio
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY

SCALE = 10_000
E10 = 10**10  # Rates on a bank statement have ten decimals.
E6 = 10**6  # Rates on an invoice have six.
USD = "USD"

_START = {"CNY": 71_600, "RUB": 915_000, "KZT": 4_560_000, "UZS": 126_400_000}
_STEP_BP = {"CNY": 12, "RUB": 60, "KZT": 45, "UZS": 15}  # Largest step of a day.
_PULL = 50  # A fiftieth of the way back to the start every day.


@dataclass(frozen=True, slots=True)
class Rates:
    """Ten-thousandths of each currency per US dollar, by day."""

    by_day: Mapping[date, Mapping[str, int]]

    def per_usd(self, currency: str, day: date) -> int:
        """Return ten-thousandths of `currency` per dollar on `day`."""
        return SCALE if currency == USD else self.by_day[day][currency]

    def cross(self, source: str, target: str, day: date, scale: int) -> int:
        """Return units of `target` per unit of `source` on `day`, times `scale`, rounded."""
        return ratio.half_up(self.per_usd(target, day) * scale, self.per_usd(source, day))

    def convert(self, minor: int, source: str, target: str, day: date) -> int:
        """Return what `minor` units of `source` are worth in `target` on `day`, rounded."""
        return ratio.half_up(minor * self.per_usd(target, day), self.per_usd(source, day))


def walk(dice: Dice) -> Rates:
    """Let the rates walk through the year."""
    now = dict(_START)
    by_day = {}
    day = FIRST_DAY
    while day <= AS_OF:
        by_day[day] = dict(now)
        for currency, start in _START.items():
            step = now[currency] * dice.between(-_STEP_BP[currency], _STEP_BP[currency])
            now[currency] += ratio.half_up(step, ratio.BP_WHOLE) + (start - now[currency]) // _PULL
        day += timedelta(days=1)
    return Rates(by_day)
