"""Export invoices and tax rebates (出口发票 · 出口退税).

One invoice covers a shipment or a single vehicle, in the deal's currency and in CNY at the day's
rate of six decimals. Some deliveries are invoiced twice under another number (重复开票). A rebate
is claimed for every goods line of an invoice: 13% on the cost without tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tallyport.kernel import ratio
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief
from tallyport.worlds.reality.deals import is_named
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Finding, Invoice, Line, Rebate, Shipment
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.rates import E6, Rates

_FIRST_NUMBER = 40_000_011
_NUMBER_STEP = 3
_WHOLE_SHIPMENT_PER_MILLE = 550
_RATE_PERCENT, _WITH_TAX_PERCENT = 13, 113


def invoice(
    dice: Dice, rates: Rates, shipments: Sequence[Shipment], vehicles: int
) -> tuple[list[Invoice], list[Finding]]:
    """Invoice every shipment until the as-of day; some vehicles or shipments twice."""
    drafts = [draft for shipment in shipments for draft in _drafts(dice, rates, shipment)]
    drafts = [draft for draft in drafts if draft.day <= AS_OF]
    numbered = _number(drafts)
    count = mischief.cases(Sort.DUPLICATE_INVOICE, vehicles, dice)
    again = []
    for first in dice.some([each for each in numbered if not is_named(each.shipment.deal)], count):
        second = _price(rates, replace(first, day=min(AS_OF, first.day + dice.days(5, 40))))
        again.append(replace(second, number="", repeats=first.number))
    repeats = _number(again, start=len(numbered))
    findings = [
        Finding(type=Sort.DUPLICATE_INVOICE, key=(each.repeats, each.number)) for each in repeats
    ]
    return sorted([*numbered, *repeats], key=lambda each: (each.day, each.number)), findings


def claim(dice: Dice, invoices: Iterable[Invoice]) -> list[Rebate]:
    """Claim the rebate of every invoice that repeats no other, goods line by goods line."""
    rebates = []
    for each in invoices:
        if each.repeats:
            continue
        filed = each.day + dice.days(8, 40)
        received = filed + dice.days(11, 45)
        declaration = each.shipment.declaration
        covered = {line.vehicle.vin for line in each.lines}
        for goods in declaration.goods:
            fen = sum(line.vehicle.cost_fen for line in goods.lines if line.vehicle.vin in covered)
            if fen == 0:
                continue
            rebates.append(
                Rebate(
                    declaration_no=declaration.number,
                    declaration_line=goods.number,
                    invoice_no=each.number,
                    seller=each.shipment.deal.seller,
                    amount_fen=ratio.half_up(fen * _RATE_PERCENT, _WITH_TAX_PERCENT),
                    filed=filed if filed <= AS_OF else None,
                    received=received if received <= AS_OF else None,
                )
            )
    return rebates


def _drafts(dice: Dice, rates: Rates, shipment: Shipment) -> list[Invoice]:
    """Invoice `shipment` as a whole or vehicle by vehicle, without numbers as yet."""
    is_whole = dice.happens(_WHOLE_SHIPMENT_PER_MILLE)
    groups: list[tuple[Line, ...]]
    groups = [shipment.lines] if is_whole else [(line,) for line in shipment.lines]
    return [
        _price(
            rates,
            Invoice(
                number="",
                day=min(AS_OF, shipment.declaration.released + dice.days(-1, 9)),
                shipment=shipment,
                lines=lines,
                foreign_minor=sum(line.price_minor for line in lines),
                rate_e6=E6,
                total_fen=0,
            ),
        )
        for lines in groups
    ]


def _price(rates: Rates, draft: Invoice) -> Invoice:
    """State the amount in CNY at the rate of the invoice's day."""
    rate = rates.cross(draft.shipment.deal.currency, "CNY", draft.day, E6)
    return replace(draft, rate_e6=rate, total_fen=ratio.half_up(draft.foreign_minor * rate, E6))


def _number(drafts: list[Invoice], *, start: int = 0) -> list[Invoice]:
    """Number the invoices by day: 24, the tax bureau's 6520, a running number."""
    ordered = sorted(drafts, key=lambda each: (each.day, each.lines[0].vehicle.vin))
    return [
        replace(each, number=f"246520{_FIRST_NUMBER + place * _NUMBER_STEP:014d}")
        for place, each in enumerate(ordered, start=start)
    ]
