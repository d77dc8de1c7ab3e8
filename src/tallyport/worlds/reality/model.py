"""The nouns of the true world (真实世界): who sold which vehicle to whom, how it went, who paid.

    Deal ──▶ Line ──▶ Vehicle           an agreement and its vehicles
     │         │
     │         └──▶ Declaration ──▶ Waybill ──▶ Receipt ──▶ Release
     └──▶ Instalment ◀── Settlement ── Payment

Amounts are whole minor units of the currency beside them; days are days where they happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique

from tallyport.worlds.reality.catalogue import Model
from tallyport.worlds.reality.parties import Account, Party, Seller
from tallyport.worlds.reality.places import Border, Destination


@unique
class Terms(StrEnum):
    """When a buyer owes what (付款条件)."""

    DEPOSIT = "30/70"  # 30% within 7 days of signing, 70% within 10 days of the last arrival.
    TRANSFER = "100% T/T"  # All of it within 10 days of signing.
    CREDIT_LETTER = "L/C at sight"  # Each shipment within 21 days of its release.
    OPEN_ACCOUNT = "60 days O/A"  # Each shipment within 60 days of its release.


@unique
class Item(StrEnum):
    """What an instalment is for."""

    DEPOSIT = "deposit"
    BALANCE = "balance"
    FULL = "full"
    CREDIT_LETTER = "lc"
    OPEN_ACCOUNT = "open_account"


@unique
class State(StrEnum):
    """How far a vehicle has come on the as-of day."""

    IN_STOCK = "in_stock"
    CONTRACTED = "contracted"
    DECLARED = "declared"
    IN_TRANSIT = "in_transit"
    NEVER_ARRIVED = "never_arrived"
    AT_WAREHOUSE = "at_warehouse"
    RELEASED = "released"


@unique
class EntryKind(StrEnum):
    """What a bank entry is, besides a buyer's receipt."""

    PURCHASE = "purchase"
    FREIGHT = "freight"
    CUSTOMS_FEE = "customs_fee"
    SERVICE = "service"
    BANK_CHARGE = "bank_charge"
    TAX_REBATE = "tax_rebate"
    FINANCING = "financing"
    LOAN_REPAYMENT = "loan_repayment"
    CIRCULAR_OUT = "circular_out"
    REFUND_OVER = "refund_over"
    REFUND_AFTER_FINANCING = "refund_after_financing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A used car. `odometer_km` is what it showed when it was bought, turned back or not."""

    vin: str
    plate: str
    model: Model
    year: int
    odometer_km: int
    battery_permille: int | None  # State of health; None without a traction battery.
    first_registered: date
    bought: date
    value_usd: int  # What a buyer abroad pays for it, in whole dollars.
    cost_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A work order of a garage, or an accident as the insurer recorded it."""

    number: str
    vin: str
    day: date
    odometer_km: int
    is_accident: bool
    what: str
    cost_yuan: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A report of an independent station: twenty items, 0 to 100 each."""

    number: str
    station: str
    vin: str
    day: date
    odometer_km: int
    scores: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One vehicle of one agreement. The second sale of a vehicle is a line that nothing ships."""

    contract_no: str
    number: int
    vehicle: Vehicle
    price_minor: int
    options: str
    is_second_sale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An agreement (合同) between a seller and a buyer."""

    number: str
    seller: Seller
    buyer: Party
    signed: date
    currency: str
    incoterm: str
    terms: Terms
    destination: Destination
    lines: tuple[Line, ...]

    @property
    def total_minor(self) -> int:
        """What all its vehicles cost together."""
        return sum(line.price_minor for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One goods line (项号) of a declaration: vehicles of one model."""

    number: int
    model: Model
    lines: tuple[Line, ...]
    total_minor: int  # As declared, in the declaration's currency.


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """An export declaration (报关单). A phantom one declares vehicles that do not exist."""

    number: str
    border: Border
    declared: date
    released: date
    deals: tuple[Deal, ...]
    currency: str
    goods: tuple[Goods, ...]
    value_bp: int  # Declared value in basis points of the agreed one.
    is_phantom: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its vehicles in the order of the goods lines."""
        return tuple(line for goods in self.goods for line in goods.lines)

    @property
    def total_minor(self) -> int:
        """Declared value in `currency`."""
        return sum(goods.total_minor for goods in self.goods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """The part of a deal that goes on one declaration; counted 1, 2, 3 within the deal."""

    deal: Deal
    number: int
    declaration: Declaration
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One stretch of a journey; `arrived` is None while it lasts."""

    number: int
    origin: str
    destination: str
    departed: datetime
    arrived: datetime | None
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEvent:
    """What a smart lock sent by satellite."""

    at: datetime
    event: str
    battery_pct: int
    temperature_c: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """One truck, container or train with vehicles of one declaration."""

    number: str
    mode: str
    carrier: str
    vehicle_no: str
    lock_no: str
    declaration: Declaration
    lines: tuple[Line, ...]
    legs: tuple[Leg, ...]
    lock_events: tuple[LockEvent, ...]

    @property
    def departed(self) -> datetime:
        """When it left the seller's yard."""
        return self.legs[0].departed

    @property
    def arrived(self) -> datetime | None:
        """When it reached the warehouse, or None while it is under way."""
        last, goal = self.legs[-1], self.declaration.deals[0].destination
        return last.arrived if last.destination == goal.city else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An act of acceptance (入库单) at an overseas warehouse."""

    number: str
    day: date
    site: Destination
    place: str
    odometer_km: int
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A vehicle's time at a warehouse, from its arrival until it left or the as-of day came.

    `act` is None where nobody wrote one: the vehicle was seen all the same. `second_act` is a
    second receipt for the one arrival.
    """

    waybill: Waybill
    line: Line
    arrived: date
    place: str
    act: Receipt | None
    second_act: Receipt | None
    left: date | None
    release_no: str
    recipient: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """What is owed at one moment, vehicle by vehicle; `due` is None until its event happened."""

    contract_no: str
    item: Item
    shipment: int  # 0 where the whole deal is meant.
    due: date | None
    owed: tuple[tuple[Line, int], ...]

    @property
    def amount_minor(self) -> int:
        """What is owed in all."""
        return sum(amount for _, amount in self.owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A payment's part for one instalment, before charges."""

    instalment: Instalment
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came from or for a buyer. What arrives is `statement_minor` on `account`."""

    id: str
    account: Account
    booked: date
    valued: date
    payer: Party
    deals: tuple[Deal, ...]
    currency: str
    settlements: tuple[Settlement, ...]
    excess_minor: int  # Paid above what was due; stays unallocated.
    charges_minor: int  # Deducted on the way; comes off the first settlement.
    rate_e10: int  # Units of the account's currency per unit of `currency`, times 10**10.
    statement_minor: int

    @property
    def gross_minor(self) -> int:
        """What the payer instructed."""
        return sum(part.amount_minor for part in self.settlements) + self.excess_minor

    @property
    def is_converted(self) -> bool:
        """Whether the seller's bank exchanged it."""
        return self.account.currency != self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A bank entry of the seller's own business, in the currency of `account`."""

    id: str
    kind: EntryKind
    account: Account
    booked: date
    is_credit: bool
    amount_minor: int
    counterparty: Party | str  # A firm of this world, or the name of a domestic office.
    remittance: str
    contract_no: str = ""
    linked_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An export invoice (出口发票) for some vehicles of one shipment."""

    number: str
    day: date
    shipment: Shipment
    lines: tuple[Line, ...]
    foreign_minor: int
    rate_e6: int  # CNY per unit of the deal's currency, times 10**6.
    total_fen: int
    repeats: str = ""  # Number of the invoice that this one duplicates.


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebate:
    """A claim of export tax rebate (出口退税) for one goods line and one invoice."""

    declaration_no: str
    declaration_line: int
    invoice_no: str
    seller: Seller
    amount_fen: int
    filed: date | None
    received: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong that was done on purpose; `key` are the records that prove it."""

    type: str
    key: tuple[str, ...]
    others: tuple[str, ...] = ()
