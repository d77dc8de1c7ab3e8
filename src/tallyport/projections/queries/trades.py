"""What pages ask of other kinds of trade (其他贸易): orders, invoices, hauls; how firms settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tallyport.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """An order, an invoice or a haul, and whether its documents and its money agree.

    `id` names the record as lineage does; `records` are others that it rests on.
    """

    id: str
    kind: str  # order, receivable, haul
    party: str  # Who pays.
    counterparty: str
    status: str
    reasons: tuple[str, ...]
    agreed: Money | None
    paid: Money | None
    opened_on: date | None
    done_on: date | None  # Delivered, or settled.
    days_late: int | None
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """How a firm settles what it owes, or how it is paid; `id` is that of its rating."""

    id: str
    role: str  # customer, merchant, shipper, carrier
    party: str
    name: str
    trades: int
    amount: Money
    settled: Money | None
    open: Money | None
    late_bp: int | None
    days_to_pay_tenths: int | None
    ageing: tuple[int, ...]  # Open minor units: not due, 1-30, 31-60, 61-90, over 90 days late.
