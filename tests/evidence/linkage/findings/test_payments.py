"""Findings on payments: each kind once as it is, and once as it nearly is.

Goal: late, missing and strange money is found; money that is merely unusual is not. Method: one
payment of a clean trade is moved, cut, or sent by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tallyport.evidence.linkage import Matching

Rows = dict[str, list[dict[str, Any]]]
Said = Callable[[Rows, str], list[list[str]]]
Matched = Callable[[Rows], Matching]


def balance(rows: Rows) -> dict[str, Any]:
    """Return the second payment of the first agreement."""
    return rows["bank_entry"][1]


def later(entry: dict[str, Any], days: int) -> None:
    """Let a payment come later."""
    entry["booked_on"] = entry["value_on"] = entry["booked_on"] + timedelta(days=days)


def test_late_payment(trade: Rows, said: Said) -> None:
    """The balance comes more than thirty days after it was due."""
    later(balance(trade), 40)
    assert [records[0] for records in said(trade, "late_payment")] == [
        trade["contract"][0]["contract_no"]
    ]


def test_a_payment_four_weeks_late_is_on_time_enough(trade: Rows, said: Said) -> None:
    """It was due two days after the usual day: thirty days more are allowed."""
    later(balance(trade), 28)
    assert said(trade, "late_payment") == []


def test_payment_default(trade: Rows, said: Said) -> None:
    """Half the balance never comes."""
    balance(trade)["amount"] /= 2
    assert said(trade, "payment_default") == [[trade["contract"][0]["contract_no"]]]


def test_a_loose_payment_makes_a_default_unlikely(trade: Rows, matched: Matched) -> None:
    """Somebody unknown paid what is missing, and did not say for what."""
    number = trade["contract"][0]["contract_no"]
    missing = balance(trade)["amount"] / 2
    balance(trade)["amount"] -= missing
    loose = {
        **balance(trade),
        "entry_no": "T-LOOSE",
        "amount": missing - 15,  # Charges on the way.
        "counterparty": "SOMEBODY ELSE",
        "counterparty_country": "HK",
        "remittance": "PAYMENT",
    }
    trade["bank_entry"].append(loose)
    rows = matched(trade).findings.filter(pl.col("type") == "payment_default")
    (found,) = rows.select("record_ids", "probability").iter_rows()
    assert found[0] == f"{number};T-LOOSE"
    assert found[1] < 0.5


@pytest.mark.parametrize("share", ["0.9", "1.01"])
def test_a_tenth_short_or_a_little_over_is_no_default(share: str, trade: Rows, said: Said) -> None:
    """A fifth must be missing."""
    balance(trade)["amount"] *= Decimal(share)
    assert said(trade, "payment_default") == []


def test_without_bank_statements_nobody_defaults(trade: Rows, said: Said) -> None:
    """What was not delivered proves nothing."""
    trade["bank_entry"] = []
    assert said(trade, "payment_default") == []


def test_accounts_of_nobody_are_everybodys(trade: Rows, said: Said) -> None:
    """The list of accounts was not delivered; the money is missing all the same."""
    trade["seller_account"] = []
    balance(trade)["amount"] /= 2
    assert said(trade, "payment_default") == [[trade["contract"][0]["contract_no"]]]


def outgoing(rows: Rows, days: int, share: str, name: str) -> dict[str, Any]:
    """Let the seller pay somebody a service fee before the first balance."""
    entry = {
        **balance(rows),
        "entry_no": "T-OUT",
        "direction": "DBIT",
        "amount": balance(rows)["amount"] * Decimal(share),
        "booked_on": balance(rows)["booked_on"] - timedelta(days=days),
        "counterparty": name,
        "counterparty_country": "HK",
        "remittance": "TECHNICAL SERVICE FEE",
    }
    rows["bank_entry"].append(entry)
    return entry


def test_circular_payment(trade: Rows, said: Said) -> None:
    """The seller's friend pays the buyer's debt with the seller's money."""
    outgoing(trade, 3, "1.01", "OOO ORDA CHUY INVEST")
    balance(trade)["counterparty"] = "ORDA CHUI INVEST LIMITED"
    assert said(trade, "circular_payment") == [
        [balance(trade)["entry_no"], "T-OUT", trade["contract"][0]["contract_no"]]
    ]


