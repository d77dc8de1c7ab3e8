"""The canonical records (标准记录): what every source is translated into.

A *kind* is a table, a *field* a column of it. A profile says which column of which file is which
field; everything behind the profile (quality, linkage, dossiers) speaks only these names.

    text     as it came, outer white space removed; "" is null
    code     an identifier: full-width letters folded, upper case, no inner white space; "" is null
    decimal  an exact decimal number (polars Decimal, scale below), never a float
    integer  a whole number
    date     a day
    moment   a point in time, stored in UTC
    flag     true or false

Amounts are decimals in whole units of `currency` with up to four places. Every table has three more
columns that no profile maps: `source` (name of the source in the profile), `file` and `line` (place
of origin: line of a text file, row of a sheet, running number of an element), so that any figure
leads back to its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Type(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CODE = "code"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column. A record without a value in a `required` field goes into quarantine.

    A number below zero is an error of the source unless the field is `signed`; a date after the
    as-of day is one unless the field looks `ahead` (a due date, a promise).
    """

    name: str
    type: Type
    required: bool = False
    signed: bool = False
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One table. `key` names the fields that tell two records apart; empty where none can."""

    name: str
    system: str  # Which of the source systems it comes from.
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return the field called `name`, or None."""
        return next((field for field in self.fields if field.name == name), None)


LINEAGE = ("source", "file", "line")
DECIMAL_SCALE = 10  # Exchange rates need it; amounts use up to four places.

_TYPES = {type_.value: type_ for type_ in Type}


def _kind(name: str, system: str, key: str, fields: str) -> Kind:
    """Build a kind from the table below: `name:type`, then `!` required, `-` signed, `>` ahead."""
    parsed = []
    for word in fields.split():
        field, _, type_ = word.partition(":")
        parsed.append(
            Field(
                name=field,
                type=_TYPES[type_.rstrip("!->")],
                required="!" in type_,
                signed="-" in type_,
                ahead=">" in type_,
            )
        )
    return Kind(name=name, system=system, key=tuple(key.split()), fields=tuple(parsed))


INSPECTION_ITEMS = (
    *("body", "paint", "frame", "flood", "fire", "engine", "gearbox", "chassis", "suspension"),
    *("brakes", "steering", "tyres", "electrics", "air_conditioning", "warnings", "interior"),
    *("belts", "lights", "energy", "road_test"),
)

