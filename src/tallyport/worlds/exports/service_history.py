"""Maintenance and accidents (维修 · 事故): UTF-8 with a byte order mark, days as Y年M月D日.

Habits: some days the international way, some VINs in the habit of the garage, rows sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.habits import keying
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Service
from tallyport.worlds.reality.simulate import Reality

_COLUMNS = ("工单号", "车架号", "日期", "里程", "类别", "项目", "费用元")


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the work orders by number."""
    rows = [_row(clerk, service) for service in world.services]
    torn = (("日期", "2024年2月30日"), ("工单号", ""), ("里程", "看不清"))
    table = clerk.worked(Table(_COLUMNS, rows), doubled=6, torn=torn)
    yield csv_file("04_service_history/service_records.csv", table, encoding="utf-8-sig")


def _row(clerk: Clerk, service: Service) -> Row:
    return (
        service.number,
        keying.vin(clerk.dice, service.vin) if clerk.slips(12) else service.vin,
        _day(clerk, service.day),
        service.odometer_km,
        "事故" if service.is_accident else "维修保养",
        service.what,
        service.cost_yuan,
    )


def _day(clerk: Clerk, day: date) -> str:
    return day.isoformat() if clerk.slips(8) else f"{day.year}年{day.month}月{day.day}日"
