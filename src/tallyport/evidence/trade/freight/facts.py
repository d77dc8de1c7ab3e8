"""Facts (事实): the tables of a platform as Python values, amounts in fen, payers recognised.

An account in the register says who is on the other side. Where none is given the name must do,
whole or with one slip, if only one party is so called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import polars as pl
from rapidfuzz.distance import OSA

from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.evidence.trade.freight.model import Payment

ZONE = ZoneInfo("Asia/Shanghai")
MINOR = 100
SIDES = ("SHIPPER", "CARRIER", "CARD", "PLATFORM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """A haul, with its days in Chinese time."""

    no: str
    shipper: str
    carrier: str
    plate: str
    loaded: datetime | None
    signed: datetime | None
    shipper_minor: int
    carrier_minor: int
    advance_minor: int
    fuel_minor: int
    loss_minor: int
    place: str

    @property
    def signed_on(self) -> date | None:
        """Return the day of delivery."""
        return None if self.signed is None else self.signed.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill to a shipper."""

    no: str
    shipper: str
    issued_on: date
    due_on: date
    amount_minor: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a bill: the haul's number as it was typed."""

    bill_no: str
    line_no: int
    typed: str
    freight_minor: int
    deduction_minor: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the platform's systems say by the as-of day."""

    as_of: date
    currency: str
    hauls: Mapping[str, Haul]
    bills: Mapping[str, Bill]
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]  # In order of booking.
    names: Mapping[str, str]  # Of parties by number.
    sides: Mapping[str, str]


def facts(tables: Mapping[str, pl.DataFrame], as_of: date) -> Facts:
    """Return the facts in the tables freight_party, haul, freight_bill, ..._line and fund_flow."""
    party, haul, bill, line, flow = (
        tables.get(kind, pl.DataFrame(schema=convert.schema(KINDS[kind])))
        for kind in ("freight_party", "haul", "freight_bill", "freight_bill_line", "fund_flow")
    )
    register = Register(party)
    flows = flow.filter(pl.col("booked_on") <= as_of).sort("booked_on", "flow_no")
    bills = bill.filter(pl.col("issued_on") <= as_of).sort("issued_on", "bill_no")
    hauls = haul.sort("loaded_at", "haul_no", nulls_last=True)
    currencies = flow["currency"].drop_nulls().unique()
    return Facts(
        as_of=as_of,
        currency=str(currencies[0]) if len(currencies) == 1 else "XXX",
        hauls={row["haul_no"]: _haul(row, as_of) for row in hauls.iter_rows(named=True)},
        bills={row["bill_no"]: _bill(row) for row in bills.iter_rows(named=True)},
        lines=tuple(
            Line(
                bill_no=row["bill_no"],
                line_no=row["line_no"],
                typed=row["haul_no"] or "",
                freight_minor=fen(row["freight"]),
                deduction_minor=fen(row["deduction"]),
                reason=row["deduction_reason"] or "",
            )
            for row in line.sort("bill_no", "line_no").iter_rows(named=True)
        ),
        payments=tuple(_payment(row, register) for row in flows.iter_rows(named=True)),
        names=register.names,
        sides=register.sides,
    )


def fen(amount: Decimal | None) -> int:
    """Return an amount in fen; nothing is 0."""
    if amount is None:
        return 0
    return int((amount * MINOR).quantize(Decimal(1), ROUND_HALF_UP))


class Register:
    """Who is known: by account, else by name."""

    def __init__(self, party: pl.DataFrame) -> None:
        self.names: dict[str, str] = {}
        self.sides: dict[str, str] = {}
        self._by_account: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        for row in party.iter_rows(named=True):
            number = row["party_no"]
            self.names[number], self.sides[number] = row["name"] or number, row["side"]
            if row["account_no"]:
                self._by_account[row["account_no"]] = number
            if row["name"]:
                self._by_name.setdefault(row["name"], []).append(number)
        self._near: dict[str, str | None] = {}

    def who(self, account: str | None, name: str) -> str | None:
        """Return the party, or None when nobody or several could be meant."""
        if account:
            return self._by_account.get(account)
        same = self._by_name.get(name, [])
        if same:
            return same[0] if len(same) == 1 else None
        if name not in self._near:
            like = [
                number
                for known, numbers in self._by_name.items()
                for number in numbers
                if OSA.distance(name, known, score_cutoff=1) <= 1
            ]
            self._near[name] = like[0] if len(like) == 1 else None
        return self._near[name]


def _haul(row: Mapping[str, object], as_of: date) -> Haul:
    loaded, signed = _local(row["loaded_at"]), _local(row["signed_at"])
    return Haul(
        no=str(row["haul_no"]),
        shipper=str(row["shipper_no"]),
        carrier=str(row["carrier_no"]),
        plate=str(row["plate"] or ""),
        loaded=loaded,
        signed=signed if signed and signed.date() <= as_of else None,
        shipper_minor=fen(_decimal(row["shipper_freight"])),
        carrier_minor=fen(_decimal(row["carrier_freight"])),
        advance_minor=fen(_decimal(row["advance"])),
        fuel_minor=fen(_decimal(row["fuel_card"])),
        loss_minor=fen(_decimal(row["deduction"])),
        place=f"{row['file']}:{row['line']}",
    )


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _local(moment: object) -> datetime | None:
    return moment.astimezone(ZONE) if isinstance(moment, datetime) else None


def _bill(row: Mapping[str, object]) -> Bill:
    issued, due = row["issued_on"], row["due_on"]
    day = issued if isinstance(issued, date) else date.min
    return Bill(
        no=str(row["bill_no"]),
        shipper=str(row["shipper_no"]),
        issued_on=day,
        due_on=due if isinstance(due, date) else day,
        amount_minor=fen(_decimal(row["amount"])),
        place=f"{row['file']}:{row['line']}",
    )


def _payment(row: Mapping[str, object], register: Register) -> Payment:
    account = str(row["counterparty_account"] or "")
    name = str(row["counterparty"] or "")
    party = register.who(account, name)
    booked = row["booked_on"]
    charges = fen(_decimal(row["charges"]))
    return Payment(
        flow_no=str(row["flow_no"]),
        booked_on=booked if isinstance(booked, date) else date.min,
        is_in=row["direction"] == "CRDT",
        gross_minor=fen(_decimal(row["amount"])) + charges,
        charges_minor=charges,
        party=party,
        is_account_given=bool(account),
        name=name,
        channel=str(row["channel"] or ""),
        purpose=str(row["purpose"] or ""),
        text=str(row["remittance"] or ""),
    )
