"""How buyers behave (付款行为): most pay in time; some late, some never, one gets its money back.

late       the largest instalment comes 36 to 60 days after it was due
default    from one instalment on nothing comes any more
refunded   the deal was financed, paid in full, and the buyer got most of its money back
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum, unique

from tallyport.worlds.chance import Dice
from tallyport.worlds.reality import mischief
from tallyport.worlds.reality.deals import is_spared
from tallyport.worlds.reality.mischief import Sort
from tallyport.worlds.reality.model import Deal, Instalment, Terms
from tallyport.worlds.reality.period import AS_OF

LATE_DAYS = (36, 60)
_LATE_DUE = AS_OF - timedelta(days=LATE_DAYS[1])
_DEFAULT_DUE = AS_OF - timedelta(days=61)
_REFUND_SIGNED = AS_OF - timedelta(days=90)
_REFUND_CURRENCIES = {"USD", "CNY"}


@unique
class Fate(StrEnum):
    """How a deal is paid."""

    PUNCTUAL = "punctual"
    LATE = "late"
    DEFAULT = "default"
    REFUNDED = "refunded"


def decide(
    dice: Dice, deals: Sequence[Deal], instalments: Sequence[Instalment], vehicles: int
) -> dict[str, Fate]:
    """Choose the deals that are not paid as agreed; the others are punctual."""
    due_by = _latest_due(instalments)
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
            if deal.number not in fates and not is_spared(deal) and _may_be(fate, deal, due_by)
        ]
        for number in dice.some(candidates, mischief.cases(sort, vehicles, dice)):
            fates[number] = fate
    return fates


def worst(instalments: Sequence[Instalment], fate: Fate) -> Instalment:
    """Return the instalment that `fate` strikes: the largest of those due early enough."""
    before = _LATE_DUE if fate is Fate.LATE else _DEFAULT_DUE
    struck = [each for each in instalments if each.due is not None and each.due <= before]
    return max(struck, key=lambda each: (each.amount_minor, -each.shipment))


def _latest_due(instalments: Sequence[Instalment]) -> Mapping[str, Sequence[Instalment]]:
    """Return the instalments of each deal that fell due early enough to be struck."""
    found: dict[str, list[Instalment]] = {}
    for each in instalments:
        if each.due is not None and each.due <= max(_LATE_DUE, _DEFAULT_DUE):
            found.setdefault(each.contract_no, []).append(each)
    return found


def _may_be(fate: Fate, deal: Deal, due_by: Mapping[str, Sequence[Instalment]]) -> bool:
    """Return whether `fate` could strike `deal`."""
    match fate:
        case Fate.REFUNDED:
            return (
                deal.terms is Terms.TRANSFER
                and deal.currency in _REFUND_CURRENCIES
                and deal.signed <= _REFUND_SIGNED
            )
        case Fate.LATE:
            before = _LATE_DUE
        case Fate.DEFAULT:
            before = _DEFAULT_DUE
        case Fate.PUNCTUAL:
            return True
    return any(each.due is not None and each.due <= before for each in due_by.get(deal.number, ()))
