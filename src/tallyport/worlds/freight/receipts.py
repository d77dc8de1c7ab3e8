"""What shippers pay (托运人付款): whole bills, parts, two bills at once, less bank charges.

Planted: too little, too much (or the same twice), long after the due day, not at all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight.model import END, Bill, Case, Flow, Part, Planted

_SETTLED_BY = END - timedelta(days=40)  # Due so long ago that silence says something.
_CHARGED_PER_MILLE = 80
_CHARGES_FEN = (1_500, 8_000)
_USUAL_DAYS = (-5, 8)
_LATE_DAYS = (13, 50)


def receipts(dice: Dice, bills: list[Bill]) -> tuple[list[Flow], list[Planted]]:
    """Return what came in, without numbers as yet: a flow's number is its place in the list."""
    planted: list[Planted] = []
    flows: list[Flow] = []
    fates = _fates(dice, bills)
    of_shipper: defaultdict[str, list[Bill]] = defaultdict(list)
    for bill in bills:
        of_shipper[bill.shipper.no].append(bill)
    for shipper in sorted(of_shipper):
        waiting = of_shipper[shipper]
        while waiting:
            bill, *waiting = waiting
            fate = fates.get(bill.no)
            if fate is not None:
                _planted(dice, bill, fate, flows, planted)
                continue
            day = bill.due + dice.days(*_USUAL_DAYS)
            other = waiting[0] if waiting and waiting[0].no not in fates else None
            if other and other.issued <= day and dice.happens(250):
                waiting = waiting[1:]
                _pay(dice, flows, day, {bill: bill.amount_minor, other: other.amount_minor})
            elif dice.happens(180):
                first = bill.amount_minor * dice.between(30, 70) // 100
                _pay(dice, flows, day - dice.days(1, 12), {bill: first})
                _pay(dice, flows, day, {bill: bill.amount_minor - first})
            else:
                _pay(dice, flows, day, {bill: bill.amount_minor})
    return flows, planted


def _fates(dice: Dice, bills: list[Bill]) -> dict[str, Case]:
    """Choose what is wrong with whose payment."""
    sorts = (Case.BILL_UNDERPAID, Case.BILL_OVERPAID, Case.BILL_LATE, Case.BILL_OVERDUE)
    able = [bill.no for bill in bills if bill.due <= _SETTLED_BY - timedelta(days=_LATE_DAYS[1])]
    chosen = dice.some(able, max(4, len(bills) // 8))
    return {no: sorts[number % len(sorts)] for number, no in enumerate(chosen)}


def _planted(dice: Dice, bill: Bill, fate: Case, flows: list[Flow], planted: list[Planted]) -> None:
    """Let a bill be paid wrongly."""
    day, amount = bill.due + dice.days(*_USUAL_DAYS), bill.amount_minor
    match fate:
        case Case.BILL_UNDERPAID:
            _pay(dice, flows, day, {bill: amount * dice.between(60, 90) // 100})
        case Case.BILL_OVERPAID:
            is_again = dice.happens(400)
            over = 0 if is_again else amount * dice.between(3, 15) // 100
            _pay(dice, flows, day, {bill: amount}, over=over)
            if is_again:
                _pay(dice, flows, day + dice.days(1, 9), {}, over=amount, of=bill)
            if dice.happens(300):
                _refund(dice, flows, bill, day + dice.days(12, 30), over or amount)
        case Case.BILL_LATE:
            _pay(dice, flows, bill.due + dice.days(*_LATE_DAYS), {bill: amount})
        case _:
            pass  # Never paid.
    planted.append(Planted(case=fate, key=(bill.no,)))


def _pay(
    dice: Dice,
    flows: list[Flow],
    day: date,
    amounts: dict[Bill, int],
    *,
    over: int = 0,
    of: Bill | None = None,
) -> None:
    """Book a payment for `amounts`, with what is `over`; after the last day nothing is booked."""
    bills = [*amounts, *([of] if of else [])]
    charges = dice.between(*_CHARGES_FEN) if dice.happens(_CHARGED_PER_MILLE) else 0
    if day > END:
        return
    flows.append(
        Flow(
            no=f"#{len(flows)}",
            booked=day,
            is_in=True,
            gross_minor=sum(amounts.values()) + over,
            charges_minor=charges,
            name=bills[0].shipper.name,
            account=bills[0].shipper.account,
            channel="BANK",
            purpose="运费",
            cites=tuple(bill.no for bill in bills),
            parts=tuple(
                Part(target=bill.no, item="bill", amount_minor=amount)
                for bill, amount in amounts.items()
            ),
        )
    )


def _refund(dice: Dice, flows: list[Flow], bill: Bill, day: date, amount: int) -> None:
    """Send back what was too much."""
    before = len(flows)
    _pay(dice, flows, day, {}, over=amount, of=bill)
    if len(flows) > before:
        flows[-1] = replace(flows[-1], is_in=False, charges_minor=0, purpose="退款")
