"""Findings on locks: openings while a load is sealed, with leg and vehicles; silence.

Goal: each opening between seal and arrival is found with what it touches, none before or after.
Method: a clean trade with the events of one lock; the shared worlds, where all are on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from support.shared import shared
from tallyport.evidence.linkage import match
from tallyport.evidence.sources.builtin import find_profile
from tallyport.evidence.sources.reading import read

Rows = dict[str, list[dict[str, Any]]]
Said = Callable[[Rows, str], list[list[str]]]
BEGIN = datetime(2024, 3, 21, 8, tzinfo=UTC)


@pytest.fixture
def road(trade: Rows) -> Rows:
    """Return a trade whose first load went over two legs under seal."""
    for leg, (start, end) in enumerate([(0, 30), (40, 90)], start=1):
        trade["leg"].append(
            {
                "waybill_no": "W0",
                "leg_no": leg,
                "origin": "ABC"[leg - 1],
                "destination": "ABC"[leg],
                "departed_at": BEGIN + timedelta(hours=start),
                "arrived_at": BEGIN + timedelta(hours=end),
            }
        )
    for hours, event in ((-1, "SEALED"), (40, "GATE_PASS"), (91, "OPENED_AUTHORISED")):
        _add(trade, hours, event)
    return trade


def _add(rows: Rows, hours: int, event: str) -> str:
    at = BEGIN + timedelta(hours=hours)
    rows["lock_event"].append({"lock_no": "L0", "waybill_no": "W0", "at": at, "event": event})
    return f"lock_event:L0/{at:%Y-%m-%dT%H:%M:%SZ}/{event}"


def test_a_load_that_stayed_sealed(road: Rows, said: Said) -> None:
    """Nothing to say."""
    assert said(road, "opened_on_the_way") == []
    assert said(road, "lock_silent") == []


@pytest.mark.parametrize(
    ("hours", "where"),
    [(10, "leg 1, A – B, 10 h after it began"), (35, "waiting at B after leg 1"),
     (50, "leg 2, B – C, 10 h after it began")],
)  # fmt: skip
def test_an_opening_has_its_leg_and_vehicles(
    road: Rows, tables: Callable[[Rows], dict[str, pl.DataFrame]], hours: int, where: str
) -> None:
    """The waybill, the event, every vehicle on board."""
    ref = _add(road, hours, "OPENED_UNEXPECTED")
    found = match(tables(road), as_of=date(2024, 12, 31)).findings.filter(type="opened_on_the_way")
    ((records, text),) = found.select("record_ids", "explanation").rows()
    vins = sorted(row["vin"] for row in road["vehicle"][:3])
    assert records.split(";") == ["W0", ref, *vins]
    assert where in text
    assert "3 vehicles" in text


@pytest.mark.parametrize("hours", [-2, 92])
def test_before_the_seal_and_after_arrival_a_load_may_be_opened(
    road: Rows, said: Said, hours: int
) -> None:
    """It is being loaded, or unloaded."""
    _add(road, hours, "OPENED_UNEXPECTED")
    assert said(road, "opened_on_the_way") == []


def test_a_silent_lock(road: Rows, said: Said) -> None:
    """A week without a word between two reports."""
    road["lock_event"][2]["at"] += timedelta(days=9)
    assert said(road, "lock_silent") == [["W0"]]


@pytest.mark.parametrize("world", ["dev762", "dev3000hard"])
def test_every_opening_of_a_shared_world_is_found(world: str) -> None:
    """Each once, though some events were sent twice."""
    folder = shared("worlds", world)
    tables = read(folder, find_profile(folder)).tables
    events = tables["lock_event"].filter(event="OPENED_UNEXPECTED").unique(["lock_no", "at"])
    found = match(tables, as_of=date(2024, 12, 31)).findings.filter(type="opened_on_the_way")
    named = {records.split(";")[0] for records in found["record_ids"]}
    assert found.height == events.height > 0
    assert named == set(events["waybill_no"])
