"""Paying (承运人付款核销): which haul, and what of it, each payment to a carrier settles.

    on loading       an advance to the carrier, money on its fuel and toll card
    after delivery   the balance: freight less advance, card and deductions for loss or damage

What a payment calls itself decides which dues come first. Exact sums go first, in order of booking;
then what is left of payments is held against hauls that look unpaid: too much or too little for one
delivered shortly before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from rapidfuzz.distance import OSA

from tallyport.evidence.trade.freight.applying import Share, named, unnamed
from tallyport.evidence.trade.freight.facts import Facts, Haul
from tallyport.evidence.trade.freight.model import Due, Item, Part, Payment, Terms
from tallyport.evidence.trade.freight.numbers import Numbers, like, words
from tallyport.evidence.trade.freight.receiving import AGAIN_DAYS, book

ADVANCE_WORDS = ("预付", "ADVANCE")
CARD_CHANNEL = "CARD"
INEXACT_PERCENT = (50, 130)  # A payment that names nothing may still be for a haul of this size.
INEXACT_DAYS = 40


class Payouts:
    """Applies what went out; `dues` and `parts` are the outcome, `strangers` who else was paid."""

    def __init__(self, facts: Facts, terms: Terms) -> None:
        self._facts = facts
        self.dues = [due for haul in facts.hauls.values() for due in _dues(haul, terms)]
        self.parts: list[Part] = []
        self.strangers: list[tuple[str, str]] = []  # flow_no, haul_no
        self.twice: list[tuple[str, str, str]] = []  # flow_no, flow_no, haul_no
        self._of_haul: defaultdict[str, list[Due]] = defaultdict(list)
        self._of_carrier: defaultdict[str, list[Due]] = defaultdict(list)
        self._hauls: defaultdict[str, list[str]] = defaultdict(list)
        for due in self.dues:
            self._of_haul[due.target].append(due)
            self._of_carrier[due.party].append(due)
        for haul in facts.hauls.values():
            self._hauls[haul.carrier].append(haul.no)
        self._numbers = Numbers(facts.hauls)
        self._plates: defaultdict[str, list[str]] = defaultdict(list)
        for haul in facts.hauls.values():
            self._plates[haul.plate].append(haul.no)
        doubtful = [payment for payment in facts.payments if not self._apply(payment)]
        for payment in doubtful:
            self._apply_inexactly(payment)

    def _apply(self, payment: Payment) -> bool:
        """Book a payment, or tell that nothing explains it to the cent."""
        side = self._facts.sides.get(payment.party or "")
        if payment.is_in or side == "SHIPPER":
            return True
        if side == "PLATFORM":
            self._book_whole(payment, "", Item.FEE, "the platform's own")
            return True
        hauls = self._named_hauls(payment)
        if self._is_stranger(payment, hauls):
            self.strangers += [(payment.flow_no, haul.no) for haul in hauls[:1]]
        cited = [due for haul in hauls for due in self._of_haul[haul.no]]
        mine = [
            due
            for due in (cited if side == "CARD" else self._of_carrier.get(payment.party or "", []))
            if due.since <= payment.booked_on
        ]
        wanted = _sort(payment)
        share = self._explained(payment, cited, mine, wanted)
        if share is not None:
            self.parts += book(payment, share, over=None, slack=0)
            return True
        return self._paid_again(payment, cited or mine)

    def _named_hauls(self, payment: Payment) -> list[Haul]:
        """Return the hauls that the text names; a card payment may name the truck instead."""
        among = self._hauls.get(payment.party or "", [])
        if payment.channel == CARD_CHANNEL:
            among = [number for plate in payment.purpose.split() for number in self._plates[plate]]
        elif payment.party is None:
            among = [haul.no for haul in self._facts.hauls.values() if _is_recent(haul, payment)]
        found: dict[str, Haul] = {}
        for word in words(payment.text):
            meant = self._numbers.named(word, among)
            if len(meant) == 1 and meant[0] not in among and among:
                own = like(word, among)  # A slip may make the number of another's haul.
                meant = own if len(own) == 1 else meant
            if len(meant) == 1:
                found[meant[0]] = self._facts.hauls[meant[0]]
        if not found and payment.channel == CARD_CHANNEL:
            near = [self._facts.hauls[number] for number in among]
            near = [
                haul
                for haul in near
                if haul.loaded
                and abs((haul.loaded.date() - payment.booked_on).days) <= 1
                and haul.fuel_minor == payment.gross_minor
            ]
            return near[:1]
        if not found and payment.party is None:
            return self._alike(payment, among)
        return list(found.values())

    def _alike(self, payment: Payment, among: Sequence[str]) -> list[Haul]:
        """Return the one haul of which somebody unknown got the whole balance to the cent."""
        same = [
            number
            for number in among
            for due in self._of_haul[number]
            if due.item is Item.BALANCE and due.left_minor == payment.gross_minor
        ]
        return [self._facts.hauls[same[0]]] if len(same) == 1 else []

    def _is_stranger(self, payment: Payment, hauls: Sequence[Haul]) -> bool:
        """Tell whether somebody else than the carrier of the haul is paid for it."""
        if not hauls or payment.channel == CARD_CHANNEL:
            return False
        if payment.party is not None:
            return all(haul.carrier != payment.party for haul in hauls)
        if payment.is_account_given:
            return True
        carrier = self._facts.names.get(hauls[0].carrier, "")
        return OSA.distance(payment.name, carrier, score_cutoff=1) > 1

    def _explained(
        self, payment: Payment, cited: Sequence[Due], mine: Sequence[Due], wanted: Item
    ) -> Share | None:
        first = [due for due in cited if due.item is wanted]
        opened = [due for due in mine if due.left_minor > 0]
        others = [due for due in opened if due not in cited and due.item is wanted]
        if cited:
            share = named(payment.gross_minor, first, others, 0)
            if share is not None or wanted is not Item.BALANCE:
                return share or named(payment.gross_minor, cited, [], 0)
            return None
        same = [due for due in opened if due.item is wanted]
        return unnamed(payment.gross_minor, same, 0, payment.booked_on)

    def _paid_again(self, payment: Payment, dues: Sequence[Due]) -> bool:
        """Book a payment of what was paid already; tell whether it is one."""
        for due in dues:
            if due.item is not Item.BALANCE or due.settled_on is None:
                continue
            days = (payment.booked_on - due.settled_on).days
            if 0 <= days <= AGAIN_DAYS and payment.gross_minor == due.amount_minor:
                self.twice.append((due.flows[-1], payment.flow_no, due.target))
                self._book_whole(payment, due.target, Item.OVER, "was paid already")
                return True
        return False

    def _apply_inexactly(self, payment: Payment) -> None:
        """Hold a payment against a delivered haul of its carrier that nobody has paid."""
        low, high = INEXACT_PERCENT
        near = [
            due
            for due in self._of_carrier.get(payment.party or "", [])
            if due.item is Item.BALANCE
            and due.left_minor == due.amount_minor > 0
            and low * due.left_minor <= 100 * payment.gross_minor <= high * due.left_minor
            and timedelta(0) <= payment.booked_on - due.since <= timedelta(days=INEXACT_DAYS)
        ]
        if _sort(payment) is not Item.BALANCE or not near:
            self._book_whole(payment, "", Item.UNEXPLAINED, "agrees with nothing that is due")
            return
        due = min(near, key=lambda one: (payment.booked_on - one.since, one.target))
        amount = min(payment.gross_minor, due.left_minor)
        share = Share(
            parts=((due, amount),),
            rest_minor=payment.gross_minor - amount,
            probability=0.6,
            reason="the only unpaid haul of that time and size",
        )
        self.parts += book(payment, share, over=None, slack=0)

    def _book_whole(self, payment: Payment, target: str, item: Item, reason: str) -> None:
        self.parts.append(
            Part(
                flow_no=payment.flow_no,
                target=target,
                item=item,
                amount_minor=payment.gross_minor,
                probability=0.9,
                reason=reason,
            )
        )


def _dues(haul: Haul, terms: Terms) -> list[Due]:
    """Return what the carrier of a haul is owed, and since when."""
    found = []
    if haul.loaded is not None:
        day = haul.loaded.date()
        for item, amount in ((Item.ADVANCE, haul.advance_minor), (Item.FUEL, haul.fuel_minor)):
            if amount:
                found.append(_due(haul, item, amount, day, 0))
    if haul.signed_on is not None:
        rest = haul.carrier_minor - haul.advance_minor - haul.fuel_minor - haul.loss_minor
        found.append(_due(haul, Item.BALANCE, max(rest, 0), haul.signed_on, terms.carrier_days))
    return found


def _due(haul: Haul, item: Item, amount: int, since: date, days: int) -> Due:
    return Due(
        target=haul.no,
        item=item,
        party=haul.carrier,
        since=since,
        due_on=since + timedelta(days=days),
        amount_minor=amount,
        left_minor=amount,
    )


def _is_recent(haul: Haul, payment: Payment) -> bool:
    """Tell whether a haul was delivered in the weeks before a payment."""
    signed = haul.signed_on
    return signed is not None and 0 <= (payment.booked_on - signed).days <= INEXACT_DAYS


def _sort(payment: Payment) -> Item:
    """Return what a payment to a carrier calls itself."""
    if payment.channel == CARD_CHANNEL:
        return Item.FUEL
    if any(word in payment.purpose.upper() for word in ADVANCE_WORDS):
        return Item.ADVANCE
    return Item.BALANCE
