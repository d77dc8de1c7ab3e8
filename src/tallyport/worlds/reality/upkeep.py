"""What garages, insurers and inspectors saw (维修 · 事故 · 检测), and turned-back odometers.

A turned-back odometer (调表) shows less when the seller buys the car than a garage wrote down
before: 41 000 km in the stock record, 78 000 km on a work order two months earlier.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief, source_facts
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Finding, Inspection, Service, Vehicle
from tallyport.worlds.reality.period import AS_OF

ITEMS = 20  # Things an inspector gives a score.
_SERVICES = (
    "常规保养",
    "更换机油机滤",
    "更换制动片",
    "四轮定位",
    "空调维修",
    "电池检测",
    "软件升级",
)
_ACCIDENTS = ("轻微剐蹭", "追尾", "侧面碰撞", "玻璃破损")
_STATIONS = (source_facts.STATION, "XJ-007", "XJ-019", "XJ-038")
_INSPECTED_PER_MILLE = 375  # 286 reports for 762 vehicles (source 000).
_ROLLBACK_AGE_DAYS_MIN = 500
_ROLLBACK_KM_MIN = 12_000


def serve(
    dice: Dice, vehicles: list[Vehicle], named: set[str]
) -> tuple[list[Service], list[Finding]]:
    """Return the work orders of `vehicles`, numbered by day, and the odometers turned back."""
    candidates = [
        vehicle
        for vehicle in vehicles
        if vehicle.vin not in named
        and vehicle.odometer_km >= _ROLLBACK_KM_MIN
        and (vehicle.bought - vehicle.first_registered).days >= _ROLLBACK_AGE_DAYS_MIN
    ]
    count = mischief.cases(Sort.ODOMETER_ROLLBACK, len(vehicles), dice)
    turned_back = {vehicle.vin for vehicle in dice.some(candidates, count)}
    drafts: list[Service] = []
    for vehicle in vehicles:
        drafts += _history(dice, vehicle, is_turned_back=vehicle.vin in turned_back)
    drafts.sort(key=lambda service: (service.day, service.vin, service.odometer_km))
    services = [
        replace(service, number=f"WX24{number:06d}")
        for number, service in enumerate(drafts, start=1)
    ]
    shown = {vehicle.vin: vehicle.odometer_km for vehicle in vehicles}
    above: dict[str, list[str]] = {vin: [] for vin in turned_back}
    for service in services:
        if service.vin in turned_back and service.odometer_km > shown[service.vin]:
            above[service.vin].append(service.number)
    findings = [
        Finding(
            type=Sort.ODOMETER_ROLLBACK,
            key=(vin,),
            others=tuple(above[vin]),
        )
        for vin in sorted(turned_back)
    ]
    return services, findings


def inspect(dice: Dice, vehicles: list[Vehicle]) -> list[Inspection]:
    """Return the reports of the stations that saw some of `vehicles` soon after their purchase."""
    drafts: list[Inspection] = []
    for vehicle in sorted(vehicles, key=lambda vehicle: (vehicle.bought, vehicle.vin)):
        day = vehicle.bought + dice.days(0, 9)
        if day > AS_OF or not dice.happens(_INSPECTED_PER_MILLE):
            continue
        level = dice.between(83, 91)
        station = dice.pick(_STATIONS)
        drafts.append(
            Inspection(
                number=f"{station.replace('-', '')}-24-{len(drafts) + 1:06d}",
                station=station,
                vin=vehicle.vin,
                day=day,
                odometer_km=vehicle.odometer_km + dice.between(0, 25),
                scores=tuple(min(100, level + dice.between(-9, 9)) for _ in range(ITEMS)),
            )
        )
    return drafts


def _history(dice: Dice, vehicle: Vehicle, *, is_turned_back: bool) -> list[Service]:
    """Return the visits of one vehicle between registration and purchase, without numbers."""
    is_clean = vehicle.vin == source_facts.CLEAN_VIN
    visits = source_facts.CLEAN_VIN_SERVICES if is_clean else dice.between(0, 7)
    if is_turned_back:
        visits = max(2, visits)
    age_days = (vehicle.bought - vehicle.first_registered).days
    days = sorted(dice.between(10, age_days - 1) for _ in range(visits))
    driven_km = vehicle.odometer_km * (dice.between(165, 230) if is_turned_back else 100) // 100
    if is_turned_back:
        days[-1] = age_days - dice.between(20, 70)
        days.sort()
    services = []
    for day in days:
        is_accident = not is_clean and dice.happens(90)
        services.append(
            Service(
                number="",
                vin=vehicle.vin,
                day=vehicle.first_registered + timedelta(days=day),
                odometer_km=driven_km * day // age_days,
                is_accident=is_accident,
                what=dice.pick(_ACCIDENTS if is_accident else _SERVICES),
                cost_yuan=dice.between(1_500, 42_000) if is_accident else dice.between(180, 4_800),
            )
        )
    return services
