"""A contradiction is found, at its place, and a sound folder has none.

Goal: every rule sees what it is for and nothing else. Method: a small trade in which everything
fits is told as tables; no rule may speak. Then one cell is spoiled at a time, and exactly the rule
that the table below names must find exactly that record. Every rule is spoiled at least once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.shared import shared
from tallyport.evidence.quality import LEVELS, Level, formats, question, report
from tallyport.evidence.sources import builtin, convert, loading, reading
from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS, KINDS

AS_OF = date(2024, 12, 31)
C = "XJYO-2024040401"
D = "940220240000018211"
Row = dict[str, object]
Rows = dict[str, list[Row]]


def moment(day: int, hour: int) -> datetime:
    """Return an hour of May 2024."""
    return datetime(2024, 5, day, hour, tzinfo=UTC)


# Five more of the same maker, and one of another whose check digit is right too.
ALIKE = (
    "LSVCE2BR7N1041665", "LSVCE2BR9N1041666", "LSVCE2BR0N1041667", "LSVCE2BR2N1041668",
    "LSVCE2BR4N1041669",
)  # fmt: skip
TOYOTA = "LFMCE2BR5N1041664"
STOCK: list[Row] = [{"vin": number, "brand": "大众"} for number in ALIKE]


def sound() -> Rows:
    """Return the records of a trade in which everything fits."""
    items: Row = dict.fromkeys(INSPECTION_ITEMS, Decimal(88))
    return {
        "contract": [
            {"contract_no": C, "buyer_no": "B1", "currency": "USD", "total": 500, "vehicles": 2}
        ],
        "contract_line": [
            {"contract_no": C, "line_no": 1, "price": 300, "currency": "USD"},
            {"contract_no": C, "line_no": 2, "price": 200, "currency": "USD"},
        ],
        "vehicle": [
            {
                "vin": "LSVCE2BR5N1041664",
                "brand": "大众",
                "model_year": 2022,
                "first_registered_on": date(2022, 3, 14),
                "bought_on": date(2024, 1, 2),
            },
            *({**one} for one in STOCK),
        ],
        "inspection": [
            {
                "report_no": "R1",
                "vin": "LSVCE2BR5N1041664",
                "score": Decimal(88),
                "inspected_on": date(2024, 1, 3),
                "entered_on": date(2024, 1, 3),
                **items,
            }
        ],
        "declaration": [
            {
                "declaration_no": D,
                "currency": "USD",
                "total": 500,
                "vehicles": 2,
                "declared_on": date(2024, 5, 1),
                "released_on": date(2024, 5, 2),
            }
        ],
        "declaration_line": [
            {
                "declaration_no": D,
                "line_no": 1,
                "hs_code": "8703223090",
                "vehicles": 2,
                "unit_price": Decimal("250.00"),
                "total": 500,
                "currency": "USD",
            }
        ],
        "waybill": [{"waybill_no": "W1", "vehicles": 1}],
        "waybill_vehicle": [{"waybill_no": "W1", "position": 1, "vin": "1041664"}],
        "leg": [
            {
                "waybill_no": "W1",
                "leg_no": 1,
                "departed_at": moment(3, 8),
                "arrived_at": moment(4, 8),
            }
        ],
        "lock_event": [
            {"lock_no": "L1", "waybill_no": "W1", "at": moment(3, 9), "event": "SEALED"}
        ],
        "receipt": [
            {
                "receipt_no": "TAS-1",
                "waybill_ref": "W1",
                "received_on": date(2024, 5, 9),
                "entered_on": date(2024, 5, 9),
            }
        ],
        "release": [{"release_no": "OTP-1", "receipt_ref": "TAS-1"}],
        "invoice": [
            {
                "invoice_no": "I1",
                "net_cny": 3550,
                "tax_cny": 0,
                "total_cny": 3550,
                "foreign_total": 500,
                "exchange_rate": Decimal("7.1"),
                "currency": "USD",
            }
        ],
        "tax_rebate": [
            {
                "declaration_no": D,
                "invoice_no": "I1",
                "filed_on": date(2024, 6, 1),
                "received_on": date(2024, 6, 2),
            }
        ],
        "bank_entry": [
            {
                "account_no": "A",
                "statement_no": "202405",
                "entry_no": "T1",
                "direction": "CRDT",
                "amount": 150,
                "currency": "USD",
                "counterparty_bic": "DXBKKZ22",
            },
            {
                "account_no": "A",
                "statement_no": "202405",
                "entry_no": "T2",
                "direction": "DBIT",
                "amount": 50,
                "currency": "USD",
            },
        ],
        "bank_statement": [
            {
                "account_no": "A",
                "statement_no": "202405",
                "currency": "USD",
                "opening": 900,
                "closing": 1000,
                "entries": 2,
            },
            {
                "account_no": "A",
                "statement_no": "202406",
                "currency": "USD",
                "opening": 1000,
                "closing": 1000,
                "entries": 0,
            },
        ],
        "buyer": [{"buyer_no": "B1"}],
        "seller": [{"prefix": "XJYO"}],
        "seller_account": [{"account_no": "A", "prefix": "XJYO", "currency": "USD"}],
        "order": [
            {
                "order_no": "O1",
                "customer_no": "K1",
                "ordered_at": moment(1, 1),
                "approved_at": moment(1, 2),
                "handed_to_carrier_at": moment(2, 1),
                "delivered_at": moment(3, 1),
            }
        ],
        "order_item": [{"order_no": "O1", "item_no": 1, "price": 5}],
        "order_payment": [{"order_no": "O1", "sequence": 1, "amount": 5}],
        "order_customer": [{"customer_no": "K1"}],
        "receivable": [
            {
                "invoice_no": "Q1",
                "customer_no": "K1",
                "issued_on": date(2024, 5, 1),
                "due_on": date(2024, 6, 1),
                "settled_on": date(2024, 6, 2),
                "amount": 5,
            }
        ],
    }


def tables(rows: Rows) -> Mapping[str, pl.DataFrame]:
    """Return the records as the reader would, each with a line of its own."""
    made = {}
    for name, kind in KINDS.items():
        schema = convert.schema(kind)
        placed = [
            {"source": f"{name}s", "file": f"{name}.csv", "line": number, **row}
            for number, row in enumerate(rows.get(name, []), start=2)
        ]
        frame = pl.DataFrame(placed, schema=dict.fromkeys(schema), orient="row")
        made[name] = frame.cast(pl.Schema(schema))
    return made


def test_a_sound_trade_has_no_findings() -> None:
    """No rule speaks when everything fits."""
    found = question.findings(tables(sound()))
    assert found.to_dicts() == []


def test_nothing_has_no_findings() -> None:
    """A folder without a kind of system is not a contradiction."""
    assert not len(question.findings(tables({})))


# Kind, record, field, new value; the rules that must speak, with the kinds they speak about.
SPOILS: list[tuple[str, int, Row, set[str]]] = [
    ("contract", 0, {"total": 501}, {"contract_total_is_not_sum_of_lines"}),
    ("contract", 0, {"vehicles": 3}, {"contract_vehicles_are_not_its_lines"}),
    ("contract", 0, {"buyer_no": "B2"}, {"contract_buyer_no_is_of_no_buyer"}),
    ("contract_line", 1, {"currency": "CNY"}, {"contract_currency_is_not_that_of_lines"}),
    (
        "contract_line",
        1,
        {"contract_no": "X"},
        {
            "contract_line_contract_no_is_of_no_contract",
            "contract_total_is_not_sum_of_lines",
            "contract_vehicles_are_not_its_lines",
        },
    ),
    (
        "contract",
        0,
        {"contract_no": "X"},
        {
            "contract_line_contract_no_is_of_no_contract",
            "contract_contract_no_is_of_no_contract_line",
        },
    ),
    ("vehicle", 0, {"vin": "LSVCE2BR6N1041664"}, {"vehicle_number_is_doubtful"}),
    ("vehicle", 0, {"model_year": 2016}, {"model_year_is_not_that_of_the_number"}),
    ("vehicle", 1, {"vin": TOYOTA}, {"maker_is_not_that_of_the_brand"}),
    (
        "vehicle",
        0,
        {"bought_on": date(2022, 1, 1)},
        {"vehicle_bought_on_is_before_first_registered_on"},
    ),
    ("inspection", 0, {"score": Decimal("88.2")}, {"score_is_not_the_mean_of_its_items"}),
    (
        "inspection",
        0,
        {"body": Decimal(108), "score": Decimal(89)},
        {"score_is_above_its_scale"},
    ),
    (
        "inspection",
        0,
        {"entered_on": date(2024, 1, 1)},
        {"inspection_entered_on_is_before_inspected_on"},
    ),
    ("declaration", 0, {"total": 5000}, {"declaration_total_is_not_sum_of_lines"}),
    ("declaration", 0, {"vehicles": 1}, {"declaration_vehicles_are_not_its_lines"}),
    ("declaration", 0, {"currency": "CNY"}, {"declaration_currency_is_not_that_of_lines"}),
    (
        "declaration",
        0,
        {"released_on": date(2024, 4, 30)},
        {"declaration_released_on_is_before_declared_on"},
    ),
    (
        "declaration",
        0,
        {"declaration_no": "9"},
        {
            "declaration_line_declaration_no_is_of_no_declaration",
            "declaration_declaration_no_is_of_no_declaration_line",
            "tax_rebate_declaration_no_is_of_no_declaration",
        },
    ),
    ("declaration_line", 0, {"unit_price": 25}, {"goods_value_is_not_price_times_number"}),
    ("declaration_line", 0, {"hs_code": "870"}, {"declaration_line_code_is_not_of_its_standard"}),
    ("waybill", 0, {"vehicles": 2}, {"waybill_vehicles_are_not_its_lines"}),
    (
        "waybill",
        0,
        {"waybill_no": "W2"},
        {
            "waybill_vehicle_waybill_no_is_of_no_waybill",
            "leg_waybill_no_is_of_no_waybill",
            "lock_event_waybill_no_is_of_no_waybill",
            "receipt_waybill_ref_is_of_no_waybill",
        },
    ),
    ("leg", 0, {"arrived_at": moment(3, 7)}, {"leg_arrived_at_is_before_departed_at"}),
    ("receipt", 0, {"receipt_no": "TAS-2"}, {"release_receipt_ref_is_of_no_receipt"}),
    (
        "receipt",
        0,
        {"entered_on": date(2024, 5, 8)},
        {"receipt_entered_on_is_before_received_on"},
    ),
    ("invoice", 0, {"total_cny": 3551}, {"invoice_total_is_not_net_and_tax"}),
    (
        "invoice",
        0,
        {"net_cny": 355_000, "total_cny": 355_000},
        {"invoice_amount_is_not_at_its_rate"},
    ),
    ("invoice", 0, {"invoice_no": "I2"}, {"tax_rebate_invoice_no_is_of_no_invoice"}),
    ("invoice", 0, {"currency": "US"}, {"invoice_code_is_not_of_its_standard"}),
    (
        "tax_rebate",
        0,
        {"received_on": date(2024, 5, 1)},
        {"tax_rebate_received_on_is_before_filed_on"},
    ),
    ("bank_statement", 0, {"entries": 3}, {"statement_entries_are_not_its_count"}),
    (
        "bank_statement",
        0,
        {"closing": 1001},
        {"statement_does_not_balance", "statement_does_not_follow_the_one_before"},
    ),
    ("bank_entry", 1, {"amount": 51}, {"statement_does_not_balance"}),
    ("bank_entry", 1, {"currency": "EUR"}, {"entry_is_not_in_the_account_s_currency"}),
    (
        "bank_entry",
        1,
        {"account_no": "Z"},
        {
            "bank_entry_account_no_is_of_no_bank_statement",
            "statement_does_not_balance",
            "statement_entries_are_not_its_count",
        },
    ),
    ("bank_entry", 0, {"counterparty_bic": "DX"}, {"bank_entry_code_is_not_of_its_standard"}),
    ("seller_account", 0, {"prefix": "X"}, {"seller_account_prefix_is_of_no_seller"}),
    ("order_item", 0, {"order_no": "O2"}, {
        "order_item_order_no_is_of_no_order",
        "order_order_no_is_of_no_order_item",
    }),
    ("order_payment", 0, {"order_no": "O2"}, {"order_payment_order_no_is_of_no_order"}),
    ("order", 0, {"customer_no": "K2"}, {"order_customer_no_is_of_no_order_customer"}),
    ("order", 0, {"approved_at": moment(1, 0)}, {"order_approved_at_is_before_ordered_at"}),
    (
        "order",
        0,
        {"delivered_at": moment(1, 0)},
        {
            "order_delivered_at_is_before_handed_to_carrier_at",
            "order_delivered_at_is_before_ordered_at",
        },
    ),
    (
        "receivable",
        0,
        {"due_on": date(2024, 4, 1)},
        {"receivable_due_on_is_before_issued_on"},
    ),
    (
        "receivable",
        0,
        {"settled_on": date(2024, 4, 1)},
        {"receivable_settled_on_is_before_issued_on"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "record", "cells", "rules"), SPOILS)
def test_one_spoiled_record_is_found(kind: str, record: int, cells: Row, rules: set[str]) -> None:
    """The rules for it speak, no others; the finding leads to a line."""
    rows = sound()
    rows[kind][record] |= cells
    found = question.findings(tables(rows))
    assert set(found["rule"]) == rules
    checks = {check.rule: check for check in question.CHECKS}
    for finding in found.to_dicts():
        assert finding["kind"] == checks[finding["rule"]].kind
        assert finding["file"] == f"{finding['kind']}.csv"
        assert finding["line"] >= 2
        assert finding["expected"]
        assert finding["came"]
        assert finding["expected"] != finding["came"]


def test_every_rule_is_tried() -> None:
    """A rule that no test makes speak is not known to see anything."""
    tried = {rule for _, _, _, rules in SPOILS for rule in rules}
    spoken = {rule for rule in (check.rule for check in question.CHECKS) if "unlike" not in rule}
    standards = {rule for rule in spoken if rule.endswith("_is_not_of_its_standard")}
    assert spoken - standards <= tried
    assert standards & tried
    assert set(LEVELS) == set(Level)
    assert all(check.zh and check.en for check in question.CHECKS)


def test_a_finding_names_the_records_it_rests_on() -> None:
    """Both sides of a contradiction can be looked up."""
    rows = sound()
    rows["contract"][0]["total"] = 501
    rows["bank_statement"][1]["opening"] = 999
    rows["bank_statement"][1]["closing"] = 999
    found = {row["rule"]: row for row in question.findings(tables(rows)).to_dicts()}
    total = found["contract_total_is_not_sum_of_lines"]
    assert (total["key"], total["field"], total["expected"], total["came"]) == (
        C,
        "total",
        "500",
        "501",
    )
    assert total["related"] == ["contract_line.csv:2", "contract_line.csv:3"]
    before = found["statement_does_not_follow_the_one_before"]
    assert before["related"] == ["bank_statement.csv:2"]


def test_what_is_unknown_is_no_contradiction() -> None:
    """A line without a price says nothing about the total."""
    rows = sound()
    rows["contract_line"][0]["price"] = None
    rows["declaration_line"][0]["unit_price"] = None
    rows["invoice"][0]["exchange_rate"] = None
    rows["inspection"][0]["body"] = None
    rows["bank_statement"][0]["opening"] = None
    assert not len(question.findings(tables(rows)))


def test_letters_that_look_alike_are_one() -> None:
    """A Russian keyboard has its own С and Т; the waybill is the same."""
    rows = sound()
    rows["waybill"][0]["waybill_no"] = "CT1"
    for kind, field in (
        ("waybill_vehicle", "waybill_no"),
        ("leg", "waybill_no"),
        ("lock_event", "waybill_no"),
        ("receipt", "waybill_ref"),
    ):
        rows[kind][0][field] = "СТ1"
    assert not len(question.findings(tables(rows)))


@given(
    count=st.integers(formats.RECORDS_MIN, 400),
    spoiled=st.integers(0, 12),
)
def test_the_usual_form_is_learned(count: int, spoiled: int) -> None:
    """Up to one in a hundred is odd; more is a habit, and nothing is said."""
    codes = [f"TAS-{number:06}" for number in range(count)]
    codes[:spoiled] = [f"TAS-{number:04}X" for number in range(spoiled)]
    rows: Rows = {"receipt": [{"receipt_no": code} for code in codes]}
    found = question.findings(tables(rows))
    is_odd = 100 * (count - spoiled) >= formats.USUAL_PCT * count
    assert len(found) == (spoiled if is_odd else 0)
    assert set(found["rule"]) <= {"receipt_code_is_unlike_the_others"}


# The report over a reading.

PROFILE = loading.parse(
    "profile: p\nsources: {stock: {kind: vehicle, files: stock.csv, fields:"
    " {vin: vin, cost_cny: cost, bought_on: bought, brand: brand}}}"
)


def test_the_report_measures_fields(tmp_path: Path) -> None:
    """Filled, distinct, unread, missing and other breaches, each counted where it belongs."""
    (tmp_path / "stock.csv").write_text(
        "vin,cost,bought,brand\n"
        "LSVCE2BR5N1041664,5,2024-01-01,a\n"
        "LSVCE2BR5N1041664,5,2024-01-01,a\n"
        "LSVCE2BR6N1041664,x,2099-01-01,a\n"
        ",1,2024-01-02,\n",
        "utf-8",
    )
    found = report(reading.read(tmp_path, PROFILE, as_of=AS_OF))
    assert found.sources.to_dicts() == [
        {
            "source": "stock",
            "kind": "vehicle",
            "files": 1,
            "rows": 4,
            "good": 2,
            "quarantined": 2,
            "cells_left_out": 2,
            "repeated": 1,
            "good_pct": 50.0,
        }
    ]
    fields = {row["field"]: row for row in found.fields.to_dicts()}
    assert fields["vin"] == {
        "source": "stock",
        "kind": "vehicle",
        "field": "vin",
        "type": "code",
        "required": True,
        "records": 2,
        "filled": 2,
        "distinct": 2,
        "least": "LSVCE2BR5N1041664",
        "most": "LSVCE2BR6N1041664",
        "unread": 0,
        "missing": 1,
        "breaches": 1,
        "filled_pct": 100.0,
    }
    assert (fields["cost_cny"]["filled_pct"], fields["cost_cny"]["unread"]) == (50.0, 1)
    assert (fields["bought_on"]["breaches"], fields["bought_on"]["most"]) == (1, "2024-01-01")
    assert (fields["brand"]["distinct"], fields["brand"]["filled"]) == (1, 2)
    assert found.counts()["vehicle_number_is_doubtful"] == 1
    assert found.counts()["statement_does_not_balance"] == 0


@pytest.mark.parametrize("world", ["dev762", "dev3000hard"])
def test_contradictions_in_the_worlds_are_rare(world: str) -> None:
    """Most of what the worlds contain fits; a check digit in thirty does not (source 000)."""
    folder = shared("worlds", world)
    found = report(reading.read(folder, builtin.find_profile(folder), as_of=AS_OF))
    counts = {rule: count for rule, count in found.counts().items() if count}
    vehicles = found.sources.filter(pl.col("kind") == "vehicle")["good"][0]
    assert counts.pop("vehicle_number_is_doubtful") < vehicles // 20
    invoices = found.sources.filter(pl.col("kind") == "invoice")["good"][0]
    assert sum(counts.values()) < invoices // 20
    assert not found.findings["line"].has_nulls()
