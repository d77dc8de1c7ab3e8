"""Buying used cars (收车): every vehicle with a VIN, a history and a price of its own.

Dealers buy in small batches of one model. A car loses a tenth of its value in the first year and
about an eighth of the rest in every later one; the seller's cost is 80 to 91% of what a buyer
abroad will pay.
"""

from __future__ import annotations

from datetime import date

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import vin
from tallyport.worlds.reality.catalogue import MODELS, Model, model_of
from tallyport.worlds.reality.model import Vehicle

SERIAL_MAX = 999_999  # A VIN ends in six digits.
VALUE_USD_MIN = 1_500
_LAST_YEAR = 2024
_YEARS_BACK = ((0, 22), (1, 24), (2, 20), (3, 14), (4, 9), (5, 6), (6, 5))
_YEAR_FROM_CODE = {vin.year_code(year): year for year in range(2001, 2025)}
_YEAR_AT = 9
_PLATE_LETTERS = "ABCDEFGH"
_PLATE_SIGNS = "0123456789"
_FEN_PER_USD = 716
_BATCH = ((1, 55), (2, 22), (3, 13), (5, 10))


class Fleet:
    """Buys vehicles; no VIN is ever given twice."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._taken: set[str] = set()

    def buy(self, count: int, *, before: date) -> list[Vehicle]:
        """Buy `count` vehicles in the two months before a day, in batches of one model."""
        vehicles: list[Vehicle] = []
        while len(vehicles) < count:
            model = self._dice.pick(MODELS)
            size = min(self._dice.weigh(_BATCH), count - len(vehicles))
            vehicles += [self._vehicle(self._new_vin(model), before) for _ in range(size)]
        return vehicles

    def buy_named(self, number: str, *, before: date) -> Vehicle:
        """Buy the vehicle that bears the VIN `number`, sound or not."""
        self._taken.add(number)
        return self._vehicle(number, before)

    def _new_vin(self, model: Model) -> str:
        year = max(model.since, _LAST_YEAR - self._dice.weigh(_YEARS_BACK))
        while True:
            serial = self._dice.between(1_000, SERIAL_MAX)
            number = vin.compose(model.prefix, year, model.plant, serial)
            if number not in self._taken:
                self._taken.add(number)
                return number

    def _vehicle(self, number: str, before: date) -> Vehicle:
        dice = self._dice
        model, year = model_of(number), _YEAR_FROM_CODE[number[_YEAR_AT]]
        bought = before - dice.days(3, 55)
        registered = _first_registered(dice, year, bought)
        age_days = (bought - registered).days
        value = _value(dice, model, age_days)
        return Vehicle(
            vin=number,
            plate=f"新{dice.pick(_PLATE_LETTERS)}{dice.text(_PLATE_SIGNS, 5)}",
            model=model,
            year=year,
            odometer_km=200 + age_days * dice.between(12, 58) + dice.between(0, 900),
            battery_permille=(
                max(700, 1000 - age_days // 18 - dice.between(0, 25))
                if model.has_traction_battery
                else None
            ),
            first_registered=registered,
            bought=bought,
            value_usd=value,
            cost_fen=value * _FEN_PER_USD * dice.between(800, 910) // 1000,
        )


def _first_registered(dice: Dice, year: int, bought: date) -> date:
    """Return a day in the model year or shortly after it, before the vehicle was bought."""
    day = date(year, 1, 1) + dice.days(20, 400)
    return min(day, bought - dice.days(25, 90))


def _value(dice: Dice, model: Model, age_days: int) -> int:
    """Return what a buyer abroad pays in dollars, rounded to tens."""
    value = model.price_usd * (1000 - min(age_days, 365) * 100 // 365) // 1000
    for _ in range(age_days // 365):
        value = value * 875 // 1000
    value = value * dice.between(940, 1060) // 1000
    return max(VALUE_USD_MIN, value // 10 * 10)
