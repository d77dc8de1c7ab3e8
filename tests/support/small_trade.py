"""A trade small enough to know by heart: four vehicles, and what linkage says of them.

VIN-A   sold to B1, declared, arrived, paid in full           matched
VIN-B   sold to B1, declared, on its way, deposit not paid    partly
VIN-C   sold to B2 at 10,000, declared at 6,000               contradicting
VIN-D   in stock                                              partly
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import polars as pl

from support.canonical_tables import table
from tallyport.evidence.linkage.model import Matching
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS

AS_OF = date(2024, 12, 31)

_INSPECTED = dict.fromkeys(INSPECTION_ITEMS, "90")


def tables() -> dict[str, pl.DataFrame]:
    """Return the canonical tables."""
    day = date(2024, 4, 4)
    moment = datetime(2024, 4, 20, 1, 30, tzinfo=UTC)
    rows: Mapping[str, list[Mapping[str, object]]] = {
        "seller": [{"prefix": "XJYO", "name_cn": "新程", "name_en": "NEWVOYAGE"}],
        "buyer": [{"buyer_no": "B1", "name_en": "ONE LLC"}, {"buyer_no": "B2", "name_en": "TWO"}],
        "contract": [
            {"contract_no": "XJYO-1", "signed_on": day, "seller": "新程", "buyer_name": "One",
             "buyer_no": "B1", "currency": "USD", "payment_terms": "30/70", "vehicles": 2},
            {"contract_no": "XJYO-2", "signed_on": day, "seller": "新程", "buyer_name": "Two",
             "buyer_no": "B2", "currency": "USD", "payment_terms": "100% T/T", "vehicles": 1},
        ],
        "contract_line": [
            {"contract_no": "XJYO-1", "line_no": 1, "vin": "VIN-A", "price": "22380.00",
             "currency": "USD"},
            {"contract_no": "XJYO-1", "line_no": 2, "vin": "VIN-B", "price": "12000.50",
             "currency": "USD"},
            {"contract_no": "XJYO-2", "line_no": 1, "vin": "VIN-C", "price": "10000.00",
             "currency": "USD"},
        ],
        "vehicle": [{"vin": f"VIN-{letter}", "brand": "北京"} for letter in "ABCD"],
        "inspection": [
            {"report_no": "R1", "vin": "VIN-A", "inspected_on": date(2024, 4, 1), **_INSPECTED}
        ],
        "declaration": [
            {"declaration_no": "D1", "declared_on": date(2024, 4, 18), "consignee": "ONE",
             "currency": "USD", "total": "34380.50", "vehicles": 2},
            {"declaration_no": "D2", "declared_on": date(2024, 4, 18), "consignee": "TWO",
             "currency": "USD", "total": "6000.00", "vehicles": 1},
        ],
        "declaration_line": [
            {"declaration_no": "D1", "line_no": 1, "vehicles": 2},
            {"declaration_no": "D2", "line_no": 1, "vehicles": 1},
        ],
        "waybill": [{"waybill_no": "W1", "departed_at": moment, "lock_no": "L"}],
        "waybill_vehicle": [
            {"waybill_no": "W1", "position": 1, "vin": "VIN-A"},
            {"waybill_no": "W1", "position": 2, "vin": "VIN-B"},
        ],
        "leg": [{"waybill_no": "W1", "leg_no": 1, "departed_at": moment}],
        "lock_event": [{"lock_no": "L", "waybill_no": "W1", "at": moment, "event": "SEALED"}],
        "receipt": [{"receipt_no": "P1", "received_on": date(2024, 5, 2), "vin": "VIN-A"}],
        "invoice": [{"invoice_no": "I1", "issued_on": day}],
        "tax_rebate": [{"batch_no": "T", "invoice_no": "I1", "declaration_no": "D1"}],
        "bank_entry": [
            {"entry_no": "E1", "booked_on": date(2024, 4, 10), "direction": "CRDT",
             "amount": "6714.00", "currency": "USD", "counterparty": "ONE LLC"},
            {"entry_no": "E2", "booked_on": date(2024, 5, 20), "direction": "CRDT",
             "amount": "15666.00", "currency": "USD", "counterparty": "ONE LLC"},
            {"entry_no": "E3", "booked_on": date(2024, 4, 12), "direction": "CRDT",
             "amount": "10000.00", "currency": "USD", "counterparty": "TWO"},
        ],
        "fx_rate": [
            {"day": day, "cny": "7.2"}, {"day": date(2024, 4, 10), "cny": "7.25"},
            {"day": date(2024, 4, 12), "cny": "7.25"}, {"day": date(2024, 5, 20), "cny": "7.0"},
        ],
    }  # fmt: skip
    return {kind: table(kind, some) for kind, some in rows.items()}


def matching() -> Matching:
    """Return what linkage makes of it."""
    links = [
        ("VIN-A", "contract_line", "XJYO-1/1", 1.0, "VIN on the line"),
        ("VIN-B", "contract_line", "XJYO-1/2", 1.0, "VIN on the line"),
        ("VIN-C", "contract_line", "XJYO-2/1", 1.0, "VIN on the line"),
        ("VIN-A", "declaration_line", "D1/1", 0.98765, "same VIN; same agreement"),
        ("VIN-B", "declaration_line", "D1/1", 0.9, "same model"),
        ("VIN-C", "declaration_line", "D2/1", 0.99, "same VIN"),
        ("VIN-A", "waybill_vehicle", "W1/1", 0.999, "same VIN"),
        ("VIN-B", "waybill_vehicle", "W1/2", 0.999, "same VIN"),
        ("VIN-A", "receipt", "P1", 0.999, "same VIN"),
        ("VIN-A", "invoice", "I1", 0.999, "same VIN"),
        ("VIN-B", "invoice", "I1", 0.3, "VIN two slips away"),
        ("VIN-A", "inspection", "R1", 1.0, "same VIN"),
    ]
    triads = [
        ("VIN-A", "D1", 1, "E1", 671_400, "USD", 0.9),
        ("VIN-A", "D1", 1, "E2", 1_566_600, "USD", 1.0),
        ("VIN-B", "D1", 1, None, None, None, 0.9),
        ("VIN-C", "D2", 1, "E3", 1_000_000, "USD", 0.99),
    ]
    allocations = [
        ("E1", "XJYO-1", "deposit", 0, "VIN-A", 671_400, "USD", 0.9, "settles deposit"),
        ("E2", "XJYO-1", "balance", 1, "VIN-A", 1_566_600, "USD", 1.0, "settles balance"),
        ("E3", "XJYO-2", "full", 0, "VIN-C", 1_000_000, "USD", 1.0, "settles full"),
    ]
    instalments = [
        ("XJYO-1", "deposit", 0, date(2024, 4, 11), 1_031_415, 671_400, "USD"),
        ("XJYO-1", "balance", 1, date(2024, 5, 12), 1_566_600, 1_566_600, "USD"),
        ("XJYO-2", "full", 0, date(2024, 4, 14), 1_000_000, 1_000_000, "USD"),
    ]
    parties = [
        ("registry:B1", "c1", 0.99), ("contract:XJYO-1", "c1", 0.99), ("payment:E1", "c1", 0.97),
        ("registry:B2", "c2", 0.99), ("contract:XJYO-2", "c2", 0.99), ("declaration:D2", "c2", 1.0),
    ]  # fmt: skip
    findings = [
        ("under_invoicing", "D2;XJYO-2", 0.95, "declared at 60% of the agreed price"),
        ("sanctioned_party", "XJYO-1;B1", 0.9, "buyer is on the list"),
        ("late_payment", "XJYO-1;E2", 0.4, "eight days"),
        ("phantom_declaration", "D9;XJYO-1", 0.9, "vehicles that do not exist"),
    ]
    return Matching(
        links=pl.DataFrame(
            links, schema=["vin", "kind", "record", "probability", "reasons"], orient="row"
        ),
        triads=pl.DataFrame(
            triads,
            schema=["vin", "declaration_no", "declaration_line", "payment_id", "amount_minor",
                    "currency", "probability"],
            orient="row",
        ),
        allocations=pl.DataFrame(
            allocations,
            schema=["payment_id", "contract_no", "item", "shipment", "vin", "amount_minor",
                    "currency", "probability", "reason"],
            orient="row",
        ),
        unallocated=pl.DataFrame(
            [("E2", "XJYO-1", "charges", 1_000, "USD"), ("E3", "XJYO-2", "overpayment", 50, "USD")],
            schema=["payment_id", "contract_no", "what", "amount_minor", "currency"],
            orient="row",
        ),
        instalments=pl.DataFrame(
            instalments,
            schema=["contract_no", "item", "shipment", "due", "amount_minor", "settled_minor",
                    "currency"],
            orient="row",
        ),
        parties=pl.DataFrame(parties, schema=["mention", "cluster", "probability"], orient="row"),
        findings=pl.DataFrame(
            findings, schema=["type", "record_ids", "probability", "explanation"], orient="row"
        ),
    )  # fmt: skip


def nothing() -> Matching:
    """Return a matching that found nothing at all."""
    full = matching()
    return Matching(**{name: getattr(full, name).clear() for name in full.__dataclass_fields__})
