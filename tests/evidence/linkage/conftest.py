"""A small trade, clean in every paper, that tests spoil in one place each.

Six agreements of three vehicles: signed, paid 30/70, declared, sent by truck, received, invoiced.
`trade` is a fresh copy as rows by kind; `tables` makes the canonical frames of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.sources.vocabulary import KINDS, Type

Rows = dict[str, list[dict[str, Any]]]

AS_OF = date(2024, 12, 31)
AGREEMENTS = 6
CARS = 3
MODELS = (
    ("比亚迪", "Han EV", "LC0CE4CB"),
    ("理想", "L9 Ultra", "HLX33B12"),
    ("丰田", "RAV4", "LFMJW4CV"),
)
DTYPES: Mapping[Type, Any] = {
    Type.TEXT: pl.String,
    Type.CODE: pl.String,
    Type.DECIMAL: pl.Decimal(38, 10),
    Type.INTEGER: pl.Int64,
    Type.DATE: pl.Date,
    Type.MOMENT: pl.Datetime("us", "UTC"),
    Type.FLAG: pl.Boolean,
}


def contract_no(number: int) -> str:
    """Return the number of agreement `number` (0, 1, ...)."""
    return f"XJYO-2024{3 + number:02d}0{number + 1}01"


def declaration_no(number: int) -> str:
    """Return the number of its declaration."""
    return f"9402202400000{10000 + 137 * number}"


def vin(number: int, car: int) -> str:
    """Return the VIN of one of its vehicles."""
    return f"{MODELS[car][2]}{(number + car) % 10}PB{100000 + 7919 * (number * CARS + car + 1):06d}"


def price(number: int, car: int) -> int:
    """Return the price of one of its vehicles, in whole US dollars."""
    return 20_000 + 1_110 * number + 4_730 * car


def total(number: int) -> int:
    """Return what the agreement is worth."""
    return sum(price(number, car) for car in range(CARS))


def signed(number: int) -> date:
    """Return the day of signing."""
    return date(2024, 3 + number, number + 1)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def payment(number: int, place: int, amount: float, day: date, text: str) -> dict[str, Any]:
    """Return a receipt on the seller's dollar account from the buyer of agreement `number`."""
    return {
        "account_no": "6222000010",
        "statement_no": f"2024{day.month:02d}",
        "entry_no": f"T{number}{place}",
        "booked_on": day,
        "value_on": day,
        "direction": "CRDT",
        "amount": Decimal(str(amount)),
        "currency": "USD",
        "counterparty": f"OOO {BUYERS[number]}",
        "counterparty_country": "UZ",
        "remittance": text,
    }


BUYERS = (
    "BARAKA SOKOL",
    "SHUGYLA TRAK",
    "KASKAD DRAYV",
    "URAL MOTORS",
    "ZENIT KARVON",
    "LOTSMAN MAYAK",
)


