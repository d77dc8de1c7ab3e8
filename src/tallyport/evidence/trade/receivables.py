"""Receivables (应收账款): who pays late, how late, and who is getting worse.

    issued 10 Feb   due 12 Mar   settled 17 Mar   ─▶   5 days late   (recomputed)
    issued 13 Aug   due 12 Sep   settled  9 Sep   ─▶   0 days late
    issued  2 Dec   due  1 Jan   open on 31 Jan   ─▶  30 days late so far

Days late are counted from the due day, never below zero. Only what was known on the as-of day
counts: an invoice that is settled later is open. So the same function answers for any past day, and
a prediction can be compared with what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.evidence.trade import early_warning
from tallyport.evidence.trade.amounts import minor, place, share_bp
from tallyport.evidence.trade.orders import FINDING

RECENT_DAYS = 90  # A quarter: several invoices a customer, and still news.
BUCKETS: Mapping[str, tuple[int, int]] = {  # Ageing (账龄) of open invoices by days past due.
    "not_due_minor": (-(10**6), 0),
    "late_1_30_minor": (1, 30),
    "late_31_60_minor": (31, 60),
    "late_61_90_minor": (61, 90),
    "late_over_90_minor": (91, 10**6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivablesCheck:
    """Every invoice with its lateness, every customer with its behaviour, as of a day."""

    as_of: date
    invoices: pl.DataFrame
    customers: pl.DataFrame
    warnings: pl.DataFrame
    findings: pl.DataFrame


def last_day(tables: Mapping[str, pl.DataFrame]) -> date | None:
    """Return the last day on which the invoices show something happen: the day to judge them on."""
    table = tables.get("receivable", pl.DataFrame(schema=convert.schema(KINDS["receivable"])))
    days = table.select(pl.max_horizontal("issued_on", "settled_on").max()).item()
    return days if isinstance(days, date) else None


def check(tables: Mapping[str, pl.DataFrame], *, as_of: date) -> ReceivablesCheck:
    """Judge the invoices in the table `receivable` of `tables` as of a day."""
    table = tables.get("receivable", pl.DataFrame(schema=convert.schema(KINDS["receivable"])))
    invoices = _invoices(table, as_of)
    customers = _customers(invoices, as_of)
    return ReceivablesCheck(
        as_of=as_of,
        invoices=invoices,
        customers=customers,
        warnings=early_warning.early(customers),
        findings=_findings(table),
    )


def _invoices(table: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the invoices issued by the as-of day as they stood on it."""
    known = table.filter(pl.col("issued_on") <= as_of)
    settled = pl.when(pl.col("settled_on") <= as_of).then(pl.col("settled_on"))
    counted = (
        pl.coalesce("settled_on", pl.lit(as_of)) - pl.coalesce("due_on", "issued_on")
    ).dt.total_days()
    return (
        known.with_columns(settled_on=settled)
        .select(
            "invoice_no",
            "customer_no",
            "country",
            "issued_on",
            due_on=pl.coalesce("due_on", "issued_on"),
            amount_minor=minor(pl.col("amount")),
            currency="currency",
            is_disputed="disputed",
            settled_on="settled_on",
            is_open=pl.col("settled_on").is_null(),
            days_late=counted.clip(lower_bound=0),
            days_past_due=counted,
            place=place(),
        )
        .sort("customer_no", "issued_on", "invoice_no")
    )


def _customers(invoices: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the payment behaviour of each customer over invoices that fell due."""
    is_due = pl.col("due_on") < as_of
    is_recent = is_due & (pl.col("due_on") >= as_of - timedelta(days=RECENT_DAYS))
    is_earlier = is_due & ~is_recent
    ageing = {
        name: pl.col("amount_minor")
        .filter(pl.col("is_open") & pl.col("days_past_due").is_between(*bounds))
        .sum()
        for name, bounds in BUCKETS.items()
    }
    return (
        invoices.group_by("customer_no", "currency", maintain_order=True)
        .agg(
            invoices=_count(pl.lit(value=True)),
            amount_minor=pl.col("amount_minor").sum(),
            open_minor=pl.col("amount_minor").filter(pl.col("is_open")).sum(),
            overdue_days=pl.col("days_late").filter(pl.col("is_open")).max().fill_null(0),
            disputed_bp=share_bp(_count(pl.col("is_disputed")), _count(pl.lit(value=True))),
            **_behaviour("", is_due),
            **_behaviour("recent_", is_recent),
            **_behaviour("earlier_", is_earlier),
            **ageing,
        )
        .sort("customer_no", "currency")
    )


def _count(condition: pl.Expr) -> pl.Expr:
    return (condition & pl.col("invoice_no").is_not_null()).sum().cast(pl.Int64)


def _behaviour(prefix: str, is_due: pl.Expr) -> dict[str, pl.Expr]:
    """Return due invoices, late ones, their share, mean days late (tenths), share disputed."""
    due = _count(is_due)
    late = _count(is_due & (pl.col("days_late") > 0))
    days = pl.col("days_late").filter(is_due).sum()
    return {
        f"{prefix}due": due,
        f"{prefix}late": late,
        f"{prefix}late_bp": share_bp(late, due),
        f"{prefix}days_late_tenths": pl.when(due > 0).then((20 * days + due) // (2 * due)),
        f"{prefix}due_disputed_bp": share_bp(_count(is_due & pl.col("is_disputed")), due),
    }


def _findings(table: pl.DataFrame) -> pl.DataFrame:
    """Return invoices that cannot be right as they stand, and those that look like one."""
    late = (pl.col("settled_on") - pl.col("due_on")).dt.total_days().clip(lower_bound=0)
    same = ["customer_no", "issued_on", "amount", "currency"]
    impossible = {
        "settled_before_issue": (
            pl.col("settled_on") < pl.col("issued_on"),
            "结清日早于开票日 / settled before it was issued",
        ),
        "due_before_issue": (
            pl.col("due_on") < pl.col("issued_on"),
            "到期日早于开票日 / due before it was issued",
        ),
        "amount_not_positive": (pl.col("amount") <= 0, "金额不为正 / the amount is not positive"),
        "days_late_differs": (
            pl.col("days_late").is_not_null() & (pl.col("days_late").clip(lower_bound=0) != late),
            "逾期天数与日期不符 / the days late do not follow from the dates",
        ),
    }
    found = [
        table.filter(condition.fill_null(value=False)).select(
            type=pl.lit(type_),
            record_ids="invoice_no",
            probability=pl.lit(1.0),
            explanation=pl.lit(text),
        )
        for type_, (condition, text) in impossible.items()
    ]
    doubled = table.filter(pl.struct(same).is_duplicated()).group_by(same, maintain_order=True)
    found.append(
        doubled.agg(record_ids=pl.col("invoice_no").sort().str.join(";")).select(
            type=pl.lit("duplicate_invoice"),
            record_ids="record_ids",
            probability=pl.lit(0.5),
            explanation=pl.lit(
                "同日同客户同金额 / same customer, day and amount under another number"
            ),
        )
    )
    return pl.concat([pl.DataFrame(schema=dict(FINDING)), *found])
