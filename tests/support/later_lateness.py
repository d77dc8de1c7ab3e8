"""How well the card ranks who will pay late: a time split on the shared receivables.

Goal: the figures of docs/credit.md, from one command. Method: rate every customer on what was known
at the end of a day; then look at the invoices issued in the half year after it, which the rating
could not know. Run: `.venv/bin/python tests/support/later_lateness.py [FOLDER]`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from tallyport.credit.history import history_of
from tallyport.credit.ranking import Ranking, ranking
from tallyport.credit.rating import rate
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.evidence.trade import receivables
from tallyport.evidence.trade.history import of_receivables

SPLITS = (date(2012, 7, 31), date(2012, 10, 31), date(2013, 1, 31), date(2013, 4, 30))
HORIZON_DAYS = 183


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What the scores of `day` said about the half year after it."""

    day: date
    invoices: Ranking | None  # Each later invoice: good if paid by its due day.
    customers: Ranking | None  # Each customer: good if later late no more often than the median.
    naive: Ranking | None  # The same invoices, ranked by the past share of late ones alone.


def split(tables: Mapping[str, pl.DataFrame], day: date) -> Split:
    """Rate on `day` and compare with what came."""
    known = receivables.check(tables, as_of=day)
    rated = rate(history_of(of_receivables(known), as_of=day, currency="USD"))
    score = {one.subject: one.score for one in rated}
    past = {no: -bp for no, bp in known.customers.select("customer_no", "late_bp").iter_rows()}
    table = tables["receivable"]
    end = day + timedelta(days=HORIZON_DAYS)
    later = table.filter(
        (pl.col("issued_on") > day)
        & (pl.col("issued_on") <= end)
        & pl.col("customer_no").is_in(list(score))
    ).select("customer_no", good=pl.col("settled_on") <= pl.col("due_on"))
    shares = later.group_by("customer_no").agg(pl.col("good").mean())
    median = shares["good"].median()
    return Split(
        day=day,
        invoices=ranking((score[no], good) for no, good in later.iter_rows()),
        customers=ranking((score[no], good >= median) for no, good in shares.iter_rows()),
        naive=ranking((past[no] or 0, good) for no, good in later.iter_rows()),
    )


def main(folder: Path) -> None:
    """Print one line a split."""
    tables = read(folder, builtin()["receivables"], as_of=date(2024, 12, 31)).tables
    lines = ["rated on     invoices  late    AUC   Gini     KS   past share alone   customers AUC"]
    for day in SPLITS:
        found = split(tables, day)
        one, naive, firms = found.invoices, found.naive, found.customers
        if one is None or naive is None or firms is None:
            lines.append(f"{day}   no outcome")
            continue
        lines.append(
            f"{day}   {one.good + one.bad:8} {one.bad:5} {float(one.auc):6.3f}"
            f" {float(one.gini):6.3f} {float(one.ks):6.3f} {float(naive.auc):18.3f}"
            f" {float(firms.auc):15.3f}"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    here = os.environ.get("TALLYPORT_SHARED", Path(__file__).parents[2].parent / "shared")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(here) / "data" / "receivables")
