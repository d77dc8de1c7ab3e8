"""How well the card ranks who will be late: time splits on the shared invoices and orders.

Goal: the figures of docs/credit.md, from one command. Method: rate every firm on what was known at
the end of a day; then look at the half year after it, which the rating could not know.
Run: `.venv/bin/python tests/support/later_lateness.py [FOLDER]`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from tallyport.credit.history import history_of
from tallyport.credit.ranking import Ranking, ranking
from tallyport.credit.rating import rate
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.evidence.trade import orders, receivables
from tallyport.evidence.trade.history import of_orders, of_receivables

SPLITS = (date(2012, 7, 31), date(2012, 10, 31), date(2013, 1, 31), date(2013, 4, 30))
ORDER_SPLITS = (date(2017, 12, 31), date(2018, 3, 31))
HORIZON_DAYS = 183
TRADES_MIN = 3  # Of a merchant; with fewer there is nothing to rank by.

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What the scores of `day` said about the half year after it."""

    day: date
    invoices: Ranking | None  # Each later invoice: good if paid by its due day.
    customers: Ranking | None  # Each customer: good if later late no more often than the median.
    naive: Ranking | None  # The same invoices, ranked by the past share of late ones alone.


def split(tables: Tables, day: date) -> Split:
    """Rate customers on `day` and compare with the invoices that came after."""
    # Nobody dated the disputes: one on an invoice that was open on the day may have come later.
    seen = pl.when(pl.col("settled_on") <= day).then(pl.col("disputed"))
    table = tables["receivable"].with_columns(disputed=seen)
    known = receivables.check({"receivable": table}, as_of=day)
    rated = rate(history_of(of_receivables(known), as_of=day, currency="USD"))
    score = {one.subject: one.score for one in rated}
    past = {
        no: -bp for no, bp in known.customers.select("customer_no", "late_bp").iter_rows() if bp
    }
    later = (
        tables["receivable"]
        .filter(pl.col("issued_on").is_between(*_after(day)))
        .filter(pl.col("customer_no").is_in(list(score)))
        .select("customer_no", good=pl.col("settled_on") <= pl.col("due_on"))
    )
    shares = later.group_by("customer_no").agg(pl.col("good").mean())
    median = shares["good"].median()
    return Split(
        day=day,
        invoices=ranking((score[no], good) for no, good in later.iter_rows()),
        customers=ranking((score[no], good >= median) for no, good in shares.iter_rows()),
        naive=ranking((past.get(no, 0), good) for no, good in later.iter_rows()),
    )


def merchants(tables: Tables, day: date) -> Ranking | None:
    """Rate merchants on `day`; each later order is good if it was delivered as promised."""
    known = orders.check(tables, as_of=day)
    rated = rate(history_of(of_orders(known), as_of=day, currency="BRL"))
    score = {one.subject: one.score for one in rated if one.trades >= TRADES_MIN}
    lines = orders.check(tables, as_of=_after(day)[1] + timedelta(days=90)).lines
    later = lines.filter(pl.col("ordered_on").is_between(*_after(day)))
    outcomes = later.select("seller_no", "is_late").iter_rows()
    return ranking((score[no], not late) for no, late in outcomes if no in score)


def _after(day: date) -> tuple[date, date]:
    return day + timedelta(days=1), day + timedelta(days=HORIZON_DAYS)


def lines(folder: Path) -> Iterator[str]:
    """Yield the two tables of docs/credit.md."""
    as_of = date(2024, 12, 31)
    invoices = read(folder / "receivables", builtin()["receivables"], as_of=as_of).tables
    yield "rated on     invoices  late    AUC   Gini     KS   past share alone   customers AUC"
    for found in (split(invoices, day) for day in SPLITS):
        one, naive, firms = found.invoices, found.naive, found.customers
        if one is not None and naive is not None and firms is not None:
            yield (
                f"{found.day}   {one.good + one.bad:8} {one.bad:5} {float(one.auc):6.3f}"
                f" {float(one.gini):6.3f} {float(one.ks):6.3f} {float(naive.auc):18.3f}"
                f" {float(firms.auc):15.3f}"
            )
    shop = read(folder / "orders", builtin()["orders"], as_of=as_of).tables
    yield ""
    yield "rated on       orders  late    AUC   Gini     KS"
    for day in ORDER_SPLITS:
        shown = merchants(shop, day)
        if shown is not None:
            yield (
                f"{day}   {shown.good + shown.bad:8} {shown.bad:5} {float(shown.auc):6.3f}"
                f" {float(shown.gini):6.3f} {float(shown.ks):6.3f}"
            )


if __name__ == "__main__":
    shared = os.environ.get("TALLYPORT_SHARED", Path(__file__).parents[2].parent / "shared")
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(shared) / "data"
    sys.stdout.write("\n".join(lines(place)) + "\n")
