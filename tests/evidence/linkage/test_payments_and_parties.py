"""Payments, shipments and parties in a small trade: the turns that business takes.

Goal: each habit of paying and naming leads to the right agreement, vehicle and cluster. Method:
one payment or name of a clean trade is changed, and the result is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tallyport.evidence.linkage import Matching, write_result

Rows = dict[str, list[dict[str, Any]]]
Matched = Callable[[Rows], Matching]


def of(result: Matching, entry: str) -> dict[str, int]:
    """Return what each agreement got of a payment."""
    rows = result.allocations.filter(pl.col("payment_id") == entry)
    return dict(rows.group_by("contract_no").agg(pl.col("amount_minor").sum()).iter_rows())


@pytest.mark.parametrize(
    "text",
    [
        "货款",
        "ОПЛАТА ПО КОНТРАКТУ №XJYO-20240301-01 ДОПЛАТА",
        "CONTRACT XJYO-202403101 BALANCE",
        "FOR CARS VIN 107919",
        "2024030101 尾款",
    ],
)
def test_whatever_the_text_says(text: str, trade: Rows, matched: Matched) -> None:
    """No number, a dashed one, one with a digit lost, the end of a VIN, only digits."""
    balance = trade["bank_entry"][1]
    balance["remittance"] = text
    result = matched(trade)
    assert of(result, "T02") == {"XJYO-2024030101": round(float(balance["amount"]) * 100)}


def one_buyer(trade: Rows) -> None:
    """Let the first two agreements have one buyer."""
    for key in ("buyer_no", "buyer_name"):
        trade["contract"][1][key] = trade["contract"][0][key]
    trade["declaration"][1]["consignee"] = trade["declaration"][0]["consignee"]
    for entry in trade["bank_entry"][2:4]:
        entry["counterparty"] = trade["bank_entry"][0]["counterparty"]
    for invoice in trade["invoice"][3:6]:
        invoice["buyer"] = trade["invoice"][0]["buyer"]


def test_an_old_number_cited_by_mistake(trade: Rows, matched: Matched) -> None:
    """The buyer has two agreements; only one of them still misses this sum."""
    one_buyer(trade)
    trade["bank_entry"][3]["remittance"] = "货款"
    assert list(of(matched(trade), "T12")) == ["XJYO-2024040201"]


def test_charges_come_off_and_are_named(trade: Rows, matched: Matched) -> None:
    """45 dollars stay on the way; the vehicles get what arrived."""
    deposit = trade["bank_entry"][0]
    deposit["instructed_amount"], deposit["instructed_currency"] = deposit["amount"], "USD"
    deposit["amount"] -= 45
    deposit["charges"] = Decimal(45)
    result = matched(trade)
    assert sum(of(result, "T01").values()) == round(float(deposit["amount"]) * 100)
    left = result.unallocated.row(0, named=True)
    assert (left["payment_id"], left["what"], left["amount_minor"]) == ("T01", "charges", 4500)


def test_a_deposit_in_two_parts(trade: Rows, matched: Matched) -> None:
    """Both parts go to the deposit of all three vehicles."""
    first = trade["bank_entry"][0]
    second = {**first, "entry_no": "T03", "amount": first["amount"] - 10_000}
    first["amount"] = Decimal(10_000)
    second["booked_on"] = second["value_on"] = first["booked_on"] + timedelta(days=2)
    trade["bank_entry"].append(second)
    rows = matched(trade).allocations.filter(pl.col("payment_id").is_in(["T01", "T03"]))
    assert set(rows["item"]) == {"deposit"}
    assert rows.height == 6


def test_a_declaration_without_a_day_of_release(trade: Rows, matched: Matched) -> None:
    """Its shipment is due all the same, counted from the day of declaring."""
    trade["contract"][0]["payment_terms"] = "L/C at sight"
    trade["declaration"][0]["released_on"] = None
    price = trade["contract"][0]["total"]
    trade["bank_entry"][1].update(amount=price, remittance="L/C XJYO-2024030101")
    del trade["bank_entry"][0]
    assert of(matched(trade), "T02") == {"XJYO-2024030101": round(float(price) * 100)}


def test_a_currency_of_instruction_without_its_sum(trade: Rows, matched: Matched) -> None:
    """The bank says in what the payer paid, not how much: the sum on the account counts."""
    trade["bank_entry"][1]["instructed_currency"] = "USD"
    paid = round(float(trade["bank_entry"][1]["amount"]) * 100)
    assert of(matched(trade), "T02") == {"XJYO-2024030101": paid}


def test_money_without_any_sign_stays_unexplained(trade: Rows, matched: Matched) -> None:
    """A stranger's odd sum is nobody's instalment."""
    stray = {**trade["bank_entry"][0], "entry_no": "T99", "amount": Decimal("123.45")}
    stray |= {"counterparty": "OOO MERIDIAN", "remittance": "ПОДАРОК"}
    trade["bank_entry"].append(stray)
    result = matched(trade)
    assert of(result, "T99") == {}
    assert result.unallocated.filter(pl.col("payment_id") == "T99")["what"].to_list() == [
        "unexplained"
    ]


def joint(trade: Rows, text: str) -> dict[str, int]:
    """Let one buyer have two agreements, and pay the balance of the one with the deposit of both.

    Return what is due under each.
    """
    one_buyer(trade)
    one, other = trade["bank_entry"][1], trade["bank_entry"][2]
    due = {
        trade["contract"][0]["contract_no"]: round(float(one["amount"]) * 100),
        trade["contract"][1]["contract_no"]: round(float(other["amount"]) * 100),
    }
    one["amount"] += other["amount"]
    one["remittance"] = text
    del trade["bank_entry"][2]
    return due


@pytest.mark.parametrize(
    "text",
    [
        "XJYO-2024030101,XJYO-2024040201",
        "XJYO-2024030101,XJYO-202404021 BALANCE",  # A digit lost; one of the two is a deposit.
        "FOR CARS VIN {}",
    ],
)
def test_a_payment_under_two_agreements(text: str, trade: Rows, matched: Matched) -> None:
    """Its text names both: by their numbers, one with a slip, or by their vehicles."""
    ends = [line["vin"][-6:] for line in trade["contract_line"][:6]]
    due = joint(trade, text.format(", ".join(ends)))
    assert of(matched(trade), "T02") == due


def test_a_balance_a_little_short(trade: Rows, matched: Matched) -> None:
    """One per cent is missing: it is the balance all the same, and no default."""
    balance = trade["bank_entry"][1]
    balance["amount"] = (balance["amount"] * Decimal("0.99")).quantize(Decimal("0.01"))
    result = matched(trade)
    assert of(result, "T02") == {"XJYO-2024030101": round(float(balance["amount"]) * 100)}
    assert "payment_default" not in set(result.findings["type"])


def test_unpaid_is_sure_only_where_nothing_is_due(trade: Rows, matched: Matched) -> None:
    """A payment that nobody can place may be the one that is missed; what is not due is not."""
    stray = {**trade["bank_entry"][0], "entry_no": "T99", "amount": Decimal("123.45")}
    stray |= {"counterparty": "OOO MERIDIAN", "remittance": "ПОДАРОК"}
    trade["bank_entry"] = [*trade["bank_entry"][2:], stray]
    due = {line["vin"] for line in trade["contract_line"][:3]}
    rows = matched(trade).triads.filter(pl.col("payment_id").is_null())
    assert set(rows["vin"]) == due
    assert all(probability < 0.99 for probability in rows["probability"])


def test_a_second_sale_has_money_but_no_declaration(trade: Rows, matched: Matched) -> None:
    """The vehicle left under the agreement signed first."""
    vin = trade["contract_line"][0]["vin"]
    trade["contract_line"][3]["vin"] = vin
    rows = matched(trade).triads.filter(pl.col("vin") == vin)
    under_second = rows.filter(pl.col("payment_id").is_in(["T11", "T12"]))
    assert under_second.height > 0
    assert under_second["declaration_no"].null_count() == under_second.height


def test_a_line_without_vin_is_found_through_the_papers(trade: Rows, matched: Matched) -> None:
    """Invoice, waybill and declaration name the vehicle of the blank line."""
    vin = trade["contract_line"][4]["vin"]
    trade["contract_line"][4]["vin"] = None
    links = matched(trade).links.filter(
        (pl.col("vin") == vin) & (pl.col("kind") == "contract_line")
    )
    assert links["record"].to_list() == ["XJYO-2024040201/2"]


def clusters(result: Matching) -> dict[str, str]:
    """Return the cluster of each mention."""
    return dict(result.parties.select("mention", "cluster").iter_rows())


def test_every_mention_of_a_buyer_is_one_cluster(trade: Rows, matched: Matched) -> None:
    """Whatever script the papers use."""
    trade["declaration"][0]["consignee"] = "ООО «БАРАКА СОКОЛ»"
    trade["bank_entry"][0]["counterparty"] = "BARAKA SOKOL LLC"
    trade["bank_entry"][1]["counterparty"] = "OOO BARAAK SOKOL"
    trade["contract"][0]["buyer_no"] = None
    of_mention = clusters(matched(trade))
    wanted = ["registry:B0", "contract:XJYO-2024030101", "declaration:940220240000010000",
              "payment:T01", "payment:T02"]  # fmt: skip
    assert len({of_mention[one] for one in wanted}) == 1


def test_a_third_party_is_not_its_customer(trade: Rows, matched: Matched) -> None:
    """It pays under the buyer's agreement and stays itself."""
    trade["bank_entry"][1]["counterparty"] = "LTD STI MANAS ORDA"
    of_mention = clusters(matched(trade))
    assert of_mention["payment:T02"] != of_mention["contract:XJYO-2024030101"]


