"""How buyers behave (付款行为): most pay in time; some late, some never, one gets its money back.

late       the largest instalment comes 36 to 60 days after it was due
default    from one instalment on nothing comes any more
refunded   the deal was financed, paid in full, and the buyer got most of its money back
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum, unique

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Instalment, Terms
from tallyport.worlds.reality.period import AS_OF

LATE_DAYS = (36, 60)
_REFUND_SIGNED = AS_OF - timedelta(days=90)
_REFUND_CURRENCIES = {"USD", "CNY"}


@unique
class Fate(StrEnum):
    """How a deal is paid."""

    PUNCTUAL = "punctual"
    LATE = "late"
    DEFAULT = "default"
    REFUNDED = "refunded"


# What fell due later could not yet be paid late, or be in default, on the as-of day.
_DUE_BEFORE = {
    Fate.LATE: AS_OF - timedelta(days=LATE_DAYS[1]),
    Fate.DEFAULT: AS_OF - timedelta(days=61),
}


def decide(
    dice: Dice, deals: Sequence[Deal], instalments: Sequence[Instalment], vehicles: int
) -> dict[str, Fate]:
    """Choose the deals that are not paid as agreed; the others are punctual."""
    by_deal: dict[str, list[Instalment]] = {}
    for instalment in instalments:
        by_deal.setdefault(instalment.contract_no, []).append(instalment)
    rules = (
        (Fate.REFUNDED, Sort.REFUND_AFTER_FINANCING),
        (Fate.DEFAULT, Sort.PAYMENT_DEFAULT),
        (Fate.LATE, Sort.LATE_PAYMENT),
    )
    fates: dict[str, Fate] = {}
    for fate, sort in rules:
        candidates = [
            deal.number
            for deal in deals
            if deal.number not in fates
            and not is_spared(deal)
            and _may_be(fate, deal, by_deal.get(deal.number, ()))
        ]
        for number in dice.some(candidates, mischief.cases(sort, vehicles, dice)):
            fates[number] = fate
    return fates


def worst(instalments: Sequence[Instalment], fate: Fate) -> Instalment:
    """Return the instalment that `fate` strikes: the largest of those due early enough."""
    struck = [each for each in instalments if _can_strike(fate, each)]
    return max(struck, key=lambda each: (each.amount_minor, -each.shipment))


def _can_strike(fate: Fate, instalment: Instalment) -> bool:
    """Return whether `instalment` fell due early enough for `fate`."""
    return instalment.due is not None and instalment.due <= _DUE_BEFORE[fate]


def _may_be(fate: Fate, deal: Deal, own: Sequence[Instalment]) -> bool:
    """Return whether `fate` could strike `deal`, whose instalments are `own`."""
    if fate is Fate.REFUNDED:
        return (
            deal.terms is Terms.TRANSFER
            and deal.currency in _REFUND_CURRENCIES
            and deal.signed <= _REFUND_SIGNED
        )
    return any(_can_strike(fate, each) for each in own)