def _agreement(rows: Rows, number: int) -> None:
    """Add one clean agreement with all its papers."""
    contract, declaration, day = contract_no(number), declaration_no(number), signed(number)
    buyer = f'LLC "{BUYERS[number]}"'
    left, came = day + timedelta(days=20), day + timedelta(days=30)
    rows["buyer"].append(
        {
            "buyer_no": f"B{number}",
            "name_en": buyer,
            "country": "UZ",
            "tax_no": f"77{number}00{number}",
        }
    )
    rows["contract"].append(
        {
            "contract_no": contract,
            "signed_on": day,
            "seller": "新疆亚欧",
            "buyer_name": buyer,
            "buyer_no": f"B{number}",
            "currency": "USD",
            "payment_terms": "30/70",
            "vehicles": CARS,
            "total": Decimal(total(number)),
            "destination": "Tashkent",
        }
    )
    rows["declaration"].append(
        {
            "declaration_no": declaration,
            "declared_on": left - timedelta(days=2),
            "released_on": left - timedelta(days=1),
            "exporter_code": "6501910000",
            "consignee": f"OOO {BUYERS[number]}",
            "contract_ref": contract,
            "currency": "USD",
            "total": Decimal(total(number)),
            "gross_kg": Decimal(5000 + 10 * number),
            "vehicles": CARS,
        }
    )
    rows["waybill"].append(
        {
            "waybill_no": f"W{number}",
            "mode": "TRUCK",
            "contract_ref": contract,
            "declaration_ref": declaration if number % 2 else None,
            "departed_at": _at(left),
            "vehicles": CARS,
            "gross_kg": Decimal(5025 + 10 * number),
            "lock_no": f"L{number}",
        }
    )
    for car, (brand, model, _) in enumerate(MODELS):
        number_plate = vin(number, car)
        rows["vehicle"].append(
            {
                "vin": number_plate,
                "brand": brand,
                "model": model,
                "model_year": 2023,
                "odometer_km": 30_000,
                "bought_on": day - timedelta(days=40),
                "stock_state": "已售",
            }
        )
        rows["contract_line"].append(
            {
                "contract_no": contract,
                "line_no": car + 1,
                "vin": number_plate,
                "model": f"{brand} {model}",
                "model_year": 2023,
                "currency": "USD",
                "price": Decimal(price(number, car)),
            }
        )
        rows["declaration_line"].append(
            {
                "declaration_no": declaration,
                "line_no": car + 1,
                "vehicles": 1,
                "currency": "USD",
                "specification": f"0|0|二手乘用车|{brand}牌{model}|5座|VIN:{number_plate}",
                "unit_price": Decimal(price(number, car)),
                "total": Decimal(price(number, car)),
            }
        )
        rows["waybill_vehicle"].append(
            {
                "waybill_no": f"W{number}",
                "position": car + 1,
                "vin": number_plate[-8:],
                "description": f"XX {model}",
            }
        )
        rows["receipt"].append(
            {
                "receipt_no": f"TAS-{number}{car}",
                "received_on": came,
                "warehouse": "TAS-1",
                "vin": number_plate,
                "model": f"XX {model}",
                "odometer_km": 30_010,
                "waybill_ref": f"W{number}",
            }
        )
        rows["invoice"].append(
            {
                "invoice_no": f"2465200000000{number}{car}",
                "issued_on": left,
                "buyer": buyer,
                "seller_tax_no": "91650100",
                "vehicles": 1,
                "currency": "USD",
                "foreign_total": Decimal(price(number, car)),
                "note": f"车架号：{number_plate} 合同号：{contract}",
            }
        )
        rows["service"].append(
            {
                "order_no": f"WX{number}{car}",
                "vin": number_plate,
                "odometer_km": 20_000,
                "done_on": day - timedelta(days=200),
                "category": "维修保养",
            }
        )
    rows["bank_entry"].append(
        payment(
            number, 1, total(number) * 0.3, day + timedelta(days=5), f"CONTRACT {contract} DEPOSIT"
        )
    )
    rows["bank_entry"].append(
        payment(
            number, 2, total(number) * 0.7, came + timedelta(days=8), f"CONTRACT {contract} BALANCE"
        )
    )


@pytest.fixture
def trade() -> Rows:
    """Return a fresh clean trade, as rows by kind."""
    rows: Rows = {kind: [] for kind in KINDS}
    rows["seller"].append(
        {
            "prefix": "XJYO",
            "name_cn": "新疆亚欧",
            "tax_no": "91650100",
            "customs_code": "6501910000",
        }
    )
    rows["seller_account"].append(
        {"account_no": "6222000010", "prefix": "XJYO", "currency": "USD", "bank": "TARIM BANK"}
    )
    rows["high_risk_country"].append({"country": "KP", "since": date(2020, 1, 1)})
    rows["watch_entry"].append(
        {"list_no": "WL-1", "name": "YASEN PEGAS", "country": "UZ", "tax_no": None}
    )
    rows["fx_rate"].append(
        {
            "day": date(2024, 1, 1),
            "cny": Decimal("7.1"),
            "rub": Decimal(90),
            "kzt": Decimal(450),
            "uzs": Decimal(12600),
        }
    )
    for number in range(AGREEMENTS):
        _agreement(rows, number)
    return rows


def frames(rows: Rows) -> dict[str, pl.DataFrame]:
    """Return `rows` as canonical tables."""
    result = {}
    for name, kind in KINDS.items():
        schema = {field.name: DTYPES[field.type] for field in kind.fields}
        full = [
            {field: one.get(field) for field in schema} | {"source": name, "file": name, "line": at}
            for at, one in enumerate(rows[name], start=2)
        ]
        lineage = {"source": pl.String, "file": pl.String, "line": pl.Int64}
        result[name] = pl.DataFrame(full, schema={**schema, **lineage})
    return result


@pytest.fixture
def tables() -> Callable[[Rows], dict[str, pl.DataFrame]]:
    """Return the function that turns rows into canonical tables."""
    return frames


@pytest.fixture
def matched() -> Callable[[Rows], Matching]:
    """Return the function that matches rows as of the last day of the year."""
    return lambda rows: match(frames(rows), as_of=AS_OF)


@pytest.fixture
def said() -> Callable[[Rows, str], list[list[str]]]:
    """Return the function that lists the records of the findings of one kind."""

    def of_kind(rows: Rows, kind: str) -> list[list[str]]:
        found = match(frames(rows), as_of=AS_OF).findings
        return [ids.split(";") for ids in found.filter(pl.col("type") == kind)["record_ids"]]

    return of_kind
