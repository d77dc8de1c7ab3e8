"""Logistics (物流): four UTF-8 files of the forwarder: waybills, their vehicles, legs, lock events.

Habits: only the end of a VIN; references of the shipper missing; moments with the offset of the
place, those of the locks in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.habits import keying, spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import places
from tallyport.worlds.reality.model import Line, Waybill
from tallyport.worlds.reality.simulate import Reality

_WAYBILLS = (
    "waybill_no",
    "mode",
    "carrier",
    "vehicle_or_train_no",
    "lock_no",
    "contract_ref",
    "declaration_ref",
    "consignee",
    "origin",
    "destination",
    "departed_at",
    "cars",
    "gross_weight_kg",
)
_CARS = ("waybill_no", "seq", "vin", "description")
_LEGS = ("waybill_no", "leg", "from", "to", "departed_at", "arrived_at", "event")
_LOCKS = ("lock_no", "waybill_no", "time_utc", "event", "battery_pct", "temp_c")


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the four files."""
    waybills = [_waybill(clerk, waybill) for waybill in world.waybills]
    torn = (("departed_at", "soon"), ("waybill_no", ""))
    yield _file("waybills", clerk.worked(Table(_WAYBILLS, waybills), doubled=5, torn=torn))
    cars = [
        _car(clerk, waybill, place, line)
        for waybill in world.waybills
        for place, line in enumerate(waybill.lines, start=1)
    ]
    yield _file("waybill_cars", clerk.worked(Table(_CARS, cars), doubled=4, torn=(("seq", "?"),)))
    legs = [row for waybill in world.waybills for row in _legs(waybill)]
    yield _file("legs", clerk.worked(Table(_LEGS, legs), torn=(("arrived_at", "31/02 12:00"),)))
    events = [row for waybill in world.waybills for row in _lock_events(waybill)]
    events.sort(key=lambda row: (str(row[2]), str(row[1])))
    torn_event = (("time_utc", "0000-00-00 00:00:00"),)
    yield _file("lock_events", clerk.worked(Table(_LOCKS, events), doubled=4, torn=torn_event))


def _file(name: str, table: Table) -> File:
    return csv_file(f"06_logistics/{name}.csv", table, encoding="utf-8")


def _waybill(clerk: Clerk, waybill: Waybill) -> Row:
    declaration = waybill.declaration
    own = list(dict.fromkeys(line.contract_no for line in waybill.lines))
    contracts = ["" if clerk.slips(150) else number for number in own]
    contracts = [
        keying.number(clerk.dice, number) if number and clerk.slips(60) else number
        for number in contracts
    ]
    declared = "" if clerk.slips(350) else declaration.number
    if declared and clerk.slips(15):
        declared = keying.swapped(clerk.dice, declared)
    return (
        waybill.number,
        waybill.mode,
        waybill.carrier,
        waybill.vehicle_no,
        waybill.lock_no,
        ",".join(filter(None, contracts)),
        declared,
        spelling.on_paper(clerk, declaration.deals[0].buyer),
        places.ORIGIN,
        declaration.deals[0].destination.city,
        waybill.departed.isoformat(),
        len(waybill.lines),
        sum(line.vehicle.model.weight_kg for line in waybill.lines),
    )


def _car(clerk: Clerk, waybill: Waybill, place: int, line: Line) -> Row:
    vin = line.vehicle.vin
    if clerk.slips(450):
        vin = keying.vin_end(clerk.dice, vin)
    elif clerk.slips(35):
        vin = keying.vin(clerk.dice, vin)
    return (waybill.number, place, vin, f"{line.vehicle.model.brand} {line.vehicle.model.name}")


def _legs(waybill: Waybill) -> Iterator[Row]:
    for leg in waybill.legs:
        yield (
            waybill.number,
            leg.number,
            leg.origin,
            leg.destination,
            leg.departed.isoformat(),
            leg.arrived.isoformat() if leg.arrived else "",
            leg.event,
        )


def _lock_events(waybill: Waybill) -> Iterator[Row]:
    for event in waybill.lock_events:
        yield (
            waybill.lock_no,
            waybill.number,
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            event.event,
            event.battery_pct,
            event.temperature_c,
        )
