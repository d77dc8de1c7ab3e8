"""Terms of payment make exactly the price due, and not before its event.

Goal: nobody is called late who owed nothing yet. Method: a property over whole trades, then the
worked case of a shipment whose last vehicle is still on the road.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tallyport.worlds.reality import instalments
from tallyport.worlds.reality.model import Instalment, Item, Stay, Terms
from tallyport.worlds.reality.simulate import simulate


@given(seed=st.integers(), vehicles=st.integers(20, 120))
@settings(max_examples=15)
def test_nothing_is_owed_twice(seed: int, vehicles: int) -> None:
    """What is owed for a vehicle never exceeds its price, and makes it up once all has happened."""
    world = simulate(seed, vehicles)
    owed: dict[tuple[str, int], int] = defaultdict(int)
    for instalment in world.instalments:
        for line, amount in instalment.owed:
            assert amount > 0
            owed[line.contract_no, line.number] += amount
    shipped = {
        (line.contract_no, line.number) for shipment in world.shipments for line in shipment.lines
    }
    for deal in world.deals:
        for line in deal.lines:
            key = (deal.number, line.number)
            assert owed[key] <= line.price_minor
            if key in shipped or deal.terms is Terms.TRANSFER:
                assert owed[key] == line.price_minor


def test_a_balance_waits_for_the_last_vehicle() -> None:
    """Ten days after the last of twelve arrived; while one is missing, nothing is due."""
    world = simulate(1, 60)
    (deal,) = [deal for deal in world.deals if deal.number == "XJYO-2024040401"]
    stays = [stay for stay in world.stays if stay.line.contract_no == deal.number]

    def balance_of(arrived: list[Stay]) -> Instalment:
        owed = instalments.schedule([deal], world.shipments, arrived)
        (balance,) = [each for each in owed if each.item is Item.BALANCE]
        return balance

    last = max(stay.arrived for stay in stays)
    assert balance_of([*stays]).due == last + timedelta(days=10)
    assert balance_of([*stays[1:]]).due is None
    late = replace(stays[0], arrived=last + timedelta(days=3))
    assert balance_of([late, *stays[1:]]).due == last + timedelta(days=13)


def test_a_deposit_is_thirty_percent_to_the_cent() -> None:
    """Prices are rounded so that 30% is whole in every currency."""
    world = simulate(2, 200)

    for deal in world.deals:
        for line in deal.lines:
            assert instalments.deposit_minor(line.price_minor) * 10 == line.price_minor * 3
