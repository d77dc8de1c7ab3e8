"""Rules as data: the line in force on a day, and its name.

Goal: a rule's history has no overlap and no guess. Method: a history of random length against a
naive search; then the edges of a day.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.kernel.guard import InvariantError
from tallyport.kernel.rules import Rule, RuleBook, Standing

DAY = date(2025, 6, 15)


def rule(since: date, until: date | None = None, name: str = "CN-SCF-1", months: int = 12) -> Rule:
    """Return a line of a rule's history."""
    return Rule(
        id=name,
        source="银发〔2025〕77号",
        article="11",
        since=since,
        until=until,
        standing=Standing.TEXT,
        parameters={"months_max": months},
    )


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=2, max_size=6, unique=True),
    st.dates(date(2019, 1, 1), date(2031, 1, 1)),
)
def test_the_line_in_force(edges: list[date], day: date) -> None:
    """Lines that follow each other: the last that began and has not ended."""
    edges.sort()
    lines = tuple(rule(first, last) for first, last in pairwise(edges))
    found = RuleBook(lines).on("CN-SCF-1", day)
    assert found == next((line for line in lines if line.since <= day < (line.until or day)), None)


def test_the_edges_of_a_line() -> None:
    """It holds from `since` to the day before `until`."""
    book = RuleBook((rule(date(2015, 1, 1), DAY), rule(DAY, months=6)))
    before, after = book.on("CN-SCF-1", DAY - timedelta(days=1)), book.on("CN-SCF-1", DAY)
    assert before is not None
    assert after is not None
    assert (before.parameters["months_max"], after.parameters["months_max"]) == (12, 6)
    assert after.version == "CN-SCF-1@2025-06-15"
    assert book.on("CN-SCF-1", date(2014, 12, 31)) is None
    assert book.on("CN-SCF-2", DAY) is None


def test_two_lines_on_one_day_stop_us() -> None:
    """RULE-1."""
    book = RuleBook((rule(date(2015, 1, 1)), rule(DAY)))
    assert book.on("CN-SCF-1", date(2024, 1, 1)) == book.lines[0]
    with pytest.raises(InvariantError, match="RULE-1"):
        book.on("CN-SCF-1", DAY)
