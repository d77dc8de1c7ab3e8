"""Order system (订单系统): one workbook, sheets 合同 and 合同明细, kept by the sales office.

Habits: dates as Y/M/D, now and then as the bare number of the spreadsheet; the buyer in English,
Chinese or short; the buyer's code left out; no VIN before the vehicle is assigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tallyport.worlds.files import File, Row, Table, amount, workbook_file
from tallyport.worlds.habits import keying, spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Deal, Line
from tallyport.worlds.reality.simulate import Reality

_SHEET_EPOCH = date(1899, 12, 30)  # Day 0 of a spreadsheet.
_DEALS = (
    "合同号",
    "签订日期",
    "卖方",
    "买方名称",
    "买方编码",
    "币种",
    "贸易术语",
    "付款条件",
    "台数",
    "合同总价",
    "目的地",
)
_LINES = ("合同号", "行号", "车架号", "品牌型号", "年款", "单价", "币种", "选装")


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the workbook."""
    codes: dict[str, list[str]] = {}
    for registration in world.cast.registrations:
        codes.setdefault(registration.party.id, []).append(registration.code)
    assigned = {
        vehicle_line for each in world.declarations for vehicle_line in map(_key, each.lines)
    }
    deals = Table(_DEALS, [_deal(clerk, deal, codes[deal.buyer.id]) for deal in world.deals])
    lines = Table(
        _LINES,
        [
            _line(clerk, deal, line, is_assigned=_key(line) in assigned)
            for deal in world.deals
            for line in deal.lines
        ],
    )
    sheets = {
        "合同": clerk.worked(deals, doubled=12, torn=(("签订日期", "2024/13/45"), ("合同号", ""))),
        "合同明细": clerk.worked(lines, doubled=5, torn=(("行号", "十二"),)),
    }
    yield workbook_file("01_contracts/contracts.xlsx", sheets)


def _key(line: Line) -> tuple[str, int]:
    return line.contract_no, line.number


def _deal(clerk: Clerk, deal: Deal, codes: list[str]) -> Row:
    return (
        deal.number,
        _day(clerk, deal.signed),
        deal.seller.name_cn,
        spelling.in_contract(clerk, deal.buyer),
        "" if clerk.slips(130) else clerk.dice.pick(codes),
        deal.currency,
        deal.incoterm,
        deal.terms,
        len(deal.lines),
        amount(deal.total_minor),
        deal.destination.city,
    )


def _line(clerk: Clerk, deal: Deal, line: Line, *, is_assigned: bool) -> Row:
    vin = line.vehicle.vin
    if clerk.slips(15):
        vin = keying.vin(clerk.dice, vin)
    if not is_assigned and not line.is_second_sale and clerk.slips(300):
        vin = ""
    return (
        deal.number,
        line.number,
        vin,
        f"{line.vehicle.model.brand_cn} {line.vehicle.model.name}",
        line.vehicle.year,
        amount(line.price_minor),
        deal.currency,
        line.options,
    )


def _day(clerk: Clerk, day: date) -> str:
    if clerk.slips(25):
        return str((day - _SHEET_EPOCH).days)
    return f"{day.year}/{day.month}/{day.day}"
