"""What carriers get (承运人付款): an advance, money on a fuel card, the balance after delivery.

A driver is paid haul by haul, a fleet once a week for all of them. Planted: twice, too much, too
little, late, never, for no haul, to somebody else. The platform takes its fee once a month.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight.firms import stranger
from tallyport.worlds.freight.model import END, Case, Firm, Flow, Haul, Part, Planted

CARD = ("中联油路卡服务有限公司", "6299000000000001")
PLATFORM = ("驼铃网络货运科技有限公司", "6299000000000002")
_SETTLED_BY = END - timedelta(days=45)
_SORTS = (
    Case.PAID_TWICE,
    Case.OVERPAID,
    Case.UNDERPAID,
    Case.PAID_LATE,
    Case.UNPAID,
    Case.STRANGER,
)


def payouts(
    dice: Dice, hauls: list[Haul], carriers: list[Firm]
) -> tuple[list[Flow], list[Planted]]:
    """Return what went out, without numbers as yet, and what is wrong with some of it."""
    flows: list[Flow] = []
    planted: list[Planted] = []
    fates = _fates(dice, hauls)
    weekly: defaultdict[tuple[str, date], list[Haul]] = defaultdict(list)
    for haul in hauls:
        _on_loading(flows, haul)
        if haul.signed is None:
            continue
        signed = haul.signed.date()
        if haul.carrier.is_fleet and haul.no not in fates:
            weekly[haul.carrier.no, signed + timedelta(days=7 - signed.weekday())].append(haul)
        else:
            _after_delivery(dice, flows, planted, haul, fates.get(haul.no))
    for (_, day), some in sorted(weekly.items(), key=lambda pair: pair[0]):
        parts = tuple(_balance(haul, haul.balance_minor) for haul in some)
        _out(flows, day, some[0].carrier, parts)
    _without_haul(dice, flows, planted, carriers, max(2, len(hauls) // 150))
    _fees(flows, hauls)
    return flows, planted


def _fates(dice: Dice, hauls: list[Haul]) -> dict[str, Case]:
    able = [haul.no for haul in hauls if haul.signed and haul.signed.date() <= _SETTLED_BY]
    chosen = dice.some(able, max(len(_SORTS), len(hauls) // 25))
    return {no: _SORTS[number % len(_SORTS)] for number, no in enumerate(chosen)}


def _on_loading(flows: list[Flow], haul: Haul) -> None:
    """Pay the advance and load the fuel card."""
    day = haul.loaded.date()
    if haul.advance_minor:
        part = Part(target=haul.no, item="advance", amount_minor=haul.advance_minor)
        _out(flows, day, haul.carrier, (part,), purpose="预付运费")
    if haul.fuel_minor:
        part = Part(target=haul.no, item="fuel", amount_minor=haul.fuel_minor)
        card = f"油路卡 {haul.plate}"
        _out(flows, day, CARD, (part,), purpose=card)


def _balance(haul: Haul, amount: int) -> Part:
    return Part(target=haul.no, item="balance", amount_minor=amount)


def _after_delivery(
    dice: Dice, flows: list[Flow], planted: list[Planted], haul: Haul, fate: Case | None
) -> None:
    """Pay the balance, or whatever the fate of this haul is."""
    day = (haul.signed or haul.loaded).date() + dice.days(0, 6)
    amount = haul.balance_minor
    over = 0
    to: Firm | tuple[str, str] = haul.carrier
    match fate:
        case Case.OVERPAID:
            over = amount * dice.between(6, 20) // 100
        case Case.UNDERPAID:
            amount = amount * dice.between(60, 90) // 100
        case Case.PAID_LATE:
            day = (haul.signed or haul.loaded).date() + dice.days(9, 30)
        case Case.STRANGER:
            to = stranger(dice)
        case Case.UNPAID:
            planted.append(Planted(case=Case.UNPAID, key=(haul.no,)))
            return
        case _:
            pass
    _out(flows, day, to, (_balance(haul, amount),), over=over)
    if fate is Case.STRANGER:
        planted.append(Planted(case=fate, key=(flows[-1].no, haul.no)))
    elif fate is Case.PAID_TWICE:
        first = flows[-1].no
        again = day + dice.days(1, 10)
        _out(flows, again, haul.carrier, (), over=amount, cites=(haul.no,))
        planted.append(Planted(case=fate, key=(first, flows[-1].no)))
    elif fate is not None:
        planted.append(Planted(case=fate, key=(haul.no,)))


def _without_haul(
    dice: Dice, flows: list[Flow], planted: list[Planted], carriers: list[Firm], count: int
) -> None:
    """Pay carriers for hauls that never were."""
    for number in range(count):
        day = END - dice.days(20, 330)
        cites = (f"YD{day:%y%m%d}8{number:05d}",) if dice.happens(500) else ()
        odd = dice.between(150_001, 990_007)  # Agreed amounts are whole yuan.
        _out(flows, day, dice.pick(carriers), (), over=odd, cites=cites)
        planted.append(Planted(case=Case.PAID_NO_HAUL, key=(flows[-1].no,)))


def _fees(flows: list[Flow], hauls: list[Haul]) -> None:
    """Take the margin of each month."""
    margin: defaultdict[int, int] = defaultdict(int)
    for haul in hauls:
        if haul.signed:
            margin[haul.signed.month] += haul.shipper_minor - haul.carrier_minor
    for month, amount in sorted(margin.items()):
        day = date(END.year, month, 28)
        _out(flows, day, PLATFORM, (), over=amount, purpose="平台服务费")


def _out(
    flows: list[Flow],
    day: date,
    to: Firm | tuple[str, str],
    parts: tuple[Part, ...],
    *,
    over: int = 0,
    purpose: str = "运费",
    cites: tuple[str, ...] | None = None,
) -> None:
    """Book a payment; after the last day nothing is booked."""
    gross = sum(part.amount_minor for part in parts) + over
    if day > END or gross <= 0:
        return
    name, account = (to.name, to.account) if isinstance(to, Firm) else to
    flows.append(
        Flow(
            no=f"@{len(flows)}",
            booked=day,
            is_in=False,
            gross_minor=gross,
            charges_minor=0,
            name=name,
            account=account,
            channel="CARD" if to == CARD else "BANK",
            purpose=purpose,
            cites=tuple(part.target for part in parts) if cites is None else cites,
            parts=parts,
        )
    )
