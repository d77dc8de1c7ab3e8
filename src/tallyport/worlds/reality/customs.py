"""Shipments and export declarations (报关): eighteen digits, the first four the customs office.

    9402 2024 0000058924     Khorgos, 2024, number 58 924 of the year: declared on 20 April

A deal leaves in one shipment or several. Two deals of the same two firms may share a declaration.
KZT and UZS deals are declared in USD at the day's rate. Some declarations give a value 20 to 60%
off the agreed one, some declare vehicles that do not exist (虚假报关).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tallyport.kernel import ratio
from tallyport.kernel.money import share_out
from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief, source_facts
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.fleet import Fleet
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Declaration, Finding, Goods, Line, Shipment
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY
from tallyport.worlds.reality.places import ALASHANKOU, KHORGOS, Border
from tallyport.worlds.reality.rates import USD, Rates

_DECLARED_CURRENCIES = {"USD", "CNY", "RUB"}
_ONE_SHIPMENT_MAX = 4
_SHARED_WITHIN_DAYS = 7
_SHARED_PER_MILLE = 600
_KHORGOS_PER_MILLE = 780
_WRONG_VALUE_PERCENT = (24, 56)
_PHANTOM_AGE_DAYS = 30
_BUSY_FROM_VEHICLES = 200_000  # More trade than that has the borders number faster.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """Vehicles of one deal or more that will stand on one declaration."""

    day: date
    parts: tuple[tuple[Deal, tuple[Line, ...]], ...]


class Customs:
    """Numbers declarations; no number is given twice."""

    def __init__(self, dice: Dice, rates: Rates, vehicles: int) -> None:
        self._dice = dice
        self._rates = rates
        self._pace = 1 + vehicles // _BUSY_FROM_VEHICLES
        self._taken = {named.declaration for named in source_facts.DEALS}

    def declare(self, load: _Load, *, border: Border, number: str = "") -> Declaration:
        """Declare `load` at `border`, under a named `number` where the source gives one."""
        deals = tuple(deal for deal, _ in load.parts)
        agreed = deals[0].currency
        currency = agreed if agreed in _DECLARED_CURRENCIES else USD
        return Declaration(
            number=number or self._number(border, load.day),
            border=border,
            declared=load.day,
            released=min(load.day + self._dice.days(0, 2), AS_OF),
            deals=deals,
            currency=currency,
            goods=self._goods(load, agreed, currency),
            value_bp=ratio.BP_WHOLE,
        )

    def _number(self, border: Border, day: date) -> str:
        numbers_a_day = border.numbers_a_day * self._pace
        first = (day - FIRST_DAY).days * numbers_a_day
        while True:
            running = first + self._dice.between(1, numbers_a_day)
            number = f"{border.code}{day.year}{running:010d}"
            if number not in self._taken:
                self._taken.add(number)
                return number

    def _goods(self, load: _Load, agreed: str, currency: str) -> tuple[Goods, ...]:
        """Put the vehicles of each model on a goods line of its own."""
        lines = [line for _, part in load.parts for line in part]
        models = list(dict.fromkeys(line.vehicle.model for line in lines))
        goods = []
        for number, model in enumerate(models, start=1):
            same = tuple(line for line in lines if line.vehicle.model == model)
            total = sum(line.price_minor for line in same)
            declared = self._rates.convert(total, agreed, currency, load.day)
            goods.append(Goods(number=number, model=model, lines=same, total_minor=declared))
        return tuple(goods)


def clear(
    dice: Dice, rates: Rates, deals: list[Deal], vehicles: int
) -> tuple[list[Declaration], list[Shipment], list[Finding]]:
    """Declare what the deals have ready before the as-of day, and what does not exist."""
    customs = Customs(dice, rates, vehicles)
    declarations = []
    for load in _share(dice, [load for deal in deals for load in _loads(dice, deal)]):
        named = source_facts.BY_NUMBER.get(load.parts[0][0].number)
        border = KHORGOS if named or dice.happens(_KHORGOS_PER_MILLE) else ALASHANKOU
        number = named.declaration if named else ""
        declarations.append(customs.declare(load, border=border, number=number))
    declarations, findings = _misstate(dice, declarations, vehicles)
    shipments = _shipments(declarations)
    for phantom in _phantoms(dice, customs, deals, vehicles):
        declarations.append(phantom)
        others = (phantom.deals[0].number,)
        finding = Finding(type=Sort.PHANTOM_DECLARATION, key=(phantom.number,), others=others)
        findings.append(finding)
    declarations.sort(key=lambda declaration: (declaration.declared, declaration.number))
    return declarations, shipments, findings


def _loads(dice: Dice, deal: Deal) -> list[_Load]:
    """Split the vehicles of `deal` into shipments; a vehicle sold for the second time is gone."""
    named = source_facts.BY_NUMBER.get(deal.number)
    lines = [line for line in deal.lines if not line.is_second_sale]
    if named:
        return [_Load(day=named.declared, parts=((deal, tuple(lines)),))]
    most = 1 if len(lines) <= _ONE_SHIPMENT_MAX else dice.weigh(((1, 45), (2, 40), (3, 15)))
    sizes = share_out(len(lines), [1] * most)
    day = deal.signed + dice.days(9, 34)
    loads = []
    for size in sizes:
        part, lines = lines[:size], lines[size:]
        loads.append(_Load(day=day, parts=((deal, tuple(part)),)))
        day += dice.days(4, 18)
    return [load for load in loads if load.day <= AS_OF]


def _share(dice: Dice, loads: list[_Load]) -> list[_Load]:
    """Let loads of the same two firms that are ready in the same week share a declaration."""
    shared: list[_Load] = []
    last: dict[tuple[str, ...], int] = {}
    for load in sorted(loads, key=lambda load: (load.day, load.parts[0][0].number)):
        deal = load.parts[0][0]
        key = (deal.seller.prefix, deal.buyer.id, deal.currency, deal.incoterm)
        at = last.get(key)
        if (
            at is not None
            and not is_spared(deal)
            and not is_spared(shared[at].parts[0][0])
            and len(shared[at].parts) == 1
            and shared[at].parts[0][0].number != deal.number
            and load.day - shared[at].day <= timedelta(days=_SHARED_WITHIN_DAYS)
            and dice.happens(_SHARED_PER_MILLE)
        ):
            parts = (*shared[at].parts, *load.parts)
            shared[at] = _Load(day=load.day, parts=parts)
        else:
            last[key] = len(shared)
            shared.append(load)
    return shared


def _misstate(
    dice: Dice, declarations: list[Declaration], vehicles: int
) -> tuple[list[Declaration], list[Finding]]:
    """Declare some shipments far above or below the agreed value (高报 · 低报)."""
    over = mischief.cases(Sort.OVER_INVOICING, vehicles, dice)
    under = mischief.cases(Sort.UNDER_INVOICING, vehicles, dice)
    candidates = [
        declaration.number
        for declaration in declarations
        if len(declaration.deals) == 1 and not is_spared(declaration.deals[0])
    ]
    chosen = dice.some(candidates, over + under)
    sorts = dict.fromkeys(chosen[:over], Sort.OVER_INVOICING)
    sorts |= dict.fromkeys(chosen[over:], Sort.UNDER_INVOICING)
    result, findings = [], []
    for declaration in declarations:
        sort = sorts.get(declaration.number)
        if sort is None:
            result.append(declaration)
            continue
        sign = 1 if sort is Sort.OVER_INVOICING else -1
        value_bp = ratio.BP_WHOLE + sign * 100 * dice.between(*_WRONG_VALUE_PERCENT)
        goods = tuple(
            replace(line, total_minor=ratio.half_up(line.total_minor * value_bp, ratio.BP_WHOLE))
            for line in declaration.goods
        )
        result.append(replace(declaration, goods=goods, value_bp=value_bp))
        others = (declaration.deals[0].number,)
        findings.append(Finding(type=sort, key=(declaration.number,), others=others))
    return result, findings


def _shipments(declarations: Sequence[Declaration]) -> list[Shipment]:
    """Count the shipments of every deal in the order of declaration."""
    counted: dict[str, int] = {}
    shipments = []
    for declaration in sorted(declarations, key=lambda each: (each.declared, each.number)):
        for deal in declaration.deals:
            counted[deal.number] = counted.get(deal.number, 0) + 1
            lines = [line for line in declaration.lines if line.contract_no == deal.number]
            shipments.append(
                Shipment(
                    deal=deal,
                    number=counted[deal.number],
                    declaration=declaration,
                    lines=tuple(sorted(lines, key=lambda line: line.number)),
                )
            )
    return shipments


def _phantoms(dice: Dice, customs: Customs, deals: list[Deal], vehicles: int) -> list[Declaration]:
    """Declare vehicles that were never bought, under numbers of real contracts."""
    ghosts = Fleet(dice)
    candidates = [
        deal
        for deal in deals
        if not is_spared(deal) and deal.signed <= AS_OF - timedelta(days=_PHANTOM_AGE_DAYS)
    ]
    count = mischief.cases(Sort.PHANTOM_DECLARATION, vehicles, dice)
    phantoms = []
    for deal in dice.some(candidates, count):
        lines = tuple(
            replace(deal.lines[0], number=0, vehicle=vehicle, is_second_sale=False)
            for vehicle in ghosts.buy(dice.between(2, 5), before=deal.signed)
        )
        load = _Load(day=deal.signed + dice.days(10, 28), parts=((deal, lines),))
        phantom = customs.declare(load, border=KHORGOS)
        phantoms.append(replace(phantom, is_phantom=True))
    return phantoms
