"""Bank text (银行附言): what kind of money an entry of a statement is, and what it says it pays.

    贷款发放 合同XJCS-2024061801          loan          出口退税                      tax rebate
    CONTRACT XJYO-2024070701 SHIPMENT 2   receipt       REFUND OF OVERPAYMENT (out)   refund
    归还贷款 合同XJZR-2024050801 (out)     repayment     BANK CHARGES (out)            expense

Words are tried before names: a bank that lends is not a buyer, whatever its name.
"""

from __future__ import annotations

from enum import StrEnum, unique

import polars as pl

from tallyport.evidence.linkage.fold import folded
from tallyport.evidence.linkage.records import Records


@unique
class Money(StrEnum):
    """What an entry is for."""

    RECEIPT = "receipt"
    LOAN = "loan"
    REPAYMENT = "repayment"
    REBATE = "tax_rebate"
    REFUND = "refund"
    EXPENSE = "expense"
    OTHER = "other"


# Folded text: Cyrillic letters that look Latin have become Latin ones.
LOAN_WORDS = r"贷款|融资|放款|\bLOAN|\bKPEДИT"  # Not AKKPEДИTИB, a letter of credit.
REBATE_WORDS = r"退税|TAX REBATE|BO3BPAT HДC"
REFUND_WORDS = r"REFUND|退款|退回|BO3BPAT|QAYTARISH"
EXPENSE_WORDS = r"FEE\b|CHARGES|费|运费|报关|收购|咨询|推广|FREIGHT|SERVICE|KOMИCCИ|YCЛYГ|CONSULT"
DEPOSIT_WORDS = r"DEPOSIT|ABAHC|预付|定金|\bPREPAY|AVANS"
BALANCE_WORDS = r"BALANCE|ДOПЛATA|尾款|余款|DOPLATA|QOLDIQ"
FULL_WORDS = r"FULL PAYMENT|全款|100 ?%|\bFULL\b|POLNAYA"


def kinds(records: Records) -> pl.DataFrame:
    """Return `entry_no` and `money`, and the hints `deposit`, `balance`, `full` of the text."""
    text = folded(pl.col("remittance").fill_null(""))
    banks = records["seller_account"].select(pl.col("bank").str.to_uppercase()).unique()
    own_bank = pl.col("counterparty").str.to_uppercase().is_in(banks["bank"].implode())
    treasury = pl.col("counterparty").str.contains("金库|国库|TREASURY")
    credit = pl.col("direction") == "CRDT"
    return records["bank_entry"].select(
        "entry_no",
        money=pl.when(
            credit & text.str.contains(REBATE_WORDS) | credit & treasury.fill_null(value=False)
        )
        .then(pl.lit(Money.REBATE.value))
        .when(credit & (text.str.contains(LOAN_WORDS) | own_bank.fill_null(value=False)))
        .then(pl.lit(Money.LOAN.value))
        .when(credit)
        .then(pl.lit(Money.RECEIPT.value))
        .when(text.str.contains(LOAN_WORDS))
        .then(pl.lit(Money.REPAYMENT.value))
        .when(text.str.contains(REFUND_WORDS))
        .then(pl.lit(Money.REFUND.value))
        .when(text.str.contains(EXPENSE_WORDS))
        .then(pl.lit(Money.EXPENSE.value))
        .otherwise(pl.lit(Money.OTHER.value)),
        deposit=text.str.contains(DEPOSIT_WORDS),
        balance=text.str.contains(BALANCE_WORDS),
        full=text.str.contains(FULL_WORDS),
    )
