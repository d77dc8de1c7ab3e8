"""What follows from what happened (推论): which money paid which vehicle, who paid late or never.

Inside an instalment a payment is spread in proportion to what each vehicle owes, by largest
remainder. What is spread is what arrived: a bank's charge comes off the first instalment.

    late       20% or more of an instalment came more than 30 days after it was due
    default    20% or more of it is unpaid more than 60 days after it was due
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tallyport.kernel.money import share_out
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import (
    Finding,
    Instalment,
    Item,
    Line,
    Payment,
    State,
    Stay,
    Waybill,
)
from tallyport.worlds.reality.period import AS_OF
from tallyport.worlds.reality.simulate import Reality
from tallyport.worlds.reality.warehouse import MISSING_AFTER_DAYS

_LATE_AFTER = timedelta(days=30)
_DEFAULT_AFTER = timedelta(days=60)
_SERIOUS_PERCENT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What one payment paid of one instalment for one vehicle, in the deal's currency."""

    payment: Payment
    instalment: Instalment
    line: Line
    amount_minor: int


def allocate(payments: Iterable[Payment]) -> list[Allocation]:
    """Spread every payment over the vehicles of the instalments it settles."""
    allocations = []
    for payment in payments:
        charges = payment.charges_minor
        for part in payment.settlements:
            owed = part.instalment.owed
            shares = share_out(part.amount_minor - charges, [amount for _, amount in owed])
            charges = 0
            allocations += [
                Allocation(
                    payment=payment, instalment=part.instalment, line=line, amount_minor=share
                )
                for (line, _), share in zip(owed, shares, strict=True)
                if share
            ]
    return allocations


def settled(payments: Iterable[Payment]) -> dict[tuple[str, Item, int], int]:
    """Return what was sent for each instalment: by contract, item and shipment."""
    sums: dict[tuple[str, Item, int], int] = {}
    for payment in payments:
        for part in payment.settlements:
            key = key_of(part.instalment)
            sums[key] = sums.get(key, 0) + part.amount_minor
    return sums


def key_of(instalment: Instalment) -> tuple[str, Item, int]:
    """Return what tells one instalment from another."""
    return instalment.contract_no, instalment.item, instalment.shipment


def findings(world: Reality) -> list[Finding]:
    """Return every finding: those planted and those that follow, in a stable order."""
    found = [*world.findings, *_sold_twice(world), *_sanctioned(world), *_unpaid(world)]
    order = list(Sort)
    return sorted(found, key=lambda finding: (order.index(Sort(finding.type)), finding.key))


def _sold_twice(world: Reality) -> list[Finding]:
    """Return the vehicles that stand in two contracts."""
    first = {
        line.vehicle.vin: deal.number
        for deal in world.deals
        for line in deal.lines
        if not line.is_second_sale
    }
    return [
        Finding(
            type=Sort.DOUBLE_SALE,
            key=(line.vehicle.vin,),
            others=(first[line.vehicle.vin], deal.number),
        )
        for deal in world.deals
        for line in deal.lines
        if line.is_second_sale
    ]


def _sanctioned(world: Reality) -> list[Finding]:
    """Return the contracts whose buyer is on the watch list."""
    codes: dict[str, list[str]] = {}
    for registration in world.cast.registrations:
        codes.setdefault(registration.party.id, []).append(registration.code)
    return [
        Finding(type=Sort.SANCTIONED_PARTY, key=(deal.number,), others=tuple(codes[deal.buyer.id]))
        for deal in world.deals
        if deal.buyer.is_watched
    ]


def _unpaid(world: Reality) -> list[Finding]:
    """Return the contracts paid late, and those not paid at all."""
    late_minor: dict[tuple[str, Item, int], int] = {}
    for payment in world.payments:
        for part in payment.settlements:
            due = part.instalment.due
            if due is not None and payment.booked > due + _LATE_AFTER:
                key = key_of(part.instalment)
                late_minor[key] = late_minor.get(key, 0) + part.amount_minor
    sent = settled(world.payments)
    late, unpaid = set(), set()
    for instalment in world.instalments:
        key, serious = key_of(instalment), instalment.amount_minor * _SERIOUS_PERCENT
        if late_minor.get(key, 0) * 100 >= serious:
            late.add(instalment.contract_no)
        open_minor = instalment.amount_minor - sent.get(key, 0)
        if (
            instalment.due
            and instalment.due + _DEFAULT_AFTER < AS_OF
            and open_minor * 100 >= serious
        ):
            unpaid.add(instalment.contract_no)
    return [Finding(type=Sort.LATE_PAYMENT, key=(number,)) for number in sorted(late)] + [
        Finding(type=Sort.PAYMENT_DEFAULT, key=(number,)) for number in sorted(unpaid)
    ]


def progress(waybill: Waybill | None, stay: Stay | None, *, is_declared: bool) -> State:
    """Return how far a vehicle that was sold has come on the as-of day."""
    if stay is not None:
        return State.RELEASED if stay.left is not None else State.AT_WAREHOUSE
    if waybill is not None:
        long_ago = AS_OF - timedelta(days=MISSING_AFTER_DAYS)
        is_missing = waybill.departed.date() < long_ago
        return State.NEVER_ARRIVED if is_missing else State.IN_TRANSIT
    return State.DECLARED if is_declared else State.CONTRACTED
