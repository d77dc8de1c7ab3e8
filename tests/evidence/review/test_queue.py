"""What is doubtful is asked, with both records; what is sure is not.

Goal: every doubt is one question, every field of both records is in it, differences are marked.
Method: a small trade whose links are known; candidates made by hand around the two bounds.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import small_trade
from tallyport.evidence.linkage.model import CANDIDATES
from tallyport.evidence.review.model import Kind, Mark, Question
from tallyport.evidence.review.queue import Bounds, questions
from tallyport.evidence.review.sides import digest, rows, shown

TABLES = small_trade.tables()
PAIRS = st.lists(
    st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.floats(0, 1)), min_size=1, max_size=9
)


def _asked(pairs: list[tuple[str, str, str, float, bool]]) -> tuple[Question, ...]:
    """Return what is asked about these candidates and nothing else."""
    full = small_trade.matching()
    candidates = pl.DataFrame(pairs, schema=CANDIDATES, orient="row")
    matching = replace(
        full,
        candidates=candidates,
        findings=full.findings.clear(),
        unallocated=full.unallocated.clear(),
    )
    return questions(matching, TABLES)


@given(pairs=PAIRS)
def test_an_item_is_asked_once_when_one_of_its_pairs_is_doubtful(
    pairs: list[tuple[str, float]],
) -> None:
    """Bounds belong to the doubt; every candidate of the item is offered, the best first."""
    rows_ = [("payment", item, f"A{at}", p, False) for at, (item, p) in enumerate(pairs)]
    found = {one.item: one for one in _asked(rows_)}
    bounds = Bounds()
    for item in {item for item, _ in pairs}:
        mine = [p for name, p in pairs if name == item]
        doubtful = any(bounds.low_bp <= p * 10_000 <= bounds.high_bp for p in mine)
        assert (item in found) == doubtful
        if doubtful:
            offered = [one.probability_bp for one in found[item].candidates]
            assert offered == sorted((round(10_000 * p) for p in mine), reverse=True)[:8]


def test_both_records_lie_side_by_side() -> None:
    """The fields that speak of the same thing in one row; the currency agrees; places are told."""
    (one,) = _asked(
        [("payment", "E1", "XJYO-1", 0.6, True), ("payment", "E1", "XJYO-2", 0.3, False)]
    )
    assert one.place == "XJYO-1"
    assert [side.kind for side in one.sides] == ["bank_entry", "contract"]
    assert all(side.file and side.line for side in one.sides)
    marks = {(row.left, row.right): row.mark for row in one.rows}
    assert marks["currency", "currency"] is Mark.SAME
    assert one.reason == "chosen; 1 other places fit"


def test_a_record_that_is_gone_is_left_out() -> None:
    """The pair is asked all the same."""
    (one,) = _asked([("departure", "NO-VIN", "D1/1", 0.5, False)])
    assert [side.record for side in one.sides] == ["D1/1"]
    assert one.rows == ()


def test_findings_and_unexplained_money_are_asked() -> None:
    """Each finding, each payment without an agreement; pairs come first."""
    full = small_trade.matching()
    lost = pl.DataFrame(
        [("E1", None, "unexplained", 5, "USD"), ("E2", "XJYO-1", "charges", 5, "USD")],
        schema=full.unallocated.schema,
        orient="row",
    )
    asked = questions(replace(full, unallocated=lost), TABLES)
    kinds = [one.kind for one in asked]
    assert kinds.count(Kind.UNEXPLAINED) == 1
    assert kinds.count(Kind.FINDING) == full.findings.height
    assert kinds == sorted(kinds, key=list(Kind).index)


@pytest.mark.parametrize(
    ("first", "second", "mark"),
    [
        ("HLX33B128R1643455", "理想牌L9 VIN:HLX33B128R1643455", Mark.SAME),
        ("hlx33b12 8R1643455", "HLX33B128R1643455", Mark.SAME),
        ("HLX33B128R1643455", "HLX33B128R1643456", Mark.DIFFERENT),
        ("HLX33B128R1643455", None, Mark.ALONE),
    ],
)
def test_values_are_compared_as_people_read_them(
    first: str, second: str | None, mark: Mark
) -> None:
    """Case, blanks and surrounding text do not matter; one letter does."""
    found = rows("vehicle", {"vin": first}, "declaration_line", {"specification": second})
    assert next(found).mark is mark


def test_a_digest_is_of_what_is_said_not_of_where() -> None:
    """Another line of another file changes nothing, another amount does."""
    record = {"amount": "17980.0000000000", "file": "a.csv", "line": 3}
    assert digest(record) == digest(record | {"file": "b.csv", "line": 9})
    assert digest(record) != digest(record | {"amount": "17981"})
    assert shown("17980.0000000000") == "17980"
