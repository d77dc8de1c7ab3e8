"""How the platform's systems write it down (导出): six CSV files in UTF-8 or GB18030.

Habits: haul numbers mistyped on bills; payments that name no number, a part of it, or a wrong one;
names with a slip; accounts and charges left out; rows twice or torn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from tallyport.worlds.files import File, Row, Table, amount, csv_file
from tallyport.worlds.freight.model import Flow, Haul, Platform
from tallyport.worlds.freight.payouts import CARD, PLATFORM
from tallyport.worlds.habits import keying
from tallyport.worlds.habits.clerk import Clerk

_FIRMS = ("编号", "类别", "名称", "收付款账号", "账期天数")
_HAULS = (
    "运单号", "托运人编号", "承运人编号", "车牌号", "货物名称", "装货地", "卸货地", "重量吨",
    "装货时间", "签收时间", "托运运费", "承运运费", "预付款", "油路卡", "扣款", "扣款原因", "状态",
)  # fmt: skip
_BILLS = ("账单号", "托运人编号", "开单日期", "到期日", "运单数", "账单金额")
_LINES = ("账单号", "行号", "运单号", "运费", "扣款", "扣款原因", "应付金额")
_FLOWS = (
    "流水号", "记账日期", "收支", "金额", "手续费", "对方户名", "对方账号", "渠道", "用途", "附言",
)  # fmt: skip


def export(world: Platform, clerk: Clerk) -> Iterator[File]:
    """Write the files."""
    firms: list[Row] = [
        (firm.no, "托运人" if firm.side == "shipper" else "承运人", firm.name, firm.account,
         firm.terms_days or "")
        for firm in world.firms
    ]  # fmt: skip
    firms += [("P00001", "油路卡", *CARD, ""), ("P00002", "平台", *PLATFORM, "")]
    yield _file("freight_parties", Table(_FIRMS, firms), "utf-8")
    hauls = Table(_HAULS, [_haul(haul) for haul in world.hauls])
    torn = (("运单号", ""), ("承运运费", "面议"), ("签收时间", "2024-02-31 25:00"))
    yield _file("freight_hauls", clerk.worked(hauls, doubled=4, torn=torn), "utf-8")
    bills: list[Row] = [
        (bill.no, bill.shipper.no, _day(bill.issued), _day(bill.due), len(bill.lines),
         amount(bill.amount_minor))
        for bill in world.bills
    ]  # fmt: skip
    yield _file("freight_bills", Table(_BILLS, bills), "gb18030")
    lines: list[Row] = [
        (bill.no, at, keying.number(clerk.dice, line.haul_no) if clerk.slips(20) else line.haul_no,
         amount(line.freight_minor), amount(line.deduction_minor), line.reason,
         amount(line.amount_minor))
        for bill in world.bills
        for at, line in enumerate(bill.lines, start=1)
    ]  # fmt: skip
    yield _file("freight_bill_lines", clerk.worked(Table(_LINES, lines), doubled=3), "gb18030")
    flows = Table(_FLOWS, [_flow(clerk, flow) for flow in world.flows])
    torn_flow = (("金额", "壹万元整"), ("流水号", ""))
    yield _file("freight_flows", clerk.worked(flows, doubled=3, torn=torn_flow), "utf-8")


def _file(name: str, table: Table, encoding: str) -> File:
    return csv_file(f"{name}.csv", table, encoding=encoding)


def _haul(haul: Haul) -> Row:
    return (
        haul.no, haul.shipper.no, haul.carrier.no, haul.plate, haul.goods, haul.origin,
        haul.destination, amount(haul.weight_kg // 10), _moment(haul.loaded),
        _moment(haul.signed) if haul.signed else "", amount(haul.shipper_minor),
        amount(haul.carrier_minor), amount(haul.advance_minor), amount(haul.fuel_minor),
        amount(haul.loss_minor) if haul.signed else "", haul.loss_reason if haul.signed else "",
        "已签收" if haul.signed else "运输中",
    )  # fmt: skip


def _flow(clerk: Clerk, flow: Flow) -> Row:
    shows_charges = not clerk.slips(400)
    name = keying.name(clerk.dice, flow.name) if clerk.slips(30) else flow.name
    return (
        flow.no,
        _day(flow.booked),
        "收" if flow.is_in else "支",
        amount(flow.gross_minor - flow.charges_minor),
        amount(flow.charges_minor) if flow.charges_minor and shows_charges else "",
        name,
        "" if clerk.slips(50) else flow.account,
        flow.channel,
        flow.purpose,
        _remittance(clerk, flow),
    )


def _remittance(clerk: Clerk, flow: Flow) -> str:
    """Return what the payer wrote: numbers whole, mistyped, or only their ends; or none."""
    if not flow.cites:
        return ""
    if clerk.slips(100):
        return "运费" if flow.is_in else ""
    words = []
    for cite in flow.cites:
        word = keying.number(clerk.dice, cite) if clerk.slips(30) else cite
        words.append(cite[-6:] if clerk.slips(40) else word)
    return clerk.dice.pick(("{} 运费", "付{}运费", "{}", "货款/{}")).format(",".join(words))


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
