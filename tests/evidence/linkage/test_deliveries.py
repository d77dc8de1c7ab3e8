"""Deliveries in any number and order give what one delivery of everything gives.

Goal: the same frames to the last figure; clusters that nothing touched are not solved again.
Method: the clean trade, its rows dealt out at random to three days, some sent twice, some first
wrong and then right; the second day is matched with the stories of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.linkage.memory import Memory
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.deliveries import in_order, together
from tallyport.evidence.sources.intake import QUARANTINE
from tallyport.evidence.sources.reading import FileRead, Reading
from tallyport.evidence.sources.rules import Finding, Rule, Severity
from tallyport.evidence.sources.vocabulary import KINDS

AS_OF = date(2024, 12, 31)
DAYS = 3
FRAMES = Matching.__slots__
Tables = dict[str, pl.DataFrame]
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def whole(trade: Rows, tables: Callable[[Rows], Tables]) -> Tables:
    """Return the clean trade as tables."""
    return tables(trade)


def placed(tables: Tables, name: str) -> Tables:
    """Return canonical tables with all columns and places of origin."""
    placed_ = {}
    for kind, described in KINDS.items():
        columns = [field.name for field in described.fields]
        table = tables[kind].select(columns)
        placed_[kind] = table.select(
            *columns,
            source=pl.lit(kind),
            file=pl.lit(name),
            line=pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
        )
    return placed_


def reading(tables: Tables, findings: tuple[Finding, ...] = ()) -> Reading:
    """Return a reading of these tables, a file a kind."""
    files = tuple(
        FileRead(
            source=kind, kind=kind, file="f.csv", sha256="", size_bytes=0, encoding="utf-8",
            rows=table.height, good=table.height, quarantined=0,
        )
        for kind, table in tables.items()
    )  # fmt: skip
    return Reading(
        profile=builtin()["used_car_export"],
        as_of=AS_OF,
        tables=placed(tables, "f.csv"),
        quarantine=pl.DataFrame(schema=dict(QUARANTINE)),
        files=files,
        findings=findings,
    )


def dealt(tables: Tables, seed: int) -> list[tuple[str, Reading]]:
    """Deal the rows out to three days; every fifth comes again on a later day."""
    days: list[Tables] = [{} for _ in range(DAYS)]
    for kind, table in tables.items():
        shuffled = table.sample(fraction=1.0, shuffle=True, seed=seed)
        day = pl.Series(
            [(seed + 7 * number) % DAYS for number in range(table.height)], dtype=pl.Int64
        )
        for number in range(DAYS):
            mine = shuffled.filter(day == number)
            again = shuffled.filter((day < number) & (pl.int_range(table.height) % 5 == 0))
            days[number][kind] = pl.concat([again, mine])
    return [(f"2024-12-{one + 1:02}", reading(tables_)) for one, tables_ in enumerate(days)]


def same(one: Matching, other: Matching) -> None:
    """Hold that two results are equal to the last figure."""
    for frame in FRAMES:
        assert_frame_equal(getattr(one, frame), getattr(other, frame), check_exact=True)


@given(seed=st.integers(0, 10_000))
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_deliveries_are_one_delivery(whole: Tables, seed: int) -> None:
    """Whatever came when: the frames are those of all rows at once; stories change no figure."""
    days = dealt(whole, seed)
    memory = Memory()
    for count in range(1, DAYS):
        match(together(days[:count]).tables, as_of=AS_OF, memory=memory)
        memory = Memory(known=memory.used)
    matching = match(together(days).tables, as_of=AS_OF, memory=memory)
    same(matching, match(in_order(whole), as_of=AS_OF))


def test_only_touched_clusters_are_solved_again(whole: Tables) -> None:
    """A late payment of one agreement: its cluster is solved, the others are remembered."""
    late = pl.col("entry_no") == "T32"
    first = whole | {"bank_entry": whole["bank_entry"].filter(~late)}
    second = {kind: table.clear() for kind, table in whole.items()}
    second["bank_entry"] = whole["bank_entry"].filter(late)

    memory = Memory()
    match(together([("1", reading(first))]).tables, as_of=AS_OF, memory=memory)
    again = Memory(known=memory.used)
    matching = match(
        together([("1", reading(first)), ("2", reading(second))]).tables, as_of=AS_OF, memory=again
    )

    assert len(again.fresh) == 1
    assert len(again.used) > 1
    same(matching, match(in_order(whole), as_of=AS_OF))


def test_the_newest_record_of_a_key_counts(whole: Tables) -> None:
    """A wrong price comes first, the right one a day later; the wrong one is set aside."""
    wrong = whole | {"contract_line": whole["contract_line"].with_columns(pl.col("price") + 1)}
    merged = together([("1", reading(wrong)), ("2", reading(whole))])
    prices = merged.tables["contract_line"].sort("contract_no", "line_no")["price"]
    expected = whole["contract_line"].sort("contract_no", "line_no")["price"]
    assert prices.to_list() == expected.to_list()
    replaced = merged.quarantine.filter(pl.col("rule") == Rule.DUPLICATE_KEY.value)
    assert set(replaced["source"]) == {"contract_line"}
    assert set(replaced["file"]) == {"1/f.csv"}
    assert all(came.startswith("that of 2/f.csv:") for came in replaced["came"])


@pytest.mark.parametrize(("everywhere", "left"), [(True, 2), (False, 0)])
def test_a_file_is_missing_when_no_delivery_brought_it(
    whole: Tables, *, everywhere: bool, left: int
) -> None:
    """A correction holds one file: what it lacks is not missing."""
    lacking = Finding(
        rule=Rule.FILE_MISSING, severity=Severity.FILE, expected="x.csv", came="none", source="x"
    )
    first = reading(whole, (lacking,) if everywhere else ())
    merged = together([("1", first), ("2", reading(whole, (lacking,)))])
    assert len(merged.findings) == left
