"""The nouns of freight reconciliation (货运对账名词).

due      what somebody must pay once: a bill by its shipper; advance, fuel, balance to a carrier
payment  a flow of the custody account, read
part     a share of a payment that settles a due
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, unique

import polars as pl


@unique
class Item(StrEnum):
    """What a part of a payment is for."""

    BILL = "bill"
    ADVANCE = "advance"
    FUEL = "fuel"
    BALANCE = "balance"
    CHARGES = "charges"  # Taken by banks on the way.
    OVER = "over"  # More than was due.
    REFUND = "refund"
    FEE = "fee"  # The platform's own.
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When something is late: conventions of the platform, in days and fen."""

    bill_within_days: int = 45  # From delivery to the bill: a month, and some days to write it.
    late_days: int = 10  # Behind the due day, before a shipper counts as late.
    overdue_days: int = 30
    carrier_days: int = 7  # From delivery to the carrier's money: a week, as fleets are paid.
    unpaid_days: int = 15
    charges_max_minor: int = 10_000  # Banks take no more of one transfer.
    small_minor: int = 100  # A yuan: rounding, not a difference.


@dataclass(slots=True, kw_only=True)
class Due:
    """Something to be paid, and what has been paid of it. It changes while money is applied."""

    target: str  # Number of a bill or haul.
    item: Item
    party: str
    since: date
    due_on: date
    amount_minor: int
    left_minor: int
    settled_on: date | None = None
    flows: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A flow as it was read: whose, and which numbers it names."""

    flow_no: str
    booked_on: date
    is_in: bool
    gross_minor: int  # What left the payer: what arrived and the charges that are stated.
    charges_minor: int
    party: str | None
    is_account_given: bool
    name: str
    channel: str
    purpose: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A share of a payment."""

    flow_no: str
    target: str
    item: Item
    amount_minor: int
    probability: float
    reason: str


PARTS = {
    "flow_no": pl.String,
    "target": pl.String,
    "item": pl.String,
    "amount_minor": pl.Int64,
    "probability": pl.Float64,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FreightCheck:
    """Everything that was found out.

    hauls     one row a haul: what was billed, received and paid, status, reasons, place
    bills     one row a bill: what was settled when, days late, place
    parts     what each payment was for
    shippers  settlement history; carriers likewise
    findings  type, record_ids, probability, explanation
    """

    as_of: date
    currency: str
    hauls: pl.DataFrame
    bills: pl.DataFrame
    parts: pl.DataFrame
    shippers: pl.DataFrame
    carriers: pl.DataFrame
    findings: pl.DataFrame
