"""The card ranks who will pay late: a floor under the figures of docs/credit.md.

Goal: a change of the card that ranks worse than chance or much worse than now is noticed. Method:
the same measurement as the docs, on the shared invoices.
"""

from __future__ import annotations

from datetime import date

from support.later_lateness import SPLITS, split
from support.shared import shared
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read


def test_scores_rank_later_lateness() -> None:
    """At each split far better than a coin."""
    folder = shared("data", "receivables")
    tables = read(folder, builtin()["receivables"], as_of=date(2024, 12, 31)).tables
    for day in SPLITS:
        found = split(tables, day)
        assert found.invoices is not None
        assert found.invoices.auc > 0.75
