"""What goes wrong on purpose (埋设问题): how often, so that a world of 762 vehicles has them all.

From `ALL_SORTS_FROM` vehicles on, every sort that finds a candidate happens at least once; a
smaller world has some of them by chance. The deals and the buyer that the source names stay
untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique

from tallyport.worlds.chance import MILLE, Dice

ALL_SORTS_FROM = 60


@unique
class Sort(StrEnum):
    """The sorts of findings, named as `truth/findings.csv` names them."""

    ODOMETER_ROLLBACK = "odometer_rollback"
    DUPLICATE_INVOICE = "duplicate_invoice"
    DOUBLE_SALE = "double_sale"
    PHANTOM_DECLARATION = "phantom_declaration"
    OVER_INVOICING = "over_invoicing"
    UNDER_INVOICING = "under_invoicing"
    CIRCULAR_PAYMENT = "circular_payment"
    THIRD_PARTY_HIGH_RISK = "third_party_high_risk"
    NEVER_ARRIVED = "never_arrived"
    DUPLICATE_RECEIPT = "duplicate_receipt"
    SANCTIONED_PARTY = "sanctioned_party"
    LATE_PAYMENT = "late_payment"
    PAYMENT_DEFAULT = "payment_default"
    REFUND_AFTER_FINANCING = "refund_after_financing"


# Cases in a hundred thousand vehicles.
_RATES: Mapping[Sort, int] = {
    Sort.ODOMETER_ROLLBACK: 520,
    Sort.DUPLICATE_INVOICE: 400,
    Sort.DOUBLE_SALE: 390,
    Sort.PHANTOM_DECLARATION: 280,
    Sort.OVER_INVOICING: 280,
    Sort.UNDER_INVOICING: 280,
    Sort.CIRCULAR_PAYMENT: 270,
    Sort.THIRD_PARTY_HIGH_RISK: 270,
    Sort.NEVER_ARRIVED: 650,
    Sort.DUPLICATE_RECEIPT: 400,
    Sort.LATE_PAYMENT: 660,
    Sort.PAYMENT_DEFAULT: 400,
    Sort.REFUND_AFTER_FINANCING: 270,
}
_PER_VEHICLE = 100_000


def cases(sort: Sort, vehicles: int, dice: Dice) -> int:
    """Return how many cases of `sort` a world of `vehicles` shall have."""
    whole, rest = divmod(_RATES[sort] * vehicles, _PER_VEHICLE)
    count = whole + dice.happens(rest * MILLE // _PER_VEHICLE)
    return max(count, 1) if vehicles >= ALL_SORTS_FROM else count
