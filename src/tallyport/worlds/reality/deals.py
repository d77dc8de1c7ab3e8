"""Agreements (合同): who sells what to whom, on which terms; and which vehicle is sold twice.

A number is the seller's prefix, the day of signing and a running number of the day:
XJYO-2024040401 is XJYO's first deal of 2024-04-04 (source 000): 12 vehicles for LLC "MILAN" Group,
in USD, 30/70, to Tashkent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief, source_facts
from tallyport.worlds.reality.fleet import Fleet
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Line, Terms, Vehicle
from tallyport.worlds.reality.parties import Cast, Party, Seller
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY
from tallyport.worlds.reality.places import DELIVERY
from tallyport.worlds.reality.rates import USD, Rates
from tallyport.worlds.reality.source_facts import NamedDeal

_SIZES = ((1, 14), (2, 14), (3, 14), (4, 12), (5, 10), (6, 8), (8, 9), (10, 7), (12, 7), (15, 5))
_TERMS = (
    (Terms.DEPOSIT, 46),
    (Terms.TRANSFER, 28),
    (Terms.OPEN_ACCOUNT, 16),
    (Terms.CREDIT_LETTER, 10),
)
_INCOTERMS = (("DAP", 50), ("CPT", 20), ("CIP", 15), ("FCA", 15))
_CURRENCIES = {
    "UZ": ((USD, 72), ("CNY", 14), ("UZS", 14)),
    "KZ": ((USD, 56), ("CNY", 22), ("KZT", 22)),
    "RU": (("RUB", 40), ("CNY", 40), (USD, 20)),
    "KG": ((USD, 80), ("CNY", 20)),
    "TJ": ((USD, 80), ("CNY", 20)),
}
# Prices are rounded to these minor units, so that 30% of a price is whole.
_ROUNDING = {USD: 1_000, "CNY": 10_000, "RUB": 100_000, "KZT": 1_000_000, "UZS": 10_000_000}
_OPTIONS = (
    ("", 60),
    ("俄语车机", 14),
    ("全车贴膜", 8),
    ("冬季轮胎", 8),
    ("备用钥匙", 6),
    ("俄语车机;备用钥匙", 4),
)
_FIRST_SIGNED = FIRST_DAY + timedelta(days=14)
_LAST_SIGNED = AS_OF - timedelta(days=9)
_IN_STOCK_PERCENT = 5
_RESALE_AFTER_DAYS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What is known of a deal before its vehicles are bought."""

    signed: date
    size: int
    seller: Seller
    buyer: Party
    named: NamedDeal | None = None


def sell(dice: Dice, cast: Cast, rates: Rates, vehicles: int) -> tuple[list[Deal], list[Vehicle]]:
    """Return the deals of the year and the vehicles that are still in stock, `vehicles` in all."""
    fleet = Fleet(dice)
    drafts = _drafts(dice, cast, vehicles)
    deals = [
        _deal(dice, fleet, rates, number, draft)
        for number, draft in zip(_numbers(drafts), drafts, strict=True)
    ]
    stock = fleet.buy(vehicles - sum(draft.size for draft in drafts), before=AS_OF)
    return _sell_twice(dice, rates, deals, vehicles), stock


def is_spared(deal: Deal) -> bool:
    """Return whether the source names `deal` or its buyer: nothing goes wrong there on purpose."""
    return deal.number in source_facts.BY_NUMBER or deal.buyer.is_from_source


def _drafts(dice: Dice, cast: Cast, vehicles: int) -> list[_Draft]:
    """Plan the deals in the order of signing, those of the source first on their day."""
    drafts = [
        _Draft(
            signed=named.signed,
            size=named.size,
            seller=cast.sellers[0],
            buyer=cast.milan if named.is_milans else _second_buyer(cast),
            named=named,
        )
        for named in source_facts.DEALS
        if vehicles >= named.world_min
    ]
    left = vehicles - sum(draft.size for draft in drafts) - vehicles * _IN_STOCK_PERCENT // 100
    favourites = {buyer.id: dice.some(cast.sellers, dice.between(1, 2)) for buyer in cast.buyers}
    favourites[cast.milan.id] = [cast.sellers[0]]
    watched = next(buyer for buyer in cast.buyers if buyer.is_watched)
    is_watched_due = vehicles >= mischief.ALL_SORTS_FROM
    while left > 0:
        size = min(left, dice.weigh(_SIZES))
        buyer = watched if is_watched_due else dice.pick(cast.buyers)
        is_watched_due = False
        drafts.append(
            _Draft(
                signed=_FIRST_SIGNED + dice.days(0, (_LAST_SIGNED - _FIRST_SIGNED).days),
                size=size,
                seller=dice.pick(favourites[buyer.id]),
                buyer=buyer,
            )
        )
        left -= size
    return sorted(drafts, key=lambda draft: (draft.signed, draft.named is None))