def test_buyers_stay_apart(trade: Rows, matched: Matched) -> None:
    """Six buyers, six clusters."""
    of_mention = clusters(matched(trade))
    registered = {one for mention, one in of_mention.items() if mention.startswith("registry:")}
    assert len(registered) == 6


def test_two_firms_of_one_name_are_two(trade: Rows, matched: Matched) -> None:
    """Their tax numbers say so; agreements follow the buyer's number, payers their tax number."""
    name = trade["buyer"][0]["name_en"]
    trade["buyer"][1]["name_en"] = trade["contract"][1]["buyer_name"] = name
    trade["declaration"][1]["consignee"] = trade["declaration"][0]["consignee"]
    for invoice in trade["invoice"][3:6]:
        invoice["buyer"] = name
    for entry, buyer in zip(trade["bank_entry"][:4], (0, 0, 1, 1), strict=True):
        tax_no = trade["buyer"][buyer]["tax_no"] = f"37953748{buyer}"
        entry["counterparty"] = f"BARAKA SOKOL LLC INN {tax_no}"
    of_mention = clusters(matched(trade))
    first = {of_mention[one] for one in ("registry:B0", "contract:XJYO-2024030101", "payment:T01")}
    second = {of_mention[one] for one in ("registry:B1", "contract:XJYO-2024040201", "payment:T11")}
    assert len(first) == len(second) == 1
    assert first != second


def test_one_firm_registered_twice_is_one(trade: Rows, matched: Matched) -> None:
    """One name, one country, one tax number; the second entry leaves it out."""
    trade["buyer"].append({**trade["buyer"][0], "buyer_no": "B9", "tax_no": None})
    of_mention = clusters(matched(trade))
    assert of_mention["registry:B0"] == of_mention["registry:B9"]


def test_result_files_have_the_columns_of_the_format(
    trade: Rows, matched: Matched, tmp_path: Path
) -> None:
    """Three files, UTF-8, header first."""
    write_result(matched(trade), tmp_path)
    header = (tmp_path / "triads.csv").read_text("utf-8").splitlines()[0]
    assert header == (
        "vin,declaration_no,declaration_line,payment_id,amount_minor,currency,probability"
    )
    assert (tmp_path / "parties.csv").read_text("utf-8").startswith("mention,cluster\n")
    assert (tmp_path / "findings.csv").read_text("utf-8").startswith("type,record_ids\n")
