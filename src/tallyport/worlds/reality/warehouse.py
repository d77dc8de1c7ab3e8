"""Overseas warehouses (海外仓): who arrived, who was handed over, who stands in the yard.

Most arrivals get one act of acceptance. A few get none, though the vehicle is there; a few get two
(重复入库). Some vehicles never come, though their truck did (未到货).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Finding, Line, Receipt, Stay, Terms, Waybill
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.places import DESTINATIONS, Destination

MISSING_AFTER_DAYS = 60  # Whatever left longer ago and was not seen counts as missing.
_CONDITIONS = (("норма", 88), ("царапины", 10), ("повреждение", 2))
_NO_ACT_PER_MILLE = 25
_STAYS = (((2, 45), 82), ((60, 160), 18))  # Days until the buyer fetches a vehicle.
_SECOND_ACT_DAYS = 3


def receive(dice: Dice, waybills: list[Waybill], vehicles: int) -> tuple[list[Stay], list[Finding]]:
    """Let the vehicles of the waybills that arrived be received, kept and handed over."""
    missing, findings = _missing(dice, waybills, vehicles)
    stays = []
    for waybill in waybills:
        for line in waybill.lines:
            arrived = _arrival(dice, waybill)
            if arrived is not None and line.vehicle.vin not in missing:
                stays.append(_stay(dice, waybill, line, arrived))
    stays = _second_acts(dice, stays, vehicles)
    stays = _number_releases(_number_acts(stays))
    findings += [
        Finding(
            type=Sort.DUPLICATE_RECEIPT,
            key=(stay.act.number, stay.second_act.number),
            others=(stay.line.vehicle.vin,),
        )
        for stay in stays
        if stay.act is not None and stay.second_act is not None
    ]
    return stays, findings


def _missing(dice: Dice, waybills: list[Waybill], vehicles: int) -> tuple[set[str], list[Finding]]:
    """Choose the vehicles that never come, among those that left long ago.

    None of a 30/70 deal: whether its balance ever falls due would be a matter for lawyers.
    """
    long_ago = AS_OF - timedelta(days=MISSING_AFTER_DAYS)
    candidates = [
        (waybill, line)
        for waybill in waybills
        if waybill.departed.date() < long_ago
        and not any(is_spared(deal) or deal.terms is Terms.DEPOSIT for deal in _deals(waybill))
        for line in waybill.lines
    ]
    count = mischief.cases(Sort.NEVER_ARRIVED, vehicles, dice)
    chosen = dice.some(candidates, count)
    findings = [
        Finding(
            type=Sort.NEVER_ARRIVED,
            key=(line.vehicle.vin,),
            others=(waybill.number, line.contract_no),
        )
        for waybill, line in chosen
    ]
    return {line.vehicle.vin for _, line in chosen}, findings


def _deals(waybill: Waybill) -> tuple[Deal, ...]:
    return waybill.declaration.deals


def _arrival(dice: Dice, waybill: Waybill) -> date | None:
    """Return the day one vehicle of `waybill` is received, or None before the as-of day ends."""
    if waybill.arrived is None:
        return None
    day = waybill.arrived.date() + dice.days(0, 1)
    return day if day <= AS_OF else None


def _stay(dice: Dice, waybill: Waybill, line: Line, arrived: date) -> Stay:
    """Receive one vehicle and, in time, hand it over to the buyer."""
    deal = next(d for d in _deals(waybill) if d.number == line.contract_no)
    left = arrived + dice.days(*dice.weigh(_STAYS))
    has_act = is_spared(deal) or not dice.happens(_NO_ACT_PER_MILLE)
    place = _place(dice)
    return Stay(
        waybill=waybill,
        line=line,
        arrived=arrived,
        place=place,
        act=_act(dice, line, arrived, deal.destination, place) if has_act else None,
        second_act=None,
        left=left if left <= AS_OF else None,
        release_no="",
        recipient=deal.buyer,
    )


def _act(dice: Dice, line: Line, day: date, site: Destination, place: str) -> Receipt:
    """Write an act of acceptance, without its number as yet."""
    return Receipt(
        number="",
        day=day,
        site=site,
        place=place,
        odometer_km=line.vehicle.odometer_km + dice.between(20, 95),
        condition=dice.weigh(_CONDITIONS),
    )


def _place(dice: Dice) -> str:
    return f"{dice.pick('ABCDEFGH')}-{dice.between(1, 400):03d}"


def _second_acts(dice: Dice, stays: list[Stay], vehicles: int) -> list[Stay]:
    """Receive some vehicles twice, at the same warehouse or at another."""
    candidates = [
        at
        for at, stay in enumerate(stays)
        if stay.act is not None
        and (stay.left or AS_OF) > stay.arrived + timedelta(days=_SECOND_ACT_DAYS)
        and not any(is_spared(deal) for deal in _deals(stay.waybill))
    ]
    count = mischief.cases(Sort.DUPLICATE_RECEIPT, vehicles, dice)
    result = list(stays)
    for at in dice.some(candidates, count):
        stay = stays[at]
        days = ((stay.left or AS_OF) - stay.arrived).days
        day = stay.arrived + dice.days(_SECOND_ACT_DAYS, min(days, 12))
        site = stay.act.site if stay.act and dice.happens(650) else dice.pick(DESTINATIONS)
        second = _act(dice, stay.line, day, site, _place(dice))
        result[at] = replace(stay, second_act=second)
    return result


def _number_acts(stays: list[Stay]) -> list[Stay]:
    """Number the acts of every warehouse by day."""
    running: Counter[str] = Counter()
    numbers: dict[tuple[str, bool], str] = {}
    for receipt, vin, is_second in sorted(
        _acts(stays), key=lambda found: (found[0].day, found[1], found[2])
    ):
        running[receipt.site.act_prefix] += 1
        number = f"{receipt.site.act_prefix}-24{running[receipt.site.act_prefix]:07d}"
        numbers[vin, is_second] = number
    return [
        replace(
            stay,
            act=_numbered(stay.act, numbers.get((stay.line.vehicle.vin, False))),
            second_act=_numbered(stay.second_act, numbers.get((stay.line.vehicle.vin, True))),
        )
        for stay in stays
    ]


def _acts(stays: list[Stay]) -> Iterable[tuple[Receipt, str, bool]]:
    for stay in stays:
        if stay.act is not None:
            yield stay.act, stay.line.vehicle.vin, False
        if stay.second_act is not None:
            yield stay.second_act, stay.line.vehicle.vin, True


def _numbered(receipt: Receipt | None, number: str | None) -> Receipt | None:
    return None if receipt is None or number is None else replace(receipt, number=number)


def _number_releases(stays: list[Stay]) -> list[Stay]:
    """Number the releases by day, over all warehouses."""
    left = [stay for stay in stays if stay.left is not None]
    left.sort(key=lambda stay: (stay.left or AS_OF, stay.line.vehicle.vin))
    numbers = {
        stay.line.vehicle.vin: f"ОТП-24{number:08d}" for number, stay in enumerate(left, start=1)
    }
    return [replace(stay, release_no=numbers.get(stay.line.vehicle.vin, "")) for stay in stays]