def _numbers(drafts: list[_Draft]) -> list[str]:
    """Number the deals of every seller and day, around the numbers that the source gives."""
    running: Counter[str] = Counter()
    numbers = []
    for draft in drafts:
        day = f"{draft.seller.prefix}-{draft.signed:%Y%m%d}"
        number = draft.named.number if draft.named else ""
        while not number or (number in source_facts.BY_NUMBER and not draft.named):
            running[day] += 1
            number = f"{day}{running[day]:02d}"
        numbers.append(number)
    return numbers


def _second_buyer(cast: Cast) -> Party:
    """Return a firm in Tashkent or, failing that, any buyer who is not on the watch list."""
    clean = [buyer for buyer in cast.buyers[1:] if not buyer.is_watched]
    return next((buyer for buyer in clean if buyer.country == "UZ"), clean[0])


def _deal(dice: Dice, fleet: Fleet, rates: Rates, number: str, draft: _Draft) -> Deal:
    """Agree on terms, buy the vehicles and price them."""
    named, buyer = draft.named, draft.buyer
    currency = USD if named else dice.weigh(_CURRENCIES[buyer.country])
    bought = [fleet.buy_named(vin, before=draft.signed) for vin in (named.vins if named else ())]
    bought += fleet.buy(draft.size - len(bought), before=draft.signed)
    return Deal(
        number=number,
        seller=draft.seller,
        buyer=buyer,
        signed=draft.signed,
        currency=currency,
        incoterm="DAP" if named else dice.weigh(_INCOTERMS),
        terms=Terms.DEPOSIT if named else dice.weigh(_TERMS),
        destination=DELIVERY[buyer.country],
        lines=tuple(
            Line(
                contract_no=number,
                number=place,
                vehicle=vehicle,
                price_minor=price(rates, vehicle, currency, draft.signed),
                options=dice.weigh(_OPTIONS),
            )
            for place, vehicle in enumerate(bought, start=1)
        ),
    )


def price(rates: Rates, vehicle: Vehicle, currency: str, day: date) -> int:
    """Return the price of `vehicle` in minor units of `currency`, rounded as people do."""
    step = _ROUNDING[currency]
    return max(step, rates.convert(vehicle.value_usd * 100, USD, currency, day) // step * step)


def _sell_twice(dice: Dice, rates: Rates, deals: list[Deal], vehicles: int) -> list[Deal]:
    """Add to some later deals a vehicle that an earlier one has sold to somebody else."""
    by_number = {deal.number: deal for deal in deals}
    wanted = mischief.cases(Sort.DOUBLE_SALE, vehicles, dice)
    firsts = [deal for deal in deals if not is_spared(deal)]
    of_buyer: dict[str, list[int]] = {}
    for at, deal in enumerate(firsts):
        of_buyer.setdefault(deal.buyer.id, []).append(at)
    taken: set[int] = set()  # Deals that sell something for the second time.
    for first in dice.some(firsts, len(firsts)):
        if wanted == 0:
            break
        line = dice.pick(first.lines)
        resold = first.signed + timedelta(days=_RESALE_AFTER_DAYS)
        start = bisect_left(firsts, resold, key=lambda deal: deal.signed)
        out = sorted(at for at in taken.union(of_buyer[first.buyer.id]) if at >= start)
        later = len(firsts) - start - len(out)
        if not later or line.is_second_sale:
            continue
        at = _nth(start, out, dice.between(0, later - 1))
        taken.add(at)
        second = by_number[firsts[at].number]
        again = Line(
            contract_no=second.number,
            number=len(second.lines) + 1,
            vehicle=line.vehicle,
            price_minor=price(rates, line.vehicle, second.currency, second.signed),
            options="",
            is_second_sale=True,
        )
        by_number[second.number] = replace(second, lines=(*second.lines, again))
        wanted -= 1
    return [by_number[deal.number] for deal in deals]


def _nth(start: int, left_out: list[int], place: int) -> int:
    """Return the number at `place` of those from `start` on that are not `left_out` (sorted)."""
    at = start + place
    for one in left_out:
        if one > at:
            break
        at += 1
    return at
