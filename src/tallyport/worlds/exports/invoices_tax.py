"""Invoices and tax (发票 · 退税): a workbook of fully digital invoices, a GB18030 file of rebates.

Habits: the remark names VINs, the contract, or both; some name neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tallyport.worlds.files import File, Row, Table, amount, csv_file, workbook_file
from tallyport.worlds.habits import keying, spelling
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Invoice, Rebate
from tallyport.worlds.reality.simulate import Reality

_INVOICES = (
    "发票号码",
    "开票日期",
    "销售方名称",
    "销售方识别号",
    "购买方名称",
    "项目名称",
    "数量",
    "金额",
    "税率",
    "税额",
    "价税合计",
    "外币金额",
    "币种",
    "汇率",
    "备注",
)
_REBATES = (
    "申报批次",
    "报关单号",
    "报关单项号",
    "发票号码",
    "退税率",
    "应退税额",
    "状态",
    "申报日期",
    "到账日期",
)
_NAMED_VINS_MAX = 4  # A remark has room for so many.


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write the workbook of invoices and the file of rebates."""
    invoices = Table(_INVOICES, [_invoice(clerk, invoice) for invoice in world.invoices])
    torn = (("价税合计", "壹万贰仟"), ("发票号码", ""))
    sheets = {"发票": clerk.worked(invoices, doubled=5, torn=torn)}
    yield workbook_file("08_invoices_tax/export_invoices.xlsx", sheets)
    rebates = [_rebate(number, rebate) for number, rebate in enumerate(world.rebates, start=1)]
    table = clerk.worked(Table(_REBATES, rebates), torn=(("申报日期", "2024/00/00"),))
    yield csv_file("08_invoices_tax/tax_rebate.csv", table, encoding="gb18030")


def _invoice(clerk: Clerk, invoice: Invoice) -> Row:
    deal, total = invoice.shipment.deal, amount(invoice.total_fen)
    return (
        invoice.number,
        invoice.day.isoformat(),
        deal.seller.name_cn,
        deal.seller.tax_no,
        spelling.typed(clerk, deal.buyer.english),
        "*机动车*二手乘用车",
        len(invoice.lines),
        total,
        "0%",
        amount(0),
        total,
        amount(invoice.foreign_minor),
        deal.currency,
        str(Decimal(invoice.rate_e6).scaleb(-6)),
        _remark(clerk, invoice),
    )


def _remark(clerk: Clerk, invoice: Invoice) -> str:
    vins = [
        keying.vin(clerk.dice, line.vehicle.vin) if clerk.slips(15) else line.vehicle.vin
        for line in invoice.lines
    ]
    has_room = len(vins) <= _NAMED_VINS_MAX
    parts = []
    if has_room and not clerk.slips(120):
        parts.append(f"车架号：{'、'.join(vins)}")
    if not clerk.slips(300) or not has_room:
        number = invoice.shipment.deal.number
        number = keying.number(clerk.dice, number) if clerk.slips(30) else number
        parts.append(f"合同号：{number}")
    return " ".join(parts)


def _rebate(number: int, rebate: Rebate) -> Row:
    state = "未申报" if rebate.filed is None else "审核中" if rebate.received is None else "已退税"
    batch = f"{rebate.filed:%Y%m}-{number:04d}" if rebate.filed else ""
    return (
        batch,
        rebate.declaration_no,
        rebate.declaration_line,
        rebate.invoice_no,
        "13%",
        amount(rebate.amount_fen),
        state,
        _day(rebate.filed),
        _day(rebate.received),
    )


def _day(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""
