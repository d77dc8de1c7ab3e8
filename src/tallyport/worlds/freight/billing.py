"""Bills (运费账单): each month a shipper gets one for the hauls that were signed for.

Planted: a haul billed again a month later, one left out, one that never was, another freight than
the waybill's, a deduction without a reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight.model import END, Bill, BillLine, Case, Firm, Haul, Planted

_LEFT_OUT_BEFORE_DAYS = 75  # So long ago that nobody can say it will still be billed.


def bills(dice: Dice, hauls: list[Haul]) -> tuple[list[Bill], list[Planted]]:
    """Return bills in order of issue, and what is wrong with some of them."""
    planted: list[Planted] = []
    cases = max(2, len(hauls) // 150)
    old = END - timedelta(days=_LEFT_OUT_BEFORE_DAYS)
    spared = [haul for haul in hauls if haul.signed and haul.signed.date() < old]
    left_out = {haul.no for haul in dice.some(spared, cases)}
    planted += [Planted(case=Case.NOT_BILLED, key=(no,)) for no in sorted(left_out)]
    monthly: defaultdict[tuple[str, int], list[BillLine]] = defaultdict(list)
    firm: dict[str, Firm] = {}
    for haul in hauls:
        if haul.signed is None or haul.no in left_out:
            continue
        firm[haul.shipper.no] = haul.shipper
        monthly[haul.shipper.no, haul.signed.month].append(
            BillLine(
                haul_no=haul.no,
                freight_minor=haul.shipper_minor,
                deduction_minor=haul.loss_minor,
                reason=haul.loss_reason,
            )
        )
    issued = {key: _issued(dice, key[1]) for key in sorted(monthly)}
    found = [
        Bill(
            no=f"{shipper}{month:02d}",
            shipper=firm[shipper],
            issued=issued[shipper, month],
            due=issued[shipper, month] + timedelta(days=firm[shipper].terms_days),
            lines=tuple(monthly[shipper, month]),
        )
        for shipper, month in sorted(monthly)
        if issued[shipper, month] <= END
    ]
    found = _spoiled(dice, found, cases, planted)
    found.sort(key=lambda bill: (bill.issued, bill.no))
    names = {bill.no: f"ZD{bill.issued:%Y%m}{n:04d}" for n, bill in enumerate(found, start=1)}
    named = [
        Planted(case=one.case, key=tuple(names.get(word, word) for word in one.key))
        for one in planted
    ]
    return [replace(bill, no=names[bill.no]) for bill in found], named


def _issued(dice: Dice, month: int) -> date:
    """Return a day in the first week of the next month."""
    first = date(END.year + month // 12, month % 12 + 1, 1)
    return first + dice.days(0, 6)


def _spoiled(dice: Dice, bills: list[Bill], cases: int, planted: list[Planted]) -> list[Bill]:
    """Put what is wrong into the bills; no line is wrong twice."""
    lines = {bill.no: list(bill.lines) for bill in bills}
    places = [(bill.no, at) for bill in bills for at in range(len(bill.lines))]
    chosen = dice.some(places, 3 * cases)
    for number, (bill_no, at) in enumerate(chosen):
        line = lines[bill_no][at]
        if number % 3 == 0:
            dearer = line.freight_minor * dice.between(108, 140) // 100
            lines[bill_no][at] = replace(line, freight_minor=dearer)
            planted.append(Planted(case=Case.FREIGHT_DIFFERS, key=(bill_no, line.haul_no)))
        elif number % 3 == 1:
            less = line.freight_minor * dice.between(4, 12) // 100
            lines[bill_no][at] = replace(line, deduction_minor=less, reason="")
            planted.append(Planted(case=Case.NO_REASON, key=(bill_no, line.haul_no)))
        else:
            later = [b for b in bills if b.shipper.no == bill_no[:6] and b.no > bill_no]
            if later:
                lines[later[0].no].append(line)
                key = (line.haul_no, bill_no, later[0].no)
                planted.append(Planted(case=Case.BILLED_TWICE, key=key))
    for number, bill in enumerate(dice.some(bills, cases)):
        false = BillLine(
            haul_no=f"YD{bill.issued:%y%m%d}9{number:05d}",
            freight_minor=dice.between(2_000, 20_000) * 100,
            deduction_minor=0,
            reason="",
        )
        lines[bill.no].append(false)
        planted.append(Planted(case=Case.NO_HAUL, key=(bill.no,)))
    return [replace(bill, lines=tuple(lines[bill.no])) for bill in bills]
