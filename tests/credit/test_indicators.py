"""Indicators: exact functions of the history, each with a figure by hand.

Goal: a value is what its name says and can be taken apart into its records. Method: for every
indicator a history whose value is known; sums of lineage against values under Hypothesis; window,
grace and limits of days tried on both sides.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import histories
from support.histories import AS_OF, Rows
from tallyport.credit.history import History
from tallyport.credit.indicators import INDICATORS, Past
from tallyport.credit.indicators.model import Direction, past
from tallyport.credit.measuring import WORST_MAX, Measure, lineage, measure

SEVERITY = pl.DataFrame({"role": ["buyer"], "type": ["payment_default"], "points": [9]})


def seen(history: History, *, window_days: int = 365) -> Past:
    """Return what indicators look at."""
    return past(history, window_days=window_days, severity=SEVERITY)


def value(name: str, history: History) -> Measure | None:
    """Return the measure of firm F, if it has one."""
    return measure(INDICATORS[name], seen(history)).get(("F", "buyer"))


def ago(days: int) -> date:
    """Return the day so many days before the as-of day."""
    return AS_OF - timedelta(days=days)


def due(name: str, late: int | None, minor: int = 100, days: int = 100) -> dict[str, object]:
    """Return money due some days ago, paid so many days late (None: not yet)."""
    day = ago(days)
    paid = None if late is None else day + timedelta(days=late)
    return {"due": name, "due_on": day, "amount_minor": minor, "paid_on": paid}


def trade(name: str, days: int = 10, **cells: object) -> dict[str, object]:
    """Return a trade opened some days ago."""
    return {"trade": name, "agreement": name, "opened_on": ago(days), **cells}


BY_HAND: list[tuple[str, Rows, Rows, Rows, int, tuple[str, ...]]] = [
    # December twice, November, and the January of the year before: 2 of 12 months.
    (
        "purchase_stability",
        [trade("A", 0), trade("B", 5), trade("C", 35), trade("D", 350)],
        [],
        [],
        2_500,
        ("2024-02", "2024-03", "2024-04", "2024-05", "2024-06"),
    ),
    # Before: mean of 100 and 300. Since: 150. Three quarters.
    (
        "order_size_trend",
        [
            trade("A", 300, amount_minor=100),
            trade("B", 250, amount_minor=300),
            trade("C", 20, amount_minor=150),
        ],
        [],
        [],
        7_500,
        ("B", "A"),
    ),
    # 600 of 1,000 with X.
    (
        "concentration",
        [
            trade("A", amount_minor=400, counterparty="X"),
            trade("B", amount_minor=200, counterparty="X"),
            trade("C", amount_minor=400, counterparty="Y"),
        ],
        [],
        [],
        6_000,
        ("X",),
    ),
    ("experience", [trade("A", 20), trade("B", 400)], [], [], 400, ()),
    # Three days are grace, four are not: 300 of 400.
    (
        "payment_punctuality",
        [],
        [due("A", -5), due("B", 0), due("C", 3), due("D", 4)],
        [],
        7_500,
        ("D",),
    ),
    # By number there is no grace: two of four.
    (
        "prompt_bills",
        [],
        [due("A", -5), due("B", 0), due("C", 1), due("D", None)],
        [],
        5_000,
        ("C", "D"),
    ),
    # (300 x 10 + 100 x 100 days) / 400 = 32.5 days.
    ("days_late", [], [due("A", 10, 300), due("B", None, 100)], [], 325, ("B", "A")),
    # Half a year at most.
    ("days_late", [], [due("A", None, 1, 300)], [], 1_800, ("A",)),
    # Paid 61 days late: it was in default. Due 60 days ago: too early to tell.
    (
        "default_share",
        [],
        [due("A", 61, 100), due("B", 60, 300), due("C", None, 500, 60)],
        [],
        2_500,
        ("A",),
    ),
    (
        "dispute_share",
        [trade("A", disputed=True), trade("B", disputed=False), trade("C")],
        [],
        [],
        5_000,
        ("A",),
    ),
    (
        "evidence_completeness",
        [trade("A", evidence_bp=10_000), trade("B", evidence_bp=4_500), trade("C")],
        [],
        [],
        7_250,
        ("B",),
    ),
    (
        "value_consistency",
        [
            trade("A", value_agrees=True),
            trade("B", value_agrees=True),
            trade("C", value_agrees=False),
        ],
        [],
        [],
        6_667,
        ("C",),
    ),
    (
        "customs_compliance",
        [trade("A", customs_clean=True), trade("B", customs_clean=False)],
        [],
        [],
        5_000,
        ("B",),
    ),
    # 9 points x 0.9 on 2 trades: 405 for 100.
    (
        "findings_severity",
        [trade("A"), trade("B")],
        [],
        [{"type": "payment_default", "records": "K", "probability_bp": 9_000}],
        405,
        ("payment_default: K",),
    ),
    (
        "data_quality",
        [trade("A", wanted=10, filled=9), trade("B", wanted=10, filled=10)],
        [],
        [],
        9_500,
        ("A",),
    ),
    (
        "delivery_success",
        [trade("A", delivered=True), trade("B", delivered=False), trade("C")],
        [],
        [],
        5_000,
        ("B",),
    ),
    (
        "logistics_time",
        [trade("A", transit_days=9), trade("B", transit_days=12)],
        [],
        [],
        105,
        ("B", "A"),
    ),
    (
        "delivery_on_time",
        [trade("A", on_time=True), trade("B", on_time=False)],
        [],
        [],
        5_000,
        ("B",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "trades", "dues", "remarks", "expected", "worst"), BY_HAND)
def test_by_hand(
    name: str, trades: Rows, dues: Rows, remarks: Rows, expected: int, worst: tuple[str, ...]
) -> None:
    """One line of BY_HAND: the value, and the records that pull it down."""
    found = value(name, histories.told(trades=trades, dues=dues, remarks=remarks))
    assert found is not None
    assert found.value == expected
    if name != "experience":
        assert found.worst == worst


def test_every_indicator_is_tried_and_worded() -> None:
    """In the order of the table."""
    assert list(dict.fromkeys(name for name, *_ in BY_HAND)) == list(INDICATORS)
    assert len(INDICATORS) >= 12
    for one in INDICATORS.values():
        assert one.zh
        assert one.en
        assert one.rows.__doc__


@pytest.mark.parametrize("name", INDICATORS)
def test_nothing_known_gives_no_value(name: str) -> None:
    """Not zero: none."""
    assert value(name, histories.told()) is None


@pytest.mark.parametrize("name", sorted(set(INDICATORS) - {"purchase_stability", "experience"}))
def test_what_lies_before_the_window_does_not_count(name: str) -> None:
    """A year and a day ago is another year."""
    everything = trade(
        "A", 365, amount_minor=5, counterparty="X", disputed=True, evidence_bp=1, delivered=False,
        on_time=False, transit_days=9, value_agrees=False, customs_clean=False, wanted=9, filled=1,
    )  # fmt: skip
    assert value(name, histories.told(trades=[everything], dues=[due("A", 9, days=365)])) is None


def test_money_is_late_on_the_day_after_it_was_due() -> None:
    """On the day itself there is time until midnight; what falls due tomorrow is not asked for."""
    today, tomorrow = due("A", None, days=0), due("B", None, days=-1)
    assert value("payment_punctuality", histories.told(dues=[today, tomorrow])) is None
    yesterday = due("C", None, days=1)
    found = value("payment_punctuality", histories.told(dues=[today, yesterday]))
    assert found is not None
    assert (found.value, found.records) == (0, 1)


DUES = st.lists(
    st.builds(
        due,
        name=st.sampled_from("ABCDEFGHIJ"),
        late=st.none() | st.integers(-30, 200),
        minor=st.integers(1, 2**53 - 1),
        days=st.integers(1, 360),
    ),
    min_size=1,
    max_size=12,
)


@given(DUES, st.sampled_from(["payment_punctuality", "prompt_bills", "days_late", "default_share"]))
def test_a_value_is_the_sum_of_its_lineage(dues: Rows, name: str) -> None:
    """Also with sums beyond 64 bits: the quotient of the sums, halves up."""
    history = histories.told(dues=dues)
    rows = lineage(INDICATORS[name], seen(history), "F", "buyer")
    found = value(name, history)
    if found is None:
        assert rows.height == 0
        return
    part, whole = sum(rows["part"].to_list()), sum(rows["whole"].to_list())
    assert (found.part, found.whole, found.records) == (part, whole, rows.height)
    exact = Fraction(part, whole) * INDICATORS[name].scale
    assert abs(exact - found.value) <= Fraction(1, 2)
    assert len(found.worst) <= WORST_MAX
    assert set(found.worst) <= set(rows["record"].to_list())


@given(DUES, st.integers(0, 11))
def test_paying_earlier_never_looks_worse(dues: Rows, which: int) -> None:
    """One payment made on its due day: every indicator of payment is as good or better."""
    at = which % len(dues)
    better = [
        {**one, "paid_on": one["due_on"]} if at == place else one for place, one in enumerate(dues)
    ]
    for name in ("payment_punctuality", "prompt_bills", "days_late", "default_share"):
        before = value(name, histories.told(dues=dues))
        after = value(name, histories.told(dues=better))
        if before is None or after is None:
            assert before is after
        elif INDICATORS[name].direction is Direction.UP:
            assert after.value >= before.value
        else:
            assert after.value <= before.value


def test_firms_do_not_mix() -> None:
    """Two firms, and one firm in two roles, each have their own value."""
    history = histories.told(
        dues=[due("A", 0), {**due("B", None), "subject": "G"}, {**due("C", None), "role": "seller"}]
    )
    found = measure(INDICATORS["payment_punctuality"], seen(history))
    assert {who: one.value for who, one in found.items()} == {
        ("F", "buyer"): 10_000,
        ("F", "seller"): 0,
        ("G", "buyer"): 0,
    }
