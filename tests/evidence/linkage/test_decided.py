"""What people decided holds, whatever the papers say, and teaches no more than it should.

Goal: a pair that is right is linked, a wrong one is not, the rest stays as it was. Method: the
clean trade, each of its links denied in turn, links claimed that nobody would propose; for the
weights pairs whose truth is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallyport.evidence.linkage import Matching, match
from tallyport.evidence.linkage.decided import Decided, beliefs, pairs_of
from tallyport.evidence.linkage.weights import LABELS_MIN, compete, estimate

from .conftest import AGREEMENTS, AS_OF, CARS, contract_no, declaration_no, vin

Tables = dict[str, pl.DataFrame]
Rows = dict[str, list[dict[str, Any]]]
DEPARTURE, PAYMENT = ("vin", "declaration_no"), ("entry_no", "contract_no")
FIXTURE = [HealthCheck.function_scoped_fixture]


def departures(matching: Matching) -> dict[str, str]:
    """Return the declaration of each vehicle."""
    left = matching.links.filter(pl.col("kind") == "declaration_line")
    return {v: record.split("/")[0] for v, record in left.select("vin", "record").iter_rows()}


def payers(matching: Matching) -> dict[str, set[str]]:
    """Return the agreements that each payment was allocated to."""
    found: dict[str, set[str]] = {}
    for entry_no, agreement in matching.allocations.select("payment_id", "contract_no").iter_rows():
        found.setdefault(entry_no, set()).add(agreement)
    return found


@given(
    number=st.integers(0, AGREEMENTS - 1),
    car=st.integers(0, CARS - 1),
    other=st.integers(1, AGREEMENTS - 1),
)
@settings(max_examples=6, deadline=None, suppress_health_check=FIXTURE)
def test_a_departure_is_where_it_was_decided(
    trade: Rows, tables: Callable[[Rows], Tables], number: int, car: int, other: int
) -> None:
    """Denied: not there. Claimed elsewhere, where a line of its model has room: there."""
    whole = tables(trade)
    before = departures(match(whole, as_of=AS_OF))
    this, elsewhere = vin(number, car), declaration_no((number + other) % AGREEMENTS)
    rival = vin((number + other) % AGREEMENTS, car)
    no = pairs_of([(this, before[this], False)], *DEPARTURE)
    denied = departures(match(whole, as_of=AS_OF, decided=Decided(departures=no)))
    assert denied.get(this) != before[this]
    yes = pairs_of([(this, elsewhere, True), (rival, elsewhere, False)], *DEPARTURE)
    claimed = departures(match(whole, as_of=AS_OF, decided=Decided(departures=yes)))
    assert claimed[this] == elsewhere
    rest = before.keys() - {this, rival}
    assert {one: claimed[one] for one in rest} == {one: before[one] for one in rest}


@given(number=st.integers(0, AGREEMENTS - 1), place=st.integers(1, 2))
@settings(max_examples=4, deadline=None, suppress_health_check=FIXTURE)
def test_a_payment_is_of_the_agreement_that_was_decided(
    trade: Rows, tables: Callable[[Rows], Tables], number: int, place: int
) -> None:
    """Denied: nothing of it is allocated there. Confirmed: as before, and certain."""
    whole, entry_no = tables(trade), f"T{number}{place}"
    no = pairs_of([(entry_no, contract_no(number), False)], *PAYMENT)
    denied = payers(match(whole, as_of=AS_OF, decided=Decided(payments=no)))
    assert contract_no(number) not in denied.get(entry_no, set())
    yes = pairs_of([(entry_no, contract_no(number), True)], *PAYMENT)
    confirmed = match(whole, as_of=AS_OF, decided=Decided(payments=yes))
    assert payers(confirmed)[entry_no] == {contract_no(number)}


def test_one_right_place_makes_the_others_wrong() -> None:
    """Unless somebody decided that two are right; what nobody decided about stays open."""
    pairs = pl.DataFrame({"vin": ["a", "a", "a", "b"], "declaration_no": ["1", "2", "3", "1"]})
    decided = pairs_of([("a", "1", True), ("a", "3", True)], *DEPARTURE)
    assert beliefs(pairs, decided)[:3].tolist() == [1.0, 0.0, 1.0]
    assert np.isnan(beliefs(pairs, decided)[3])


def _believed(seed: int, labels: int, *, denied: bool) -> tuple[float, float]:
    """Return how much `labels` decisions change of the other pairs, and how wrong these end."""
    chance = np.random.default_rng(seed)
    groups, is_right = np.repeat(np.arange(1_000), 2), np.tile([True, False], 1_000)
    agrees = chance.random((2_000, 2)) < np.where(is_right, 0.95, 0.05)[:, None]
    levels, guess = agrees.astype(np.int64), np.where(agrees[:, 0], 0.8, 0.2)
    known = np.full(2_000, np.nan)
    decided = np.arange(2_000)[: 2 * labels]
    known[decided] = np.where(denied, 0.0, is_right[decided])
    free = np.isnan(known)
    before = compete(estimate(levels, guess, groups), groups)
    after = compete(estimate(levels, guess, groups, known), groups)
    wrong = (
        (np.abs(after - is_right).mean() - np.abs(before - is_right).mean()) if not denied else 0
    )
    return float(np.abs(before - after)[free].max()), float(wrong)


@given(seed=st.integers(0, 1_000), labels=st.integers(1, LABELS_MIN // 2 - 1))
@settings(max_examples=10, deadline=None)
def test_a_few_decisions_move_no_weight(seed: int, labels: int) -> None:
    """However wrong they are: what is believed of the others does not change at all."""
    assert _believed(seed, labels, denied=True) == (0.0, 0.0)


@given(seed=st.integers(0, 1_000), labels=st.integers(50, 400))
@settings(max_examples=10, deadline=None)
def test_many_right_decisions_teach(seed: int, labels: int) -> None:
    """What is believed of the others comes no further from the truth."""
    changed, wrong = _believed(seed, labels, denied=False)
    assert changed > 0
    assert wrong < 0.002