def test_circular_payment_from_the_same_account(trade: Rows, said: Said) -> None:
    """The name is cut off, the account is the same."""
    for entry in (outgoing(trade, 3, "1.01", "OOO ORDA CHUY INVEST"), balance(trade)):
        entry["counterparty_account"] = "HK556387360626765656"
    balance(trade)["counterparty"] = "ORD"
    assert said(trade, "circular_payment") == [
        [balance(trade)["entry_no"], "T-OUT", trade["contract"][0]["contract_no"]]
    ]


@pytest.mark.parametrize(
    ("days", "share", "name"),
    [(90, "1.01", "ORDA CHUY"), (3, "0.4", "ORDA CHUY"), (3, "1.01", "MERIDIAN")],
)
def test_a_fee_to_somebody_is_not_circular(
    days: int, share: str, name: str, trade: Rows, said: Said
) -> None:
    """Long ago, another sum, or another firm."""
    outgoing(trade, days, share, f"OOO {name} INVEST")
    balance(trade)["counterparty"] = "OOO ORDA CHUY INVEST"
    assert said(trade, "circular_payment") == []


def test_third_party_in_a_high_risk_country(trade: Rows, said: Said) -> None:
    """A stranger pays from a listed country."""
    balance(trade).update(counterparty="OOO SEVINCH SAVDO", counterparty_country="KP")
    assert said(trade, "third_party_high_risk") == [
        [balance(trade)["entry_no"], trade["contract"][0]["contract_no"]]
    ]


@pytest.mark.parametrize(
    "payer",
    [
        {"counterparty": "OOO SEVINCH SAVDO", "counterparty_country": "TR"},
        {"counterparty": "OOO BARAKA SOKOL", "counterparty_country": "KP"},
    ],
)
def test_a_third_party_elsewhere_or_the_buyer_there(
    payer: dict[str, str], trade: Rows, said: Said
) -> None:
    """Both must come together."""
    balance(trade).update(payer)
    assert said(trade, "third_party_high_risk") == []


def refund(rows: Rows, share: str, *, loan: bool) -> None:
    """Send part of the money of the first agreement back, after a loan or without one."""
    contract, paid = rows["contract"][0]["contract_no"], balance(rows)
    back = {
        **paid,
        "entry_no": "T-BACK",
        "direction": "DBIT",
        "amount": rows["contract"][0]["total"] * Decimal(share),
        "booked_on": paid["booked_on"] + timedelta(days=10),
        "remittance": f"REFUND {contract}",
    }
    rows["bank_entry"].append(back)
    if loan:
        lent = {
            **paid,
            "entry_no": "T-LOAN",
            "counterparty": "TARIM BANK",
            "amount": Decimal(9000),
            "booked_on": paid["booked_on"] - timedelta(days=20),
            "remittance": f"贷款发放 合同{contract}",
        }
        rows["bank_entry"].append(lent)


def test_refund_after_financing(trade: Rows, said: Said) -> None:
    """A bank lent on the agreement, then most of the price went back."""
    refund(trade, "0.8", loan=True)
    assert said(trade, "refund_after_financing") == [
        ["T-BACK", trade["contract"][0]["contract_no"], "T-LOAN"]
    ]


@pytest.mark.parametrize(("share", "loan"), [("0.05", True), ("0.8", False)])
def test_a_small_refund_or_one_without_loan(
    share: str, *, loan: bool, trade: Rows, said: Said
) -> None:
    """A quality claim is business; without a lender nobody is cheated."""
    refund(trade, share, loan=loan)
    assert said(trade, "refund_after_financing") == []


def test_a_claim_is_measured_against_all_money(trade: Rows, said: Said) -> None:
    """The deposit came in dollars, the rest in yuan: half the dollars are not most of the money."""
    refund(trade, "0.2", loan=True)
    trade["fx_rate"].append({**trade["fx_rate"][0], "day": date(2024, 12, 31)})
    balance(trade).update(currency="CNY", amount=balance(trade)["amount"] * Decimal("7.1"))
    assert said(trade, "refund_after_financing") == []
