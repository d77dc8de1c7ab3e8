"""Billing (账单明细对运单): which haul each line of a bill is about.

The number says so, whole or with a slip; where it is no haul of this shipper, the one unbilled haul
of that freight that was delivered in the time of the bill does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from tallyport.evidence.trade.freight.facts import Bill, Facts, Line
from tallyport.evidence.trade.freight.model import Terms
from tallyport.evidence.trade.freight.numbers import Numbers, compact, like


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A line and its haul; none when there is no such haul."""

    line: Line
    haul_no: str | None
    probability: float
    reason: str


def billed(facts: Facts, terms: Terms) -> list[Billed]:
    """Return every line of every bill with its haul."""
    numbers = Numbers(facts.hauls)
    of_shipper: defaultdict[str, list[str]] = defaultdict(list)
    for haul in facts.hauls.values():
        of_shipper[haul.shipper].append(haul.no)
    exact = [numbers.exact(compact(line.typed)) for line in facts.lines]
    taken = Counter(number for number in exact if number is not None)
    found = []
    for line, number in zip(facts.lines, exact, strict=True):
        bill = facts.bills.get(line.bill_no)
        known = facts.hauls.get(number or "")
        is_own = known is not None and (bill is None or known.shipper == bill.shipper)
        if known is not None and is_own and known.shipper_minor == line.freight_minor:
            found.append(Billed(line=line, haul_no=known.no, probability=1.0, reason="same number"))
            continue
        free = [] if bill is None else [one for one in of_shipper[bill.shipper] if not taken[one]]
        one = _guessed(facts, terms, line, bill, free, is_number_known=is_own)
        if one is None and not is_own and bill is not None:
            one = _again(facts, line, of_shipper[bill.shipper])
        if one is None and known is not None:
            one = Billed(line=line, haul_no=known.no, probability=0.95, reason="same number")
        if one is None:
            one = Billed(line=line, haul_no=None, probability=0.95, reason="no such haul")
        if one.haul_no is not None and one.haul_no != number:
            taken[one.haul_no] += 1
        found.append(one)
    return found


def _guessed(
    facts: Facts,
    terms: Terms,
    line: Line,
    bill: Bill | None,
    free: list[str],
    *,
    is_number_known: bool,
) -> Billed | None:
    """Return the unbilled haul that a line means whose number and freight do not agree.

    A number that is a haul of this shipper is another one's only where the freight says so too.
    """
    near = like(compact(line.typed), free) if line.typed else []
    same = [no for no in near if facts.hauls[no].shipper_minor == line.freight_minor]
    chosen = same or ([] if is_number_known else near)
    if len(chosen) == 1:
        return Billed(line=line, haul_no=chosen[0], probability=0.97, reason="number one slip away")
    if is_number_known or bill is None:
        return None
    fitting = []
    for number in free:
        haul = facts.hauls[number]
        days = (bill.issued_on - haul.signed_on).days if haul.signed_on else -1
        if haul.shipper_minor == line.freight_minor and 0 <= days <= terms.bill_within_days:
            fitting.append(number)
    if len(fitting) == 1:
        return Billed(line=line, haul_no=fitting[0], probability=0.9, reason="same freight")
    return None


def _again(facts: Facts, line: Line, among: list[str]) -> Billed | None:
    """Return the haul of this freight, billed already, whose number is one slip away."""
    near = [no for no in like(compact(line.typed), among) if line.typed]
    same = [no for no in near if facts.hauls[no].shipper_minor == line.freight_minor]
    if len(same) != 1:
        return None
    return Billed(line=line, haul_no=same[0], probability=0.9, reason="number one slip away")
