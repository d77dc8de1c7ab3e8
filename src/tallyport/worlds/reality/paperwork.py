"""Export invoices and tax rebates (出口发票 · 出口退税).

One invoice covers a shipment or a single vehicle, in the deal's currency and in CNY at the day's
rate of six decimals. Some deliveries are invoiced twice under another number (重复开票). A rebate
is claimed for every goods line of an invoice: 13% on the cost without tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from tallyport.kernel import ratio
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Finding, Invoice, Line, Rebate, Shipment
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.rates import E6, Rates

_FIRST_NUMBER = 40_000_011
_NUMBER_STEP = 3
_WHOLE_SHIPMENT_PER_MILLE = 550
_RATE_PERCENT, _WITH_TAX_PERCENT = 13, 113
_REBATE_DAYS = 11  # At the fastest (source 000).
_PAY_DAYS = (5, 15, 25)  # The treasury pays on these days of a month.


def invoice(
    dice: Dice, rates: Rates, shipments: Sequence[Shipment], vehicles: int
) -> tuple[list[Invoice], list[Finding]]:
    """Invoice every shipment until the as-of day; some vehicles or shipments twice."""
    drafts = [draft for shipment in shipments for draft in _drafts(dice, rates, shipment)]
    candidates = [at for at, draft in enumerate(drafts) if not is_spared(draft.shipment.deal)]
    count = mischief.cases(Sort.DUPLICATE_INVOICE, vehicles, dice)
    first_of: dict[int, int] = {}
    for at in dice.some(candidates, count):
        first_of[len(drafts)] = at
        day = min(AS_OF, drafts[at].day + dice.days(5, 40))
        drafts.append(_price(rates, replace(drafts[at], day=day)))
    numbers = _numbers(drafts)
    invoices = [
        replace(
            draft,
            number=numbers[at],
            repeats=numbers[first_of[at]] if at in first_of else "",
        )
        for at, draft in enumerate(drafts)
    ]
    findings = [
        Finding(type=Sort.DUPLICATE_INVOICE, key=(each.repeats, each.number))
        for each in invoices
        if each.repeats
    ]
    return sorted(invoices, key=lambda each: each.number), findings


def claim(dice: Dice, invoices: Iterable[Invoice]) -> list[Rebate]:
    """Claim the rebate of every invoice that repeats no other, goods line by goods line."""
    rebates = []
    for each in invoices:
        if each.repeats:
            continue
        filed = each.day + dice.days(8, 40)
        received = _pay_day(filed + dice.days(_REBATE_DAYS, 40))
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


def _pay_day(day: date) -> date:
    """Return the first day from `day` on at which the treasury pays."""
    while day.day not in _PAY_DAYS:
        day += timedelta(days=1)
    return day


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


def _numbers(drafts: Sequence[Invoice]) -> list[str]:
    """Number the invoices by day: 24, the tax bureau's 6520, a running number."""
    order = sorted(range(len(drafts)), key=lambda at: (drafts[at].day, at))
    numbers = [""] * len(drafts)
    for place, at in enumerate(order):
        numbers[at] = f"246520{_FIRST_NUMBER + place * _NUMBER_STEP:014d}"
    return numbers