_ALL = (
    # 1 contract and order
    _kind(
        "contract",
        "contracts",
        "contract_no",
        "contract_no:code! signed_on:date seller:text buyer_name:text buyer_no:code currency:code"
        " incoterm:code payment_terms:text vehicles:integer total:decimal destination:text",
    ),
    _kind(
        "contract_line",
        "contracts",
        "contract_no line_no",
        "contract_no:code! line_no:integer! vin:code model:text model_year:integer"
        " price:decimal currency:code options:text",
    ),
    _kind(
        "order",
        "contracts",
        "order_no",
        "order_no:code! customer_no:code status:text ordered_at:moment approved_at:moment"
        " handed_to_carrier_at:moment delivered_at:moment promised_at:moment>",
    ),
    _kind(
        "order_item",
        "contracts",
        "order_no item_no",
        "order_no:code! item_no:integer! product_no:code seller_no:code ship_by:moment>"
        " price:decimal! freight:decimal",
    ),
    _kind(
        "order_customer",
        "contracts",
        "customer_no",
        "customer_no:code! person_no:code postal_code:code city:text region:code",
    ),
    # 2 vehicle stock record
    _kind(
        "vehicle",
        "vehicles",
        "vin",
        "vin:code! plate:code brand:text model:text model_year:integer energy:text"
        " displacement_ml:integer battery_health_pct:decimal odometer_km:integer"
        " first_registered_on:date bought_on:date cost_cny:decimal stock_state:text",
    ),
    # 3 inspection
    _kind(
        "inspection",
        "inspections",
        "report_no",
        "report_no:code! standard:text station:code vin:code! inspected_on:date"
        " odometer_km:integer "
        + " ".join(f"{item}:decimal" for item in INSPECTION_ITEMS)
        + " score:decimal result:text entered_on:date",
    ),
    # 4 repair, accident, odometer
    _kind(
        "service",
        "service_history",
        "order_no",
        "order_no:code! vin:code! done_on:date odometer_km:integer category:text item:text"
        " cost_cny:decimal",
    ),
    # 5 customs
    _kind(
        "declaration",
        "customs",
        "declaration_no",
        "declaration_no:code! pre_entry_no:code exit_customs:text declared_on:date released_on:date"
        " exporter:text exporter_code:code consignee:text contract_ref:text trade_mode:text"
        " destination_country:text incoterm:code currency:code total:decimal gross_kg:decimal"
        " vehicles:integer note:text entered_on:date",
    ),
    _kind(
        "declaration_line",
        "customs",
        "declaration_no line_no",
        "declaration_no:code! line_no:integer! hs_code:code goods_name:text specification:text"
        " vehicles:integer unit:text unit_price:decimal total:decimal currency:code origin:text",
    ),
    # 6 logistics
    _kind(
        "waybill",
        "logistics",
        "waybill_no",
        "waybill_no:code! mode:code carrier:text vehicle_no:code lock_no:code contract_ref:text"
        " declaration_ref:text consignee:text origin:text destination:text departed_at:moment"
        " vehicles:integer gross_kg:decimal",
    ),
    _kind(
        "waybill_vehicle",
        "logistics",
        "waybill_no position",
        "waybill_no:code! position:integer! vin:code description:text",
    ),
    _kind(
        "leg",
        "logistics",
        "waybill_no leg_no",
        "waybill_no:code! leg_no:integer! origin:text destination:text departed_at:moment"
        " arrived_at:moment event:code",
    ),
    _kind(
        "lock_event",
        "logistics",
        "",
        "lock_no:code! waybill_no:code at:moment! event:code! battery_pct:decimal"
        " temperature_c:decimal-",
    ),
    # 7 overseas warehouse
    _kind(
        "receipt",
        "overseas_warehouse",
        "receipt_no",
        "receipt_no:code! received_on:date warehouse:code vin:code model:text odometer_km:integer"
        " place:text condition:text waybill_ref:text entered_on:date",
    ),
    _kind(
        "release",
        "overseas_warehouse",
        "release_no",
        "release_no:code! released_on:date warehouse:code vin:code receipt_ref:text recipient:text",
    ),
    _kind(
        "stock_count",
        "overseas_warehouse",
        "",
        "counted_on:date! warehouse:code place:text vin:code model:text",
    ),
    # 8 invoices and tax
    _kind(
        "invoice",
        "invoices_tax",
        "invoice_no",
        "invoice_no:code! issued_on:date seller:text seller_tax_no:code buyer:text item:text"
        " vehicles:integer net_cny:decimal- tax_rate:text tax_cny:decimal- total_cny:decimal-"
        " foreign_total:decimal- currency:code exchange_rate:decimal note:text",
    ),
    _kind(
        "tax_rebate",
        "invoices_tax",
        "",
        "batch_no:code declaration_no:code declaration_line:integer invoice_no:code rate:text"
        " amount_cny:decimal state:text filed_on:date received_on:date",
    ),
    _kind(
        "receivable",
        "invoices_tax",
        "invoice_no",
        "invoice_no:code! customer_no:code! country:code issued_on:date! due_on:date>"
        " amount:decimal! currency:code disputed:flag settled_on:date days_late:integer-",
    ),
    # 9 bank and payment
    _kind(
        "bank_entry",
        "bank",
        "entry_no",
        "account_no:code statement_no:code entry_no:code! booked_on:date value_on:date"
        " direction:code! amount:decimal! currency:code! instructed_amount:decimal"
        " instructed_currency:code exchange_rate:decimal charges:decimal counterparty:text"
        " counterparty_account:code counterparty_country:code counterparty_bic:code"
        " remittance:text",
    ),
    _kind(
        "bank_statement",
        "bank",
        "account_no statement_no",
        "account_no:code! statement_no:code! currency:code opening:decimal- closing:decimal-"
        " entries:integer",
    ),
    _kind(
        "order_payment",
        "bank",
        "order_no sequence",
        "order_no:code! sequence:integer! method:text instalments:integer amount:decimal!",
    ),
    # network freight: hauls, bills to shippers, the custody account
    _kind(
        "freight_party",
        "freight",
        "party_no",
        "party_no:code! side:code! name:text account_no:code terms_days:integer",
    ),
    _kind(
        "haul",
        "freight",
        "haul_no",
        "haul_no:code! shipper_no:code! carrier_no:code! plate:code goods:text origin:text"
        " destination:text weight_t:decimal loaded_at:moment signed_at:moment"
        " shipper_freight:decimal! carrier_freight:decimal! advance:decimal fuel_card:decimal"
        " deduction:decimal deduction_reason:text currency:code state:text",
    ),
    _kind(
        "freight_bill",
        "freight",
        "bill_no",
        "bill_no:code! shipper_no:code! issued_on:date! due_on:date> hauls:integer"
        " amount:decimal! currency:code",
    ),
    _kind(
        "freight_bill_line",
        "freight",
        "bill_no line_no",
        "bill_no:code! line_no:integer! haul_no:text freight:decimal! deduction:decimal"
        " deduction_reason:text amount:decimal",
    ),
    _kind(
        "fund_flow",
        "freight",
        "flow_no",
        "flow_no:code! booked_on:date! direction:code! amount:decimal! charges:decimal"
        " currency:code counterparty:text counterparty_account:code channel:code purpose:text"
        " remittance:text",
    ),
    # buyer registry
    _kind(
        "buyer",
        "buyer_registry",
        "buyer_no",
        "buyer_no:code! name_en:text name_local:text name_cn:text country:code tax_no:code"
        " address:text aliases:text authorised_payer:text registered_on:date",
    ),
    # reference
    _kind(
        "seller",
        "reference",
        "prefix",
        "prefix:code! name_cn:text name_en:text tax_no:code customs_code:code",
    ),
    _kind(
        "seller_account",
        "reference",
        "account_no",
        "account_no:code! prefix:code currency:code bank:text bic:code",
    ),
    # One row a day; units of each currency per US dollar.
    _kind(
        "fx_rate",
        "reference",
        "day",
        "day:date! cny:decimal rub:decimal kzt:decimal uzs:decimal",
    ),
    _kind(
        "watch_entry",
        "reference",
        "list_no",
        "list_no:code! programme:text type:text name:text name_cyrillic:text country:code"
        " tax_no:code listed_on:date",
    ),
    _kind("high_risk_country", "reference", "country", "country:code! since:date"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
