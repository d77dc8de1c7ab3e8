"""Receiving (托运人付款核销): what each payment of a shipper settles of its bills.

A payment that names no bill and equals none may repeat one that was paid days ago, be a little more
than one, or a part of the one whose due day is nearest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tallyport.evidence.trade.freight.applying import Share, named, unnamed
from tallyport.evidence.trade.freight.facts import Facts
from tallyport.evidence.trade.freight.model import Due, Item, Part, Payment, Terms
from tallyport.evidence.trade.freight.numbers import Numbers, words

AGAIN_DAYS = 45  # A payment repeated by mistake is repeated soon.
OVER_PERCENT_MAX = 25  # Beyond it a sum is not one bill, paid too much.


def received(facts: Facts, terms: Terms) -> tuple[list[Due], list[Part]]:
    """Return the bills with what was paid of them, and the parts of every payment that came in."""
    dues = [
        Due(
            target=bill.no,
            item=Item.BILL,
            party=bill.shipper,
            since=bill.issued_on,
            due_on=bill.due_on,
            amount_minor=bill.amount_minor,
            left_minor=bill.amount_minor,
        )
        for bill in facts.bills.values()
    ]
    by_no = {due.target: due for due in dues}
    of_shipper: defaultdict[str, list[Due]] = defaultdict(list)
    for due in dues:
        of_shipper[due.party].append(due)
    numbers = Numbers(by_no)
    parts: list[Part] = []
    for payment in facts.payments:
        if not payment.is_in:
            if facts.sides.get(payment.party or "") == "SHIPPER":
                parts.append(_refund(payment, _cited(payment, numbers, by_no, list(by_no))))
            continue
        mine = of_shipper.get(payment.party or "", [])
        cited = _cited(payment, numbers, by_no, [due.target for due in mine])
        if not mine and cited:  # Nobody knows the payer, but it says what it pays.
            mine = of_shipper[cited[0].party]
        slack = 0 if payment.charges_minor else terms.charges_max_minor
        share = _explained(payment, cited, mine, slack)
        parts += book(payment, share, over=_closed(payment, cited, mine), slack=slack)
    return dues, parts


def _cited(
    payment: Payment, numbers: Numbers, by_no: dict[str, Due], among: list[str]
) -> list[Due]:
    found: dict[str, Due] = {}
    for word in words(payment.text):
        meant = numbers.named(word, among)
        if len(meant) == 1:
            found[meant[0]] = by_no[meant[0]]
    return list(found.values())


def _explained(
    payment: Payment, cited: Sequence[Due], mine: Sequence[Due], slack: int
) -> Share | None:
    """Return the surest explanation of a payment, or None."""
    opened = [due for due in mine if due.left_minor > 0 and due.since <= payment.booked_on]
    gross, day = payment.gross_minor, payment.booked_on
    others = [due for due in opened if due not in cited]
    if cited:
        return named(gross, cited, others, slack)
    exact = unnamed(gross, opened, slack, day)
    if exact is not None or not opened or _again(payment, mine):
        return exact
    nearest = min(opened, key=lambda due: (abs((due.due_on - day).days), due.target))
    over = gross - nearest.left_minor
    if over > 0 and over * 100 <= OVER_PERCENT_MAX * nearest.left_minor:
        return Share(
            parts=((nearest, nearest.left_minor),),
            rest_minor=over,
            probability=0.7,
            reason="a little more than is due next",
        )
    if over > 0:
        return None
    return Share(parts=((nearest, gross),), rest_minor=0, probability=0.6, reason="a part of one")


def _again(payment: Payment, mine: Sequence[Due]) -> Due | None:
    """Return the bill of which this is the second payment of the same sum, if there is one."""
    for due in mine:
        if due.left_minor == 0 and due.settled_on is not None:
            days = (payment.booked_on - due.settled_on).days
            if 0 <= days <= AGAIN_DAYS and payment.gross_minor == due.amount_minor:
                return due
    return None


def _closed(payment: Payment, cited: Sequence[Due], mine: Sequence[Due]) -> Due | None:
    """Return the bill that a payment too much is a payment of."""
    return cited[0] if cited else _again(payment, mine)


def book(payment: Payment, share: Share | None, *, over: Due | None, slack: int) -> Iterable[Part]:
    """Book an explanation on the dues, and yield the parts of the payment."""
    if share is None:
        yield Part(
            flow_no=payment.flow_no,
            target=over.target if over else "",
            item=Item.OVER if over else Item.UNEXPLAINED,
            amount_minor=payment.gross_minor,
            probability=0.9,
            reason="nothing of it is left to pay" if over else "agrees with nothing that is due",
        )
        if over is not None:
            over.flows.append(payment.flow_no)
        return
    for due, amount in share.parts:
        due.left_minor -= amount
        due.flows.append(payment.flow_no)
        if due.left_minor == 0:
            due.settled_on = payment.booked_on
        yield Part(
            flow_no=payment.flow_no,
            target=due.target,
            item=due.item,
            amount_minor=amount,
            probability=share.probability,
            reason=share.reason,
        )
    if share.rest_minor:
        is_over = share.rest_minor > 0
        yield Part(
            flow_no=payment.flow_no,
            target=share.parts[-1][0].target,
            item=Item.OVER if is_over else Item.CHARGES,
            amount_minor=share.rest_minor,
            probability=share.probability,
            reason="more than was due" if is_over else f"short by no more than {slack} fen",
        )


def _refund(payment: Payment, cited: Sequence[Due]) -> Part:
    return Part(
        flow_no=payment.flow_no,
        target=cited[0].target if cited else "",
        item=Item.REFUND,
        amount_minor=payment.gross_minor,
        probability=0.95,
        reason="went back to a shipper",
    )
