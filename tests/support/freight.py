"""A platform small enough to know by heart: two shippers, two drivers, three hauls, all in order.

YD1   S1 pays 1,000 on ZD1; C1 gets 200 on loading, 300 on the card, 450 after delivery
YD2   S1 pays 2,000 on ZD1; C1 gets 1,900 after delivery
YD3   S2 pays 3,000 on ZD2; C2 gets 2,800 after delivery
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from support.canonical_tables import table

AS_OF = date(2024, 12, 31)
Rows = dict[str, list[dict[str, Any]]]


def _haul(number: int, shipper: str, carrier: str, loaded: int, **sums: str) -> dict[str, Any]:
    day = datetime(2024, 3, loaded, 2, tzinfo=UTC)
    return {
        "haul_no": f"YD24030{number:04}", "shipper_no": shipper, "carrier_no": carrier,
        "plate": f"新A{carrier}", "loaded_at": day, "signed_at": day.replace(day=loaded + 1),
        "currency": "CNY", **sums,
    }  # fmt: skip


def _flow(number: int, day: date, amount: str, name: str, text: str, **more: str) -> dict[str, Any]:
    return {
        "flow_no": f"LS{number}", "booked_on": day, "direction": "DBIT", "amount": amount,
        "currency": "CNY", "counterparty": name, "counterparty_account": f"62{name}",
        "channel": "BANK", "purpose": "运费", "remittance": text, **more,
    }  # fmt: skip


def rows() -> Rows:
    """Return the records, to be changed by whoever asks."""
    names = {"S1": "SHIPPER", "S2": "SHIPPER", "C1": "CARRIER", "C2": "CARRIER", "P1": "CARD"}
    one, two, three = (f"YD24030{number:04}" for number in (1, 2, 3))
    return {
        "freight_party": [
            {"party_no": no, "side": side, "name": f"name of {no}", "account_no": f"62name of {no}"}
            for no, side in names.items()
        ],
        "haul": [
            _haul(1, "S1", "C1", 1, shipper_freight="1000.00", carrier_freight="950.00",
                  advance="200.00", fuel_card="300.00"),
            _haul(2, "S1", "C1", 10, shipper_freight="2000.00", carrier_freight="1900.00"),
            _haul(3, "S2", "C2", 5, shipper_freight="3000.00", carrier_freight="2800.00"),
        ],
        "freight_bill": [
            {"bill_no": "ZD240001", "shipper_no": "S1", "issued_on": date(2024, 4, 1),
             "due_on": date(2024, 5, 1), "amount": "3000.00", "currency": "CNY"},
            {"bill_no": "ZD240002", "shipper_no": "S2", "issued_on": date(2024, 4, 2),
             "due_on": date(2024, 5, 2), "amount": "3000.00", "currency": "CNY"},
        ],
        "freight_bill_line": [
            {"bill_no": "ZD240001", "line_no": 1, "haul_no": one, "freight": "1000.00"},
            {"bill_no": "ZD240001", "line_no": 2, "haul_no": two, "freight": "2000.00"},
            {"bill_no": "ZD240002", "line_no": 1, "haul_no": three, "freight": "3000.00"},
        ],
        "fund_flow": [
            _flow(1, date(2024, 3, 1), "200.00", "name of C1", one, purpose="预付运费"),
            _flow(2, date(2024, 3, 1), "300.00", "name of P1", one, channel="CARD"),
            _flow(3, date(2024, 3, 4), "450.00", "name of C1", one),
            _flow(4, date(2024, 3, 12), "1900.00", "name of C1", two),
            _flow(5, date(2024, 3, 7), "2800.00", "name of C2", three),
            _flow(6, date(2024, 4, 30), "3000.00", "name of S1", "ZD240001", direction="CRDT"),
            _flow(7, date(2024, 5, 2), "3000.00", "name of S2", "ZD240002", direction="CRDT"),
        ],
    }  # fmt: skip


def tables(changed: Mapping[str, list[dict[str, Any]]]) -> dict[str, pl.DataFrame]:
    """Return records as canonical tables."""
    return {kind: table(kind, some) for kind, some in changed.items()}
