"""What is wrong (货运疑点): each finding with the hauls, bills and flows that it rests on.

bills      a haul on two bills, a line without a haul, a haul without a bill, another freight,
           a deduction without a reason
shippers   a bill paid too little, too much, late, or not at all
carriers   a haul paid twice, too much, too little, late, or not at all; a payment without a
           haul, or to somebody else than the carrier
trucks     one truck under way with two loads at one time
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tallyport.evidence.trade.freight.billing import Billed
from tallyport.evidence.trade.freight.facts import MINOR, Facts, Haul
from tallyport.evidence.trade.freight.model import Due, Item, Part, Terms
from tallyport.evidence.trade.freight.paying import Payouts

Row = tuple[str, tuple[str, ...], float, str]

CONTRADICTING = frozenset(
    (
        "freight_billed_twice", "billed_without_haul", "billed_freight_differs",
        "carrier_paid_twice", "carrier_overpaid", "paid_to_stranger", "truck_in_two_places",
    )
)  # fmt: skip


def on_bills(facts: Facts, billed: Sequence[Billed], terms: Terms) -> Iterator[Row]:
    """Yield what is wrong with bills."""
    bills_of: defaultdict[str, list[str]] = defaultdict(list)
    for one in billed:
        line = one.line
        if one.haul_no is None:
            text = (
                f"账单第{line.line_no}行无对应运单 / line {line.line_no} bills"
                f" {yuan(line.freight_minor)} for {line.typed or 'nothing'}: no such haul"
            )
            yield "billed_without_haul", (line.bill_no,), one.probability, text
            continue
        haul = facts.hauls[one.haul_no]
        bills_of[haul.no].append(line.bill_no)
        if abs(line.freight_minor - haul.shipper_minor) > terms.small_minor:
            text = (
                f"账单运费与运单不符 / billed at {yuan(line.freight_minor)},"
                f" the waybill says {yuan(haul.shipper_minor)}"
            )
            yield "billed_freight_differs", (line.bill_no, haul.no), one.probability, text
        if line.deduction_minor > 0 and not line.reason:
            yield (
                "deduction_unexplained",
                (line.bill_no, haul.no),
                one.probability,
                f"扣款无原因 / {yuan(line.deduction_minor)} is deducted without a reason",
            )
    for haul_no, bills in bills_of.items():
        if len(bills) > 1:
            text = f"同一运单入账{len(bills)}次 / one haul is billed {len(bills)} times"
            yield "freight_billed_twice", (haul_no, *bills), 0.98, text
    for haul in facts.hauls.values():
        days = _days_since(facts, haul)
        if days > terms.bill_within_days and haul.no not in bills_of:
            text = f"签收{days}天仍未开单 / delivered {days} days ago and on no bill"
            yield "haul_not_billed", (haul.no,), 0.95, text


def on_shippers(
    facts: Facts, dues: Sequence[Due], parts: Sequence[Part], terms: Terms
) -> Iterator[Row]:
    """Yield what is wrong with the payments of bills."""
    over: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        if part.item is Item.OVER and part.target in facts.bills:
            over[part.target].append(part)
    for due in dues:
        paid = due.amount_minor - due.left_minor
        days = (facts.as_of - due.due_on).days
        if over[due.target]:
            extra = sum(part.amount_minor for part in over[due.target])
            yield (
                "bill_overpaid",
                (due.target, *due.flows),
                min(part.probability for part in over[due.target]),
                f"多付 / {yuan(extra)} more than was billed",
            )
        if due.left_minor <= 0:
            late = (due.settled_on - due.due_on).days if due.settled_on else 0
            if late > terms.late_days:
                text = f"逾期{late}天付清 / paid in full {late} days after it was due"
                yield "bill_paid_late", (due.target, *due.flows), 0.95, text
        elif days > terms.overdue_days and due.left_minor > terms.small_minor:
            share = f"{yuan(due.left_minor)} of {yuan(due.amount_minor)}"
            kind = "bill_underpaid" if paid > 0 else "bill_overdue"
            text = f"到期{days}天仍欠付 / {share} is open {days} days after it was due"
            yield kind, (due.target, *due.flows), 0.95, text


def on_carriers(facts: Facts, payouts: Payouts, terms: Terms) -> Iterator[Row]:
    """Yield what is wrong with the payments to carriers."""
    for first, second, haul_no in payouts.twice:
        text = "同一运单重复支付 / the balance of one haul was paid twice"
        yield "carrier_paid_twice", (first, second, haul_no), 0.95, text
    for flow_no, haul_no in payouts.strangers:
        text = "收款人不是承运人 / somebody else than the carrier was paid"
        yield "paid_to_stranger", (flow_no, haul_no), 0.95, text
    again = {flow_no for _, flow_no, _ in payouts.twice}
    for part in payouts.parts:
        if part.item is Item.UNEXPLAINED:
            text = f"付款无对应运单 / {yuan(part.amount_minor)} was paid for no haul"
            yield "paid_without_haul", (part.flow_no,), part.probability, text
        if part.item is Item.OVER and part.flow_no not in again:
            text = f"多付承运人 / {yuan(part.amount_minor)} more than agreed"
            yield "carrier_overpaid", (part.target, part.flow_no), part.probability, text
    for due in payouts.dues:
        if due.item is Item.BALANCE and due.amount_minor > 0:
            yield from _on_balance(facts, due, terms)


def _on_balance(facts: Facts, due: Due, terms: Terms) -> Iterator[Row]:
    """Yield whether the balance of a haul was paid late, in part or not at all."""
    days = (facts.as_of - due.since).days
    if due.left_minor == 0 and due.settled_on is not None:
        took = (due.settled_on - due.since).days
        if took > terms.carrier_days:
            text = f"签收{took}天后才付清 / paid {took} days after delivery"
            yield "carrier_paid_late", (due.target, *due.flows), 0.95, text
    elif days > terms.unpaid_days and due.left_minor > terms.small_minor:
        kind = "carrier_underpaid" if due.left_minor < due.amount_minor else "carrier_unpaid"
        text = (
            f"签收{days}天仍欠{yuan(due.left_minor)} / {yuan(due.left_minor)} of"
            f" {yuan(due.amount_minor)} is unpaid {days} days after delivery"
        )
        yield kind, (due.target, *due.flows), 0.95, text


def on_trucks(facts: Facts) -> Iterator[Row]:
    """Yield pairs of hauls that one truck carried at one time."""
    trips: defaultdict[str, list[Haul]] = defaultdict(list)
    for haul in facts.hauls.values():
        if haul.plate and haul.loaded and haul.signed:
            trips[haul.plate].append(haul)
    for plate, some in trips.items():
        some.sort(key=lambda haul: (haul.loaded, haul.signed, haul.no))
        for first, second in pairwise(some):
            if second.loaded and first.signed and second.loaded < first.signed:
                text = f"{plate} 同一时间承运两单 / {plate} loaded again before it delivered"
                yield "truck_in_two_places", (first.no, second.no), 0.95, text


def statuses(
    facts: Facts, billed: Sequence[Billed], payouts: Payouts, findings: Sequence[Row]
) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return for each haul whether its papers and money agree, and what is the matter."""
    reasons: defaultdict[str, set[str]] = defaultdict(set)
    for kind, records, _, _ in findings:
        for record in records:
            if record in facts.hauls:
                reasons[record].add(kind)
    on_bill = {one.haul_no for one in billed if one.haul_no}
    open_dues = {due.target for due in payouts.dues if due.left_minor > 0}
    found = {}
    for haul in facts.hauls.values():
        kinds = set(reasons[haul.no])
        if haul.signed is None:
            kinds.add("on_the_way")
        elif haul.no not in on_bill:
            kinds.add("not_billed_yet")
        if haul.no in open_dues:
            kinds.add("not_paid_yet")
        status = "complete"
        if kinds & CONTRADICTING:
            status = "contradicting"
        elif kinds - {"carrier_paid_late", "deduction_unexplained"}:
            status = "partly"
        found[haul.no] = (status, tuple(sorted(kinds)))
    return found


def _days_since(facts: Facts, haul: Haul) -> int:
    return -1 if haul.signed_on is None else (facts.as_of - haul.signed_on).days


def yuan(minor: int) -> str:
    """Return an amount as people read it."""
    return f"{minor / MINOR:,.2f}"
