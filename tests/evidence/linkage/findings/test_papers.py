"""Findings on papers: each kind once as it is, and once as it nearly is.

Goal: double and empty papers are found, honest coincidences are not. Method: one paper of a clean
trade is copied, emptied or repriced.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

Rows = dict[str, list[dict[str, Any]]]
Said = Callable[[Rows, str], list[list[str]]]


def again(rows: Rows, kind: str, key: str, **changes: object) -> dict[str, Any]:
    """Add a copy of the first record of a kind under another number."""
    copy = {**rows[kind][0], key: rows[kind][0][key] + "9", **changes}
    rows[kind].append(copy)
    return copy


def test_duplicate_invoice(trade: Rows, said: Said) -> None:
    """The same vehicle at the same sum, ten days later."""
    first = trade["invoice"][0]
    second = again(
        trade, "invoice", "invoice_no", issued_on=first["issued_on"] + timedelta(days=10)
    )
    assert said(trade, "duplicate_invoice") == [[first["invoice_no"], second["invoice_no"]]]


def test_duplicate_invoice_that_names_no_vehicle(trade: Rows, said: Said) -> None:
    """The buyer has bought one vehicle at this price, and two invoices ask for it."""
    first = trade["invoice"][0]
    second = again(trade, "invoice", "invoice_no", note=None)
    assert said(trade, "duplicate_invoice") == [[first["invoice_no"], second["invoice_no"]]]


def test_two_vehicles_at_one_price_are_two_invoices(trade: Rows, said: Said) -> None:
    """Same buyer, same sum, but the agreement has two such vehicles."""
    trade["contract_line"][1]["price"] = trade["contract_line"][0]["price"]
    trade["invoice"][1]["foreign_total"] = trade["invoice"][0]["foreign_total"]
    trade["invoice"][1]["note"] = None
    assert said(trade, "duplicate_invoice") == []


def test_duplicate_receipt(trade: Rows, said: Said) -> None:
    """One arrival, received again in another warehouse."""
    first = trade["receipt"][0]
    day = first["received_on"] + timedelta(days=5)
    second = again(trade, "receipt", "receipt_no", received_on=day, warehouse="ALA-1")
    assert said(trade, "duplicate_receipt") == [
        [first["receipt_no"], second["receipt_no"], first["vin"]]
    ]


def test_the_receipt_of_a_twin_is_no_duplicate(trade: Rows, said: Said) -> None:
    """The next vehicle has its own receipt, though the number ends alike."""
    trade["receipt"][0]["vin"] = trade["receipt"][0]["vin"][-8:]
    assert said(trade, "duplicate_receipt") == []


def twins(trade: Rows) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the first vehicle of another agreement the last six characters of the first one.

    Both receipts then show these six alone.
    """
    first, second = trade["receipt"][0], trade["receipt"][3]
    old, new = second["vin"], second["vin"][:11] + first["vin"][-6:]
    for rows in trade.values():
        for record in rows:
            for name, value in record.items():
                if isinstance(value, str):
                    record[name] = value.replace(old, new).replace(old[-8:], new[-8:])
    first["vin"] = second["vin"] = new[-6:]
    return first, second


def test_an_ending_of_two_vehicles_is_told_by_the_waybill(trade: Rows, said: Said) -> None:
    """Each receipt cites the waybill that carried its vehicle."""
    twins(trade)
    assert said(trade, "duplicate_receipt") == []
    assert said(trade, "never_arrived") == []


def test_an_ending_of_two_vehicles_proves_no_second_receipt(trade: Rows, said: Said) -> None:
    """Without the waybill either receipt may be of either vehicle."""
    for receipt in twins(trade):
        receipt["waybill_ref"] = None
    assert said(trade, "duplicate_receipt") == []


def test_phantom_declaration(trade: Rows, said: Said) -> None:
    """A declaration of a vehicle that no stock, agreement or waybill knows."""
    number = "940220240000999999"
    trade["declaration"].append(
        {**trade["declaration"][0], "declaration_no": number, "vehicles": 1, "note": None}
    )
    trade["declaration_line"].append(
        {
            **trade["declaration_line"][0],
            "declaration_no": number,
            "specification": "0|0|二手乘用车|比亚迪牌Han EV|5座|VIN:LRWYGCEE7PA561723",
        }
    )
    assert [records[0] for records in said(trade, "phantom_declaration")] == [number]


def test_a_declaration_without_any_number_is_not_phantom(trade: Rows, said: Said) -> None:
    """Its waybill and agreement vouch for it."""
    for line in trade["declaration_line"][:3]:
        line["specification"] = line["specification"].split("|VIN")[0]
    trade["declaration"][0]["contract_ref"] = None
    assert said(trade, "phantom_declaration") == []


def declared_at(rows: Rows, *shares: str) -> None:
    """Declare the lines of the first declaration at these shares of the price."""
    for line, share in zip(rows["declaration_line"], shares, strict=False):
        line["total"] = line["unit_price"] = line["total"] * Decimal(share)


@pytest.mark.parametrize(("kind", "share"), [("over_invoicing", "1.4"), ("under_invoicing", "0.6")])
def test_wrong_value(kind: str, share: str, trade: Rows, said: Said) -> None:
    """Every line deviates alike."""
    declared_at(trade, share, share, share)
    first = trade["declaration"][0]
    assert said(trade, kind) == [[first["declaration_no"], trade["contract"][0]["contract_no"]]]


@pytest.mark.parametrize("shares", [("10", "1", "1"), ("0.1", "1", "1"), ("1.05", "1.05", "1.05")])
def test_a_slip_in_one_line_is_no_false_value(
    shares: tuple[str, ...], trade: Rows, said: Said
) -> None:
    """A digit too many or too few touches one line; five per cent are nothing."""
    declared_at(trade, *shares)
    assert said(trade, "over_invoicing") == []
    assert said(trade, "under_invoicing") == []


def test_invoices_without_a_sum_are_not_alike(trade: Rows, said: Said) -> None:
    """Nothing says that two of them ask for the same."""
    for invoice in trade["invoice"]:
        invoice.update(foreign_total=None, note=None)
    assert said(trade, "duplicate_invoice") == []


def test_a_declaration_without_a_value_is_not_false(trade: Rows, said: Said) -> None:
    """Lines without a total are left out of the comparison."""
    for line in trade["declaration_line"][:2]:
        line["total"] = None
    assert said(trade, "under_invoicing") == []
