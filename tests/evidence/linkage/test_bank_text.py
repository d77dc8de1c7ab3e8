"""Bank text: what an entry is for, and what it says it pays.

Goal: buyers' money is told from loans, rebates and the seller's own business. Method: one text a
kind, with the near misses (a letter of credit is no loan).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from tallyport.evidence.linkage.bank_text import kinds
from tallyport.evidence.linkage.records import prepared

Rows = dict[str, list[dict[str, Any]]]
Tables = Callable[[Rows], dict[str, pl.DataFrame]]


def judged(trade: Rows, tables: Tables, **changes: str) -> dict[str, Any]:
    """Return what the first entry is taken for after these changes."""
    trade["bank_entry"] = [{**trade["bank_entry"][0], **changes}]
    return kinds(prepared(tables(trade))).row(0, named=True)


@pytest.mark.parametrize(
    ("money", "direction", "counterparty", "text"),
    [
        ("receipt", "CRDT", "OOO URAL MOTORS", "货款"),
        ("receipt", "CRDT", "OOO URAL MOTORS", "XJYO-2024020201 АККРЕДИТИВ 1"),
        ("receipt", "CRDT", "OOO URAL MOTORS", "PAYMENT FOR CARS"),
        ("loan", "CRDT", "TARIM BANK", "贷款发放 合同XJCS-2024061801"),
        ("loan", "CRDT", "SOME BANK", "EXPORT LOAN DRAWDOWN"),
        ("loan", "CRDT", "SOME BANK", "КРЕДИТ ПО ДОГОВОРУ"),
        ("tax_rebate", "CRDT", "国家金库", "出口退税"),
        ("repayment", "DBIT", "TARIM BANK", "归还贷款 合同XJZR-2024050801"),
        ("expense", "DBIT", "OOO URAL MOTORS", "УСЛУГИ ПО ДОГОВОРУ"),
        ("expense", "DBIT", "OOO URAL MOTORS", "CONSULTING"),
        ("expense", "DBIT", "OOO URAL MOTORS", "Комиссия банка"),
        ("refund", "DBIT", "OOO URAL MOTORS", "REFUND OF OVERPAYMENT"),
        ("refund", "DBIT", "OOO URAL MOTORS", "退款 XJOW-2024052701"),
        ("expense", "DBIT", "口岸报关行", "报关费"),
        ("expense", "DBIT", "OOO OLTIN TREYD", "TECHNICAL SERVICE FEE"),
        ("other", "DBIT", "个人", "GIFT"),
    ],
)
def test_kinds_of_money(
    money: str, direction: str, counterparty: str, text: str, trade: Rows, tables: Tables
) -> None:
    """By the words, then by who is on the other side."""
    changes = {"direction": direction, "counterparty": counterparty, "remittance": text}
    assert judged(trade, tables, **changes)["money"] == money


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("CONTRACT X АВАНС 30%", {"deposit"}),
        ("X 30PCT DEPOSIT", {"deposit"}),
        ("X 预付款", {"deposit"}),
        ("X ДОПЛАТА", {"balance"}),
        ("X 尾款", {"balance"}),
        ("X BALANCE", {"balance"}),
        ("X FULL PAYMENT", {"full"}),
        ("X ОПЛАТА 100%", {"full"}),
        ("X 全款", {"full"}),
        ("X SHIPMENT 2", set()),
    ],
)
def test_what_it_pays(text: str, hints: set[str], trade: Rows, tables: Tables) -> None:
    """Deposit, balance or all, in five languages."""
    row = judged(trade, tables, remittance=text)
    assert {name for name in ("deposit", "balance", "full") if row[name]} == hints
