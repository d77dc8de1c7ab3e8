"""The road (运输): trucks, containers and trains from Urumqi to the overseas warehouse.

    Urumqi ─EXPORT_HAUL─▶ border ─BORDER_CROSSING─▶ Almaty ─ONWARD_HAUL─▶ Tashkent

Every load is sealed with a smart lock of model XJ-CL2024 (source 000), which reports by satellite.
A journey takes less than a month, so that whatever left 60 days ago and was not seen is missing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import places, source_facts
from tallyport.worlds.reality.model import Declaration, Leg, Line, LockEvent, Waybill
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.places import HUB, HUB_ZONE

_END = datetime.combine(AS_OF, time(23, 59), UTC)
_CARRIERS = ("驼队国际物流", "天池多式联运", "红柳汽车运输", "准噶尔班列服务")
_OPENED_EARLY_PER_MILLE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    """A way to travel: how many vehicles fit, and how its numbers look."""

    name: str
    letter: str
    fits: int


_MODES = (
    (_Mode(name="TRUCK", letter="T", fits=8), 54),
    (_Mode(name="CONTAINER", letter="C", fits=3), 28),
    (_Mode(name="TRAIN", letter="R", fits=14), 18),
)


def carry(dice: Dice, declarations: list[Declaration]) -> list[Waybill]:
    """Load every real declaration on waybills that leave before the as-of day ends."""
    drafts = []
    for declaration in declarations:
        if declaration.is_phantom:
            continue
        mode = dice.weigh(_MODES)
        left = list(declaration.lines)
        while left:
            size = dice.between(min(2, mode.fits), mode.fits)
            part, left = tuple(left[:size]), left[size:]
            waybill = _waybill(dice, declaration, mode, part)
            if waybill.departed <= _END:
                drafts.append(waybill)
    drafts.sort(key=lambda waybill: (waybill.departed, waybill.lines[0].vehicle.vin))
    running: Counter[str] = Counter()
    waybills = []
    for waybill in drafts:
        running[waybill.number] += 1
        number = f"{waybill.number}2401{running[waybill.number]:05d}"
        waybills.append(replace(waybill, number=number))
    return waybills


def _waybill(dice: Dice, declaration: Declaration, mode: _Mode, lines: tuple[Line, ...]) -> Waybill:
    """Return the journey of `lines`; its number is only the letter of the mode as yet."""
    legs = _journey(dice, declaration, is_train=mode.letter == "R")
    vehicle_no = {
        "T": f"新{dice.pick('AF')}{dice.between(10_000, 99_999)}",
        "C": f"TCXU{dice.between(1_000_000, 9_999_999)}",
        "R": f"X9{dice.between(100, 999)}",
    }[mode.letter]
    return Waybill(
        number=mode.letter,
        mode=mode.name,
        carrier=dice.pick(_CARRIERS),
        vehicle_no=vehicle_no,
        lock_no=f"{source_facts.LOCK_MODEL}-{dice.between(0, 99_999):05d}",
        declaration=declaration,
        lines=lines,
        legs=legs,
        lock_events=_lock_events(dice, legs),
    )


def _journey(dice: Dice, declaration: Declaration, *, is_train: bool) -> tuple[Leg, ...]:
    """Return the legs begun before the as-of day ended; the last may still be open."""
    border, goal = declaration.border, declaration.deals[0].destination
    slow_percent = 150 if is_train else 100
    start = datetime.combine(declaration.released, time(6), places.CHINA)
    start += timedelta(minutes=dice.between(0, 3 * 24 * 60))
    stretches = [
        ("EXPORT_HAUL", places.ORIGIN, border.station, places.CHINA, 12, 34),
        ("BORDER_CROSSING", border.station, HUB, HUB_ZONE, 20, 90),
    ]
    if goal.onward_hours:
        fast = goal.onward_hours
        stretches.append(("ONWARD_HAUL", HUB, goal.city, goal.zone, fast, fast * 2))
    legs: list[Leg] = []
    for event, origin, destination, zone, fastest, slowest in stretches:
        hours = dice.between(fastest, slowest) * slow_percent // 100
        arrived = start + timedelta(hours=hours, minutes=dice.between(0, 59))
        wait = timedelta(hours=dice.between(2, 20), minutes=dice.between(0, 59))
        if legs and (legs[-1].arrived is None or start > _END):
            break
        legs.append(
            Leg(
                number=len(legs) + 1,
                origin=origin,
                destination=destination,
                departed=start,
                arrived=arrived.astimezone(zone) if arrived <= _END else None,
                event=event,
            )
        )
        start = (arrived + wait).astimezone(zone)
    return tuple(legs)


def _lock_events(dice: Dice, legs: tuple[Leg, ...]) -> tuple[LockEvent, ...]:
    """Return what the lock sent: sealed, through the gate, alive, opened."""
    moments = [(legs[0].departed - timedelta(minutes=dice.between(10, 90)), "SEALED")]
    for leg in legs[1:]:
        moments.append((leg.departed, "GATE_PASS" if leg.number == 2 else "STATUS"))  # noqa: PLR2004
        if dice.happens(_OPENED_EARLY_PER_MILLE):
            early = leg.departed + timedelta(hours=dice.between(1, 9))
            moments.append((early, "OPENED_UNEXPECTED"))
    if legs[-1].arrived is not None:
        moments.append((legs[-1].arrived, "OPENED_AUTHORISED"))
    battery = dice.between(82, 100)
    events = []
    for at, event in sorted(moments):
        if at > _END:
            continue
        at_utc = at.astimezone(UTC).replace(second=dice.between(0, 59))
        events.append(
            LockEvent(
                at=at_utc,
                event=event,
                battery_pct=battery,
                temperature_c=dice.between(-22, 34),
            )
        )
        battery -= dice.between(1, 7)
    return tuple(events)
