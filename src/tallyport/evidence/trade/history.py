"""History of shops and invoices (商户与应收账款的履约历史), in the frames that credit reads.

    order of a shop      role merchant   one trade an order and seller; nothing falls due to it
    invoice              role customer   one trade and one due an invoice
    haul of a platform   role shipper    one trade a haul, one due a bill
                         role carrier    one trade a haul; nothing falls due to it

Cells that are wanted of every record are named below; the rest comes as it comes.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tallyport.evidence.trade.orders import OrderCheck
from tallyport.evidence.trade.reasons import Reason, Status
from tallyport.evidence.trade.receivables import ReceivablesCheck

WHOLE_BP = 10_000
_CANCELLED = [Reason.CANCELLED.value, Reason.CANCELLED_PAID.value, Reason.CANCELLED_DELIVERED.value]
WORTH = {Status.COMPLETE.value: WHOLE_BP, Status.PARTLY.value: WHOLE_BP // 2}
_ORDER_CELLS = ("customer_no", "ordered_on", "promised_on", "amount_minor")
_INVOICE_CELLS = ("country", "issued_on", "due_on", "amount_minor", "currency")


def of_orders(check: OrderCheck) -> dict[str, pl.DataFrame]:
    """Return the history of the merchants of a shop; a partly proven order counts half."""
    lines = check.lines.with_columns(subject="seller_no", role=pl.lit("merchant"))
    has = pl.col("reasons").list.set_intersection
    is_due = pl.col("is_late") | pl.col("delivered_on").is_not_null()
    wrong_money = [Reason.UNDERPAID.value, Reason.OVERPAID.value, Reason.PAID_TWICE.value]
    trades = lines.select(
        "subject",
        "role",
        trade="order_no",
        agreement="order_no",
        counterparty="customer_no",
        opened_on="ordered_on",
        amount_minor="amount_minor",
        evidence_bp=pl.col("status").replace_strict(WORTH, default=0, return_dtype=pl.Int64),
        delivered=pl.when(pl.col("delivered_on").is_not_null())
        .then(pl.lit(value=True))
        .when(pl.col("is_late"))
        .then(pl.lit(value=False)),
        on_time=pl.when(is_due).then(~pl.col("is_late")),
        transit_days=pl.col("transit_days").clip(lower_bound=0),
        value_agrees=pl.when(pl.col("payments") > 0).then(has(wrong_money).list.len() == 0),
        customs_clean=pl.lit(None, pl.Boolean),
        disputed=has(_CANCELLED).list.len() > 0,
        wanted=pl.lit(len(_ORDER_CELLS), pl.Int64),
        filled=filled(_ORDER_CELLS),
        place="place",
    )
    return {
        "subjects": subjects_of(trades),
        "trades": trades,
        "dues": _no_dues(),
        "remarks": remarks_of(check.findings, trades),
    }


def of_receivables(check: ReceivablesCheck) -> dict[str, pl.DataFrame]:
    """Return the history of the customers who owe invoices; invoices must be in one currency."""
    rows = check.invoices.with_columns(subject="customer_no", role=pl.lit("customer"))
    trades = rows.select(
        "subject",
        "role",
        trade="invoice_no",
        agreement="invoice_no",
        counterparty=pl.lit(None, pl.String),
        opened_on="issued_on",
        amount_minor="amount_minor",
        evidence_bp=pl.lit(None, pl.Int64),
        delivered=pl.lit(None, pl.Boolean),
        on_time=pl.lit(None, pl.Boolean),
        transit_days=pl.lit(None, pl.Int64),
        value_agrees=pl.lit(None, pl.Boolean),
        customs_clean=pl.lit(None, pl.Boolean),
        disputed="is_disputed",
        wanted=pl.lit(len(_INVOICE_CELLS), pl.Int64),
        filled=filled(_INVOICE_CELLS),
        place="place",
    )
    dues = rows.select(
        "subject",
        "role",
        due="invoice_no",
        agreement="invoice_no",
        due_on="due_on",
        amount_minor="amount_minor",
        paid_on="settled_on",
        place="place",
    )
    return {
        "subjects": subjects_of(trades),
        "trades": trades,
        "dues": dues,
        "remarks": remarks_of(check.findings, trades),
    }


def filled(cells: Sequence[str]) -> pl.Expr:
    """Return how many of `cells` a trade has."""
    return pl.sum_horizontal(pl.col(cell).is_not_null().cast(pl.Int64) for cell in cells)


def subjects_of(trades: pl.DataFrame) -> pl.DataFrame:
    """Return everybody who has a trade, by number."""
    return (
        trades.select("subject", "role", name="subject").unique(maintain_order=True).sort("subject")
    )


def _no_dues() -> pl.DataFrame:
    texts = dict.fromkeys(("subject", "role", "due", "agreement"), pl.String)
    rest = {"due_on": pl.Date, "amount_minor": pl.Int64, "paid_on": pl.Date, "place": pl.String}
    return pl.DataFrame(schema={**texts, **rest})


def remarks_of(findings: pl.DataFrame, trades: pl.DataFrame) -> pl.DataFrame:
    """Return each finding once for every subject that has a trade which it names."""
    named = findings.with_columns(trade=pl.col("record_ids").str.split(";")).explode("trade")
    return (
        named.join(trades.select("subject", "role", "trade").unique(), on="trade")
        .select(
            "subject",
            "role",
            "type",
            records="record_ids",
            probability_bp=(pl.col("probability") * WHOLE_BP).round(0).cast(pl.Int64),
            explanation="explanation",
        )
        .unique()
        .sort("subject", "type", "records")
    )
