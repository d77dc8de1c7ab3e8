"""The nouns of the platform (货运名词): what happened, in whole fen and without slips.

shipper ──bill──▶ custody account ──advance, fuel card, balance──▶ carrier
                                  ──service fee──▶ platform
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique

from tallyport.worlds.reality.period import AS_OF

END = AS_OF


@unique
class Case(StrEnum):
    """What can be wrong; the words of the findings that should name it."""

    BILLED_TWICE = "freight_billed_twice"
    NO_HAUL = "billed_without_haul"
    NOT_BILLED = "haul_not_billed"
    FREIGHT_DIFFERS = "billed_freight_differs"
    NO_REASON = "deduction_unexplained"
    BILL_UNDERPAID = "bill_underpaid"
    BILL_OVERPAID = "bill_overpaid"
    BILL_LATE = "bill_paid_late"
    BILL_OVERDUE = "bill_overdue"
    PAID_TWICE = "carrier_paid_twice"
    OVERPAID = "carrier_overpaid"
    UNDERPAID = "carrier_underpaid"
    PAID_LATE = "carrier_paid_late"
    UNPAID = "carrier_unpaid"
    PAID_NO_HAUL = "paid_without_haul"
    STRANGER = "paid_to_stranger"
    TWO_PLACES = "truck_in_two_places"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """A shipper, or a carrier with its trucks."""

    no: str
    side: str
    name: str
    account: str
    terms_days: int = 0  # Of a shipper: from the bill to its due day.
    plates: tuple[str, ...] = ()
    is_fleet: bool = False  # Paid once a week, all hauls together.


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """A load carried from one place to another."""

    no: str
    shipper: Firm
    carrier: Firm
    plate: str
    goods: str
    origin: str
    destination: str
    weight_kg: int
    loaded: datetime
    signed: datetime | None
    shipper_minor: int
    carrier_minor: int
    advance_minor: int
    fuel_minor: int
    loss_minor: int = 0  # Deducted for loss, damage or delay, from both sides alike.
    loss_reason: str = ""

    @property
    def balance_minor(self) -> int:
        """Return what the carrier gets after delivery."""
        return self.carrier_minor - self.advance_minor - self.fuel_minor - self.loss_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A haul on a bill."""

    haul_no: str
    freight_minor: int
    deduction_minor: int
    reason: str

    @property
    def amount_minor(self) -> int:
        """Return what is asked for."""
        return self.freight_minor - self.deduction_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a shipper is asked for, for a month."""

    no: str
    shipper: Firm
    issued: date
    due: date
    lines: tuple[BillLine, ...]

    @property
    def amount_minor(self) -> int:
        """Return the sum of the lines."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a flow was for."""

    target: str  # Number of a bill or haul.
    item: str  # bill, advance, fuel, balance
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A movement on the custody account. `gross_minor` left the payer, charges came off."""

    no: str
    booked: date
    is_in: bool
    gross_minor: int
    charges_minor: int
    name: str
    account: str
    channel: str
    purpose: str
    cites: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A finding that must be made: its key records."""

    case: Case
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """All that happened."""

    firms: tuple[Firm, ...]
    hauls: tuple[Haul, ...]
    bills: tuple[Bill, ...]
    flows: tuple[Flow, ...]
    planted: tuple[Planted, ...]
