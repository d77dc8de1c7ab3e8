"""A partner's system changes, and the alarm names what changed; chance raises none.

Goal: nobody finds out from a bank that a column has been empty for a month. Method: deliveries of
one habit are drawn at random and must raise no alarm; then the habit is changed, one thing at a
time, and exactly that is named.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.quality import QualityReport, drift, report
from tallyport.evidence.sources import loading, reading
from tallyport.kernel.guard import FaultError

PROFILE = loading.parse(
    "profile: p\nsources: {stock: {kind: vehicle, files: stock.csv, fields:"
    " {vin: vin, cost_cny: cost, brand: brand}}}"
)
Change = Callable[[int, list[str]], list[str]]


def delivery(folder: Path, rows: int, seed: int, change: Change | None = None) -> QualityReport:
    """Return the report of a delivery in which nine of ten rows have a brand."""
    chance = random.Random(seed)  # noqa: S311 - Nobody is to be surprised but us.
    lines = []
    for number in range(rows):
        brand = f"b{number % 40}" if chance.random() < 0.9 else ""
        row = [f"LSVCE2BR5N{number:07}", str(number), brand]
        lines.append(",".join(change(number, row) if change else row))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stock.csv").write_text("\n".join(["vin,cost,brand", *lines]) + "\n", "utf-8")
    return report(reading.read(folder, PROFILE, as_of=date(2024, 12, 31)))


@given(
    rows=st.integers(1, 400),
    later=st.integers(1, 400),
    seeds=st.tuples(st.integers(0, 9_999), st.integers(0, 9_999)),
)
def test_chance_raises_no_alarm(
    tmp_path_factory: pytest.TempPathFactory, rows: int, later: int, seeds: tuple[int, int]
) -> None:
    """Two deliveries of one habit, of whatever size; only their number of rows may be odd."""
    folder = tmp_path_factory.getbasetemp() / "chance"
    contract = drift.agree(delivery(folder, rows, seeds[0]))
    alarms = drift.drift(contract, delivery(folder, later, seeds[1]))
    assert {alarm.what for alarm in alarms} <= {"rows"}
    is_odd = not rows / drift.ROWS_FACTOR <= later <= rows * drift.ROWS_FACTOR
    assert bool(alarms) == is_odd


CHANGES: list[tuple[str, Change, set[tuple[str | None, str]]]] = [
    ("half empty", lambda n, r: r if n % 2 else [r[0], r[1], ""], {("brand", "filled")}),
    ("always filled", lambda _, r: [r[0], r[1], r[2] or "b1"], {("brand", "filled")}),
    ("one value", lambda _, r: [r[0], r[1], r[2] and "b1"], {("brand", "constant")}),
    (
        "other numbers",
        lambda n, r: r if n % 3 else [r[0], f"{r[1]}x", r[2]],
        {("cost_cny", "filled"), ("cost_cny", "unread")},
    ),
    ("no keys", lambda n, r: r if n % 4 else ["", r[1], r[2]], {(None, "good")}),
]


@pytest.mark.parametrize(
    ("change", "expected"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES]
)
def test_a_change_of_habit_is_named(
    tmp_path: Path, change: Change, expected: set[tuple[str | None, str]]
) -> None:
    """With what was expected and what came."""
    contract = drift.agree(delivery(tmp_path, 900, 1))
    alarms = drift.drift(contract, delivery(tmp_path, 800, 2, change))
    assert {(alarm.field, alarm.what) for alarm in alarms} == expected
    assert all(alarm.source == "stock" and alarm.expected != alarm.came for alarm in alarms)


def test_a_source_that_does_not_come_is_named(tmp_path: Path) -> None:
    """Also when the others do."""
    contract = drift.agree(delivery(tmp_path, 50, 1))
    other = {"bank": contract["stock"], **contract}
    alarms = drift.drift(other, delivery(tmp_path, 50, 1))
    assert [(alarm.source, alarm.what) for alarm in alarms] == [("bank", "gone")]


def test_a_contract_is_kept_as_text(tmp_path: Path) -> None:
    """What is written is read."""
    contract = drift.agree(delivery(tmp_path, 50, 1))
    assert drift.from_json(drift.to_json(contract)) == contract


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"data_contract": 2, "sources": {}}',
        '{"data_contract": 1, "sources": []}',
        '{"data_contract": 1, "sources": {"s": {"rows": "many"}}}',
        json.dumps({"data_contract": 1, "sources": {"s": {"rows": 1, "good_pct": 1}}}),
        "[" * 100_000,
    ],
)
def test_what_is_no_contract_is_refused(text: str) -> None:
    """The answer says what to do."""
    with pytest.raises(FaultError, match="expected a data contract"):
        drift.from_json(text)
