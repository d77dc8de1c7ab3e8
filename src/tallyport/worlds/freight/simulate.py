"""A year of the platform (模拟): firms, hauls, bills and money, one stage a stream of chance."""

from __future__ import annotations

from dataclasses import replace

from tallyport.worlds.chance import Dice
from tallyport.worlds.freight import billing, firms, hauls, payouts, receipts
from tallyport.worlds.freight.model import Planted, Platform


def simulate(seed: int, count: int) -> Platform:
    """Return what happened on a platform of about `count` hauls."""
    shippers, carriers = firms.firms(Dice(seed, "freight/firms"), count)
    carried, twins = hauls.hauls(Dice(seed, "freight/hauls"), shippers, carriers, count)
    bills, on_bills = billing.bills(Dice(seed, "freight/billing"), carried)
    came, on_receipts = receipts.receipts(Dice(seed, "freight/receipts"), bills)
    went, on_payouts = payouts.payouts(Dice(seed, "freight/payouts"), carried, carriers)
    flows = sorted([*came, *went], key=lambda flow: (flow.booked, flow.is_in, flow.no))
    numbers = {
        flow.no: f"LS{flow.booked:%Y%m%d}{running:07d}" for running, flow in enumerate(flows, 1)
    }
    planted = [*twins, *on_bills, *on_receipts, *on_payouts]
    return Platform(
        firms=(*shippers, *carriers),
        hauls=tuple(carried),
        bills=tuple(bills),
        flows=tuple(replace(flow, no=numbers[flow.no]) for flow in flows),
        planted=tuple(
            Planted(case=one.case, key=tuple(numbers.get(word, word) for word in one.key))
            for one in planted
        ),
    )
