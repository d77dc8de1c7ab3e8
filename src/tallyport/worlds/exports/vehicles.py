"""Stock records (车辆台账): a GB18030 file of the yard in Urumqi, one row a vehicle, its VIN right.

Habits: costs in 10 000 CNY; some dates written with slashes; some rows sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tallyport.worlds.files import File, Row, Table, csv_file
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Vehicle
from tallyport.worlds.reality.simulate import Reality

_COLUMNS = (
    "车架号",
    "号牌号码",
    "品牌",
    "车型",
    "年款",
    "燃料种类",
    "排量mL",
    "电池健康度%",
    "表显里程km",
    "初次登记日期",
    "收购日期",
    "收购成本万元",
    "库存状态",
)


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the stock records in the order of purchase."""
    in_stock = {vehicle.vin for vehicle in world.stock}
    bought = sorted(world.vehicles, key=lambda vehicle: (vehicle.bought, vehicle.vin))
    rows = [_row(clerk, vehicle, is_sold=vehicle.vin not in in_stock) for vehicle in bought]
    torn = (("车架号", ""), ("收购日期", "2024-02-31"), ("表显里程km", "三万"))
    table = clerk.worked(Table(_COLUMNS, rows), doubled=12, torn=torn)
    yield csv_file("02_vehicles/vehicle_stock.csv", table, encoding="gb18030")


def _row(clerk: Clerk, vehicle: Vehicle, *, is_sold: bool) -> Row:
    model, battery = vehicle.model, vehicle.battery_permille
    return (
        vehicle.vin,
        vehicle.plate,
        model.brand_cn,
        model.name,
        vehicle.year,
        model.drive,
        model.engine_ml,
        "" if battery is None else Decimal(battery).scaleb(-1),
        vehicle.odometer_km,
        _day(clerk, vehicle.first_registered),
        _day(clerk, vehicle.bought),
        Decimal(vehicle.cost_fen).scaleb(-6).quantize(Decimal("0.0001")),
        "已售" if is_sold else "在库",
    )


def _day(clerk: Clerk, day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}" if clerk.slips(10) else day.isoformat()
