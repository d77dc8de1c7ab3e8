"""Hauls (运单): a year of loads; a truck carries one at a time, but for the planted ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight.model import END, Case, Firm, Haul, Planted
from tallyport.worlds.reality.period import FIRST_DAY
from tallyport.worlds.reality.places import CHINA

_GOODS = ("玉米", "棉花", "水泥", "焦炭", "钢材", "番茄酱", "化肥", "面粉", "苹果", "矿石")
_CITIES = ("乌鲁木齐", "喀什", "伊宁", "库尔勒", "兰州", "西宁", "银川", "西安", "哈密", "阿克苏")
_KM = (350, 3_200)
_FEN_PER_KM = (450, 820)
_MARGIN_PERCENT = (4, 9)
_LOSSES = (("货损", 45), ("货差", 35), ("延误", 20))
_LOSS_PER_MILLE = 40
_TURN_HOURS = (6, 48)  # Between two loads of one truck.


def hauls(
    dice: Dice, shippers: list[Firm], carriers: list[Firm], count: int
) -> tuple[list[Haul], list[Planted]]:
    """Return hauls in order of loading, and the trucks that were in two places."""
    trucks = [(carrier, plate) for carrier in carriers for plate in carrier.plates]
    free = dict.fromkeys(trucks, datetime.combine(FIRST_DAY, time(5), CHINA))
    end = datetime.combine(END, time(23, 59), CHINA)
    starts = sorted(
        datetime.combine(FIRST_DAY + dice.days(0, 365), time(dice.between(5, 20)), CHINA)
        for _ in range(count)
    )
    drafts: list[Haul] = []
    for start in starts:
        ready = [truck for truck in dice.some(trucks, 12) if free[truck] <= start]
        if not ready or start > end:
            continue
        haul = _haul(dice, dice.pick(shippers), ready[0], start)
        free[ready[0]] = (haul.signed or end) + timedelta(hours=dice.between(*_TURN_HOURS))
        drafts.append(haul)
    twins = _twins(dice, [h for h in drafts if h.signed and h.signed < end], shippers)
    drafts += [twin for _, twin in twins]
    drafts.sort(key=lambda haul: (haul.loaded, haul.no))
    numbers: dict[str, str] = {}
    found = []
    for running, haul in enumerate(drafts, start=1):
        signed = haul.signed if haul.signed and haul.signed <= end else None
        numbers[haul.no] = f"YD{haul.loaded:%y%m%d}{running:06d}"
        found.append(replace(haul, no=numbers[haul.no], signed=signed))
    planted = [
        Planted(case=Case.TWO_PLACES, key=tuple(sorted((numbers[one.no], numbers[twin.no]))))
        for one, twin in twins
    ]
    return found, planted


def _haul(dice: Dice, shipper: Firm, truck: tuple[Firm, str], start: datetime) -> Haul:
    """Return a haul; its number only tells it from the others as yet."""
    carrier, plate = truck
    km = dice.between(*_KM)
    carried = km * dice.between(*_FEN_PER_KM) // 1_000 * 1_000
    paid = carried + carried * dice.between(*_MARGIN_PERCENT) // 100
    is_lossy = dice.happens(_LOSS_PER_MILLE)
    origin, destination = dice.some(_CITIES, 2)
    return Haul(
        no=f"{start.isoformat()}{plate}{km}",
        shipper=shipper,
        carrier=carrier,
        plate=plate,
        goods=dice.pick(_GOODS),
        origin=origin,
        destination=destination,
        weight_kg=dice.between(12_000, 33_000),
        loaded=start,
        signed=start + timedelta(hours=km // 55 + dice.between(2, 20)),
        shipper_minor=paid,
        carrier_minor=carried,
        advance_minor=carried * dice.pick((0, 0, 20, 30)) // 100 // 100 * 100,
        fuel_minor=carried * dice.pick((0, 25, 30, 35)) // 100 // 100 * 100,
        loss_minor=carried * dice.between(1, 6) // 100 // 100 * 100 if is_lossy else 0,
        loss_reason=dice.weigh(_LOSSES) if is_lossy else "",
    )


def _twins(dice: Dice, drafts: list[Haul], shippers: list[Firm]) -> list[tuple[Haul, Haul]]:
    """Let some trucks carry a second load elsewhere at the same time: one of the two is false."""
    chosen = dice.some(drafts, max(2, len(drafts) // 200))
    twins = []
    for haul in chosen:
        start = haul.loaded + timedelta(hours=dice.between(1, 4))
        twin = _haul(dice, dice.pick(shippers), (haul.carrier, haul.plate), start)
        origin, destination = dice.some([c for c in _CITIES if c != haul.origin], 2)
        signed = start + timedelta(hours=dice.between(3, 5))  # Before the truck's next load.
        twins.append((haul, replace(twin, origin=origin, destination=destination, signed=signed)))
    return twins
