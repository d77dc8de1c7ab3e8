"""Receivables: lateness is recomputed, ages add up, and what gets worse is noticed.

Goal: the figures about a customer are what its invoices say, on any day. Method: random invoices
against plain Python; the shared invoices, whose own count of days late must come out exactly; a
table of impossible invoices.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.canonical_tables import table
from support.shared import shared
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.evidence.trade import early_warning, receivables

DAY = date(2013, 1, 1)


def invoice(number: int, **cells: object) -> Mapping[str, object]:
    """Return an invoice of 100.00 due after 30 days, settled on the due day."""
    return {
        "invoice_no": f"I{number:03}",
        "customer_no": "K",
        "issued_on": DAY,
        "due_on": DAY + timedelta(days=30),
        "amount": "100.00",
        "currency": "USD",
        "disputed": False,
        "settled_on": DAY + timedelta(days=30),
        **cells,
    }


def checked(*rows: Mapping[str, object], as_of: date) -> receivables.ReceivablesCheck:
    """Check these invoices."""
    return receivables.check({"receivable": table("receivable", rows)}, as_of=as_of)


OFFSETS = st.integers(0, 200)


@given(st.lists(st.tuples(OFFSETS, OFFSETS, OFFSETS), max_size=12), st.integers(0, 400))
def test_any_day_is_judged_by_what_was_known_on_it(
    offsets: list[tuple[int, int, int]], until: int
) -> None:
    """Days late, open amounts and their ages against plain Python."""
    as_of = DAY + timedelta(days=until)
    rows = [
        invoice(
            number,
            issued_on=DAY + timedelta(days=issued),
            due_on=DAY + timedelta(days=issued + term),
            settled_on=DAY + timedelta(days=issued + settled),
        )
        for number, (issued, term, settled) in enumerate(offsets)
    ]
    found = checked(*rows, as_of=as_of)
    known = [one for one in offsets if one[0] <= until]
    late = [max(0, min(issued + settled, until) - issued - term) for issued, term, settled in known]
    assert sorted(found.invoices["days_late"].to_list()) == sorted(late)
    assert found.invoices["is_open"].sum() == sum(i + s > until for i, _, s in known)
    for row in found.customers.iter_rows(named=True):
        assert sum(row[name] for name in receivables.BUCKETS) == row["open_minor"]
        assert row["due"] == row["recent_due"] + row["earlier_due"]
        assert row["late"] == row["recent_late"] + row["earlier_late"]


def test_a_customer_by_hand() -> None:
    """Three invoices: in time, 5 days late, open and 10 days past due."""
    as_of = DAY + timedelta(days=40)
    found = checked(
        invoice(1),
        invoice(2, settled_on=DAY + timedelta(days=35), disputed=True),
        invoice(3, settled_on=None),
        as_of=as_of,
    ).customers.row(0, named=True)
    assert (found["due"], found["late"], found["late_bp"]) == (3, 2, 6667)
    assert found["days_late_tenths"] == 50
    assert found["disputed_bp"] == 3333
    assert (found["open_minor"], found["late_1_30_minor"]) == (10_000, 10_000)
    assert found["overdue_days"] == 10


FINDINGS: list[tuple[str, list[Mapping[str, object]], str]] = [
    ("settled_before_issue", [invoice(1, settled_on=DAY - timedelta(days=1))], "I001"),
    ("due_before_issue", [invoice(1, due_on=DAY - timedelta(days=1), settled_on=None)], "I001"),
    ("amount_not_positive", [invoice(1, amount="0")], "I001"),
    ("days_late_differs", [invoice(1, days_late=4)], "I001"),
    ("duplicate_invoice", [invoice(1), invoice(2)], "I001;I002"),
]


@pytest.mark.parametrize(("type_", "rows", "records"), FINDINGS)
def test_what_cannot_be_is_found(
    type_: str, rows: list[Mapping[str, object]], records: str
) -> None:
    """One line of FINDINGS, and nothing else."""
    found = checked(*rows, as_of=date(2014, 1, 1)).findings
    assert found.select("type", "record_ids").rows() == [(type_, records)]


def test_good_invoices_have_no_findings() -> None:
    """Days late that follow from the dates, also for one that was paid early."""
    rows = [
        invoice(1, settled_on=DAY + timedelta(days=33), days_late=3),
        invoice(2, amount="99.00", settled_on=DAY + timedelta(days=20), days_late=0),
        invoice(3, amount="98.00", settled_on=DAY + timedelta(days=20), days_late=-10),
    ]
    assert checked(*rows, as_of=date(2014, 1, 1)).findings.height == 0


def test_who_gets_worse_is_warned_of() -> None:
    """Four prompt invoices, then three that are ten days late and disputed."""
    prompt = [
        invoice(n, issued_on=DAY - timedelta(days=300), due_on=DAY - timedelta(days=270),
                settled_on=DAY - timedelta(days=270), amount=f"{100 + n}.00")
        for n in range(4)
    ]  # fmt: skip
    late = [
        invoice(n, settled_on=DAY + timedelta(days=40), disputed=True, amount=f"{100 + n}.00")
        for n in range(4, 7)
    ]
    as_of = DAY + timedelta(days=60)
    found = checked(*prompt, *late, as_of=as_of).warnings
    assert found.select("warning", "before", "now").rows() == [
        ("later", 0, 10_000),
        ("slower", 0, 100),
        ("disputes", 0, 10_000),
    ]
    assert checked(*prompt, *late[:2], as_of=as_of).warnings.height == 0
    assert set(found["warning"]) < set(early_warning.TEXTS)


def test_an_old_open_invoice_warns_at_once() -> None:
    """Sixty-one days past due are one too many, also for a customer with one invoice."""
    open_ = invoice(1, settled_on=None)
    due = DAY + timedelta(days=30)
    for days, expected in ((60, []), (61, ["long_overdue"])):
        found = checked(open_, as_of=due + timedelta(days=days)).warnings
        assert found["warning"].to_list() == expected


def test_no_invoices_give_empty_frames() -> None:
    """Nothing in, nothing out, with all columns."""
    found = receivables.check({}, as_of=DAY)
    full = checked(invoice(1), as_of=DAY + timedelta(days=50))
    assert found.customers.columns == full.customers.columns
    assert found.invoices.columns == full.invoices.columns
    assert receivables.last_day({}) is None


def test_the_shared_invoices() -> None:
    """Days late recompute exactly; about a third of the invoices are late."""
    tables = read(
        shared("data", "receivables"), builtin()["receivables"], as_of=date(2024, 12, 31)
    ).tables
    last = receivables.last_day(tables)
    assert last is not None
    found = receivables.check(tables, as_of=last)
    given = tables["receivable"].select("invoice_no", told="days_late")
    both = found.invoices.join(given, on="invoice_no")
    assert both.height == tables["receivable"].height
    assert both.filter(pl.col("told") != pl.col("days_late")).height == 0
    assert found.findings.height == 0
    late, due = found.customers.select(pl.col("late", "due").sum()).row(0)
    assert 0.3 < late / due < 0.45
