"""Findings on vehicles: each kind once as it is, and once as it nearly is.

Goal: what is wrong is found, what only looks wrong is not. Method: one paper of a clean trade is
spoiled; mileage series as tables.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tallyport.evidence.linkage.findings.vehicles import turned_back

Rows = dict[str, list[dict[str, Any]]]
Said = Callable[[Rows, str], list[list[str]]]

BOUGHT = date(2024, 6, 1)


def series(*readings: tuple[str, int]) -> list[tuple[date, int, str]]:
    """Return readings as (day, km, record)."""
    return [(date.fromisoformat(day), km, f"WX{at}") for at, (day, km) in enumerate(readings)]


@pytest.mark.parametrize(
    ("before", "shown", "after"),
    [
        (
            series(("2023-08-30", 38_318), ("2023-11-18", 46_125), ("2024-01-11", 51_391)),
            29_017,
            [29_018],
        ),
        (series(("2021-02-07", 33_889), ("2023-09-02", 90_313)), 56_353, []),
        (series(("2022-01-04", 9_980), ("2023-12-17", 51_331)), 28_153, []),
    ],
)
def test_mileage_that_was_turned_back(
    before: list[tuple[date, int, str]], shown: int, after: list[int]
) -> None:
    """Several sound readings above what the odometer shows."""
    assert turned_back(before, shown, BOUGHT, after)


@pytest.mark.parametrize(
    ("before", "shown", "after"),
    [
        # A digit too many at work: before, between and as the only reading.
        (series(("2023-10-19", 1_783), ("2024-01-19", 86_080), ("2024-02-11", 10_358)), 12_580, []),
        (series(("2024-03-14", 2_277), ("2024-03-18", 24_770)), 2_918, [2_919]),
        (series(("2023-08-17", 38_060)), 13_027, [13_028]),
        # A digit too few in the stock record: later readings go on from the old ones.
        (series(("2022-12-23", 16_544), ("2023-04-30", 24_126)), 5_555, [55_552]),
        # The same without a later reading: ten times as much is where the pace leads.
        (series(("2023-07-19", 3_749), ("2024-02-22", 11_253), ("2024-03-03", 11_587)), 1_413, []),
        # Nothing above what is shown.
        (series(("2023-07-19", 20_000)), 30_000, []),
        # A few kilometres are a matter of reading.
        (series(("2024-05-30", 30_100)), 30_000, []),
    ],
)
def test_mileage_that_was_only_mistyped(
    before: list[tuple[date, int, str]], shown: int, after: list[int]
) -> None:
    """A slip explains it, so nobody is accused."""
    assert not turned_back(before, shown, BOUGHT, after)


def test_a_vehicle_with_one_reading_has_a_pace() -> None:
    """It was new in 2019: 25,003 km in three years go on to 28,840, typed as 2,884."""
    readings = series(("2022-06-01", 25_003))
    new_on = date(2019, 6, 1)
    assert not turned_back(readings, 2_884, BOUGHT, [], new_on=new_on)
    assert turned_back(readings, 12_500, BOUGHT, [], new_on=new_on)


def test_odometer_rollback_names_the_vehicle_and_the_proof(trade: Rows, said: Said) -> None:
    """The work orders above the shown mileage come with it."""
    vin = trade["vehicle"][0]["vin"]
    trade["vehicle"][0]["odometer_km"] = 12_003
    for receipt in trade["receipt"][:1]:
        receipt["odometer_km"] = 12_009
    trade["service"][0]["odometer_km"] = 41_237
    assert said(trade, "odometer_rollback") == [[vin, trade["service"][0]["order_no"]]]


def test_double_sale(trade: Rows, said: Said) -> None:
    """One vehicle on the lines of two agreements."""
    first, second = trade["contract_line"][0], trade["contract_line"][3]
    second["vin"] = first["vin"]
    found = said(trade, "double_sale")
    assert found == [[first["vin"], first["contract_no"], second["contract_no"]]]


def test_twin_vehicles_are_no_double_sale(trade: Rows, said: Said) -> None:
    """Two vehicles one character apart, both in stock, are two."""
    twin = trade["vehicle"][0]["vin"][:-1] + "7"
    trade["vehicle"][3]["vin"] = trade["contract_line"][3]["vin"] = twin
    assert said(trade, "double_sale") == []


def test_never_arrived(trade: Rows, said: Said) -> None:
    """It left in spring, and no warehouse has seen it by the end of the year."""
    lost = trade["receipt"].pop(0)
    assert said(trade, "never_arrived") == [
        [lost["vin"], "W0", trade["contract"][0]["contract_no"]]
    ]


def test_a_release_shows_that_it_came(trade: Rows, said: Said) -> None:
    """The receipt is lost, the vehicle is not."""
    lost = trade["receipt"].pop(0)
    trade["release"].append(
        {
            "release_no": "R1",
            "released_on": date(2024, 6, 1),
            "warehouse": "TAS-1",
            "vin": lost["vin"],
        }
    )
    assert said(trade, "never_arrived") == []


def test_on_the_way_for_a_month_is_not_lost(trade: Rows, said: Said) -> None:
    """Sixty days have not passed."""
    trade["receipt"] = [one for one in trade["receipt"] if one["waybill_ref"] != "W5"]
    trade["waybill"][5]["departed_at"] = datetime(2024, 12, 1, tzinfo=UTC)
    trade["declaration"][5]["released_on"] = date(2024, 11, 30)
    assert said(trade, "never_arrived") == []
