"""What is owed when (应收分期): the terms of payment applied to what happened.

30/70 on XJYO-2024040401, signed on 4 April: 30% of every price is due on 11 April; the other 70%
ten days after the last of the twelve vehicles was received in Tashkent, and not before.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from tallyport.worlds.reality.model import Deal, Instalment, Item, Line, Shipment, Stay, Terms

DEPOSIT_PERCENT = 30
_DEPOSIT_DAYS = timedelta(days=7)
_TRANSFER_DAYS = timedelta(days=10)
_BALANCE_DAYS = timedelta(days=10)
_CREDIT_LETTER_DAYS = timedelta(days=21)
_OPEN_ACCOUNT_DAYS = timedelta(days=60)


def schedule(
    deals: Iterable[Deal], shipments: Iterable[Shipment], stays: Iterable[Stay]
) -> list[Instalment]:
    """Return the instalments of every deal, in the order of deals and shipments."""
    arrivals = {(stay.line.contract_no, stay.line.number): stay.arrived for stay in stays}
    by_deal: dict[str, list[Shipment]] = {}
    for shipment in shipments:
        by_deal.setdefault(shipment.deal.number, []).append(shipment)
    instalments = []
    for deal in deals:
        instalments += _on_signing(deal)
        for shipment in by_deal.get(deal.number, ()):
            instalments += _on_shipment(deal, shipment, arrivals)
    return instalments


def deposit_minor(price_minor: int) -> int:
    """Return the deposit on one price; prices are rounded so that it is whole."""
    return price_minor * DEPOSIT_PERCENT // 100


def _on_signing(deal: Deal) -> list[Instalment]:
    """Return what signing alone makes due."""
    match deal.terms:
        case Terms.DEPOSIT:
            owed = tuple((line, deposit_minor(line.price_minor)) for line in deal.lines)
            due = deal.signed + _DEPOSIT_DAYS
            item = Item.DEPOSIT
        case Terms.TRANSFER:
            owed = tuple((line, line.price_minor) for line in deal.lines)
            due = deal.signed + _TRANSFER_DAYS
            item = Item.FULL
        case Terms.CREDIT_LETTER | Terms.OPEN_ACCOUNT:
            return []
    return [Instalment(contract_no=deal.number, item=item, shipment=0, due=due, owed=owed)]


def _on_shipment(
    deal: Deal, shipment: Shipment, arrivals: dict[tuple[str, int], date]
) -> list[Instalment]:
    """Return what one shipment makes due."""
    released = shipment.declaration.released
    owed: tuple[tuple[Line, int], ...]
    owed = tuple((line, line.price_minor) for line in shipment.lines)
    due: date | None
    match deal.terms:
        case Terms.TRANSFER:
            return []
        case Terms.DEPOSIT:
            days = [arrivals.get((deal.number, line.number)) for line in shipment.lines]
            came = [day for day in days if day is not None]
            due = max(came) + _BALANCE_DAYS if len(came) == len(days) else None
            owed = tuple((line, price - deposit_minor(price)) for line, price in owed)
            item = Item.BALANCE
        case Terms.CREDIT_LETTER:
            due, item = released + _CREDIT_LETTER_DAYS, Item.CREDIT_LETTER
        case Terms.OPEN_ACCOUNT:
            due, item = released + _OPEN_ACCOUNT_DAYS, Item.OPEN_ACCOUNT
    number = shipment.number
    return [Instalment(contract_no=deal.number, item=item, shipment=number, due=due, owed=owed)]
