"""Overseas warehouses (海外仓): windows-1251 files with semicolons and days as DD.MM.YYYY.

Habits: only the end of a VIN, or Cyrillic letters in it; the waybill left out; years of two digits;
acts keyed in weeks later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.habits import keying, spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Receipt, Stay
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.simulate import Reality

_RECEIPTS = (
    "НомерАкта",
    "ДатаПриемки",
    "Склад",
    "VIN",
    "Модель",
    "Пробег_км",
    "Место",
    "Состояние",
    "НомерНакладной",
    "ДатаВвода",
)
_RELEASES = ("НомерОтпуска", "ДатаОтпуска", "Склад", "VIN", "НомерАкта", "Получатель")
_COUNT = ("ДатаИнвентаризации", "Склад", "Место", "VIN", "Модель")


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write receipts, releases and the stock count of the last day."""
    acts = [
        (act, stay)
        for stay in world.stays
        for act in (stay.act, stay.second_act)
        if act is not None
    ]
    acts.sort(key=lambda pair: (pair[0].day, pair[0].number))
    receipts = Table(_RECEIPTS, [_receipt(clerk, act, stay) for act, stay in acts])
    torn = (("ДатаПриемки", "31.02.2024"), ("НомерАкта", ""), ("Пробег_км", "н/д"))
    yield _file("receipts", clerk.worked(receipts, doubled=6, torn=torn))
    left = sorted((stay for stay in world.stays if stay.left), key=lambda stay: stay.release_no)
    releases = Table(_RELEASES, [_release(clerk, stay) for stay in left])
    yield _file("releases", clerk.worked(releases, torn=(("ДатаОтпуска", "32.06.2024"),)))
    here = [stay for stay in world.stays if stay.left is None]
    here.sort(key=lambda stay: (_site(stay), stay.place, stay.line.vehicle.vin))
    yield _file("stock_count", clerk.worked(Table(_COUNT, [_count(clerk, stay) for stay in here])))


def _file(name: str, table: Table) -> File:
    path = f"07_overseas_warehouse/{name}.csv"
    return csv_file(path, table, encoding="windows-1251", separator=";")


def _receipt(clerk: Clerk, act: Receipt, stay: Stay) -> Row:
    waybill = "" if clerk.slips(150) else stay.waybill.number
    if waybill and clerk.slips(30):
        waybill = keying.cyrillic(clerk.dice, waybill)
    return (
        act.number,
        _day(clerk, act.day),
        act.site.warehouse,
        _vin(clerk, stay),
        _model(stay),
        act.odometer_km,
        act.place,
        act.condition,
        waybill,
        f"{clerk.keyed(act.day):%d.%m.%Y}",
    )


def _release(clerk: Clerk, stay: Stay) -> Row:
    return (
        stay.release_no,
        _day(clerk, stay.left or AS_OF),
        _site(stay),
        _vin(clerk, stay),
        "" if stay.act is None or clerk.slips(60) else stay.act.number,
        spelling.local(stay.recipient, quotes='""'),
    )


def _count(clerk: Clerk, stay: Stay) -> Row:
    return (_day(clerk, AS_OF), _site(stay), stay.place, _vin(clerk, stay), _model(stay))


def _site(stay: Stay) -> str:
    return stay.waybill.declaration.deals[0].destination.warehouse


def _model(stay: Stay) -> str:
    return f"{stay.line.vehicle.model.brand} {stay.line.vehicle.model.name}"


def _vin(clerk: Clerk, stay: Stay) -> str:
    vin = stay.line.vehicle.vin
    if clerk.slips(270):
        return keying.vin_end(clerk.dice, vin)
    return keying.vin_abroad(clerk.dice, vin) if clerk.slips(30) else vin


def _day(clerk: Clerk, day: date) -> str:
    return f"{day:%d.%m.%y}" if clerk.slips(8) else f"{day:%d.%m.%Y}"
