"""What payers write on a transfer (附言): some phrase, some contract number, some purpose.

PAYMENT UNDER CONTRACT XJYO-2024040401 DD 04.04.2024 DEPOSIT 30 PCT
ОПЛАТА ЗА АВТОМОБИЛИ ПО КОНТРАКТУ № XJYO–2024040401 АВАНС
FOR CARS VIN 006598, 036754
"""

from __future__ import annotations

from tallyport.worlds.habits import keying
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality.model import Item, Payment

_PHRASES = (
    "PAYMENT UNDER CONTRACT {ref} DD {day} {what}",
    "ОПЛАТА ЗА АВТОМОБИЛИ ПО КОНТРАКТУ № {ref} ОТ {day} {what}",
    "OPLATA PO DOGOVORU {ref} OT {day} {what}",
    "二手车货款 合同{ref} {what}",
    "/RFB/{ref}/{what}",
    "{ref} SHARTNOMASI BO'YICHA TO'LOV {what}",
)
_PURPOSES = {
    Item.DEPOSIT: ("DEPOSIT 30 PCT", "АВАНС", "定金"),
    Item.BALANCE: ("BALANCE LOT {lot}", "ОСТАТОК ПАРТИЯ {lot}", "尾款 第{lot}批"),
    Item.FULL: ("FULL PAYMENT", "ПОЛНАЯ ОПЛАТА", "全款"),
    Item.CREDIT_LETTER: ("L/C DRAWING {lot}", "АККРЕДИТИВ {lot}", "信用证 第{lot}批"),
    Item.OPEN_ACCOUNT: ("SHIPMENT {lot}", "ПАРТИЯ {lot}", "货款 第{lot}批"),
}
_VAGUE = ("PAYMENT FOR CARS", "ЗА АВТОМОБИЛИ", "货款")
_NAMED_VINS_MAX = 6
_VIN_END = 6


def remittance(clerk: Clerk, payment: Payment) -> str:
    """Return the free text of `payment`."""
    if clerk.slips(140):
        return _without_number(clerk, payment)
    paid = [part.instalment for part in payment.settlements]
    lots = ",".join(str(each.shipment) for each in paid if each.shipment)
    what = clerk.dice.pick(_PURPOSES[paid[0].item]).format(lot=lots)
    numbers = [
        keying.number(clerk.dice, deal.number) if clerk.slips(100) else deal.number
        for deal in payment.deals
    ]
    phrase = clerk.dice.pick(_PHRASES)
    day = f"{payment.deals[0].signed:%d.%m.%Y}"
    return phrase.format(
        ref=",".join(numbers), day=day, what="" if clerk.slips(90) else what
    ).strip()


def _without_number(clerk: Clerk, payment: Payment) -> str:
    """Name some vehicles by the end of the VIN, or nothing at all."""
    if clerk.slips(350):
        return clerk.dice.pick(_VAGUE)
    lines = [line for part in payment.settlements for line, _ in part.instalment.owed]
    ends = [line.vehicle.vin[-_VIN_END:] for line in lines[:_NAMED_VINS_MAX]]
    return f"FOR CARS VIN {', '.join(ends)}"
