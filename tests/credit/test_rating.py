"""Ratings: a score is the sum of what indicators earn, and says what they cost.

Goal: a better indicator never lowers a score, missing data never raise one, a ceiling only ever
lowers a grade. Method: random values on the built-in card; whole histories; a rating by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import histories
from support.histories import AS_OF
from tallyport.credit import Grade, Rating, propose_limits, rate
from tallyport.credit.indicators.model import Direction
from tallyport.credit.rating import REASONS_MAX, SCORE_MAX, lineage_of
from tallyport.credit.reading_cards import builtin
from tallyport.credit.white_list import preferred

CARD = builtin()
ROLES = sorted(CARD.roles)
VALUES = st.integers(0, 12_000)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, int | None]]:
    """Draw a role and what is known of its indicators."""
    role = draw(st.sampled_from(ROLES))
    return role, {name: draw(st.none() | VALUES) for name in CARD.roles[role]}


@given(cases(), VALUES, st.data())
def test_a_better_indicator_never_lowers_the_score(
    case: tuple[str, dict[str, int | None]], other: int, data: st.DataObject
) -> None:
    """In whichever direction it is better."""
    role, values = case
    name = data.draw(st.sampled_from(sorted(values)))
    known = values[name] or 0
    low, high = sorted((known, other))
    is_up = CARD.binned[name].indicator.direction is Direction.UP
    worse, better = (low, high) if is_up else (high, low)
    assert CARD.score(role, {**values, name: better}) >= CARD.score(role, {**values, name: worse})


@given(cases(), st.data())
def test_missing_data_never_raise_the_score(
    case: tuple[str, dict[str, int | None]], data: st.DataObject
) -> None:
    """Whatever is not shown earns nothing."""
    role, values = case
    score = CARD.score(role, values)
    assert 0 <= score <= SCORE_MAX
    hidden = data.draw(st.sets(st.sampled_from(sorted(values))))
    assert CARD.score(role, {**values, **dict.fromkeys(hidden)}) <= score
    assert CARD.score(role, {}) == 0


@pytest.mark.parametrize("role", ROLES)
def test_the_best_of_everything_is_a_thousand(role: str) -> None:
    """Every card can be filled."""
    best = {name: CARD.binned[name].bins[0][0] for name in CARD.roles[role]}
    assert CARD.score(role, best) == SCORE_MAX


def model_buyer() -> list[dict[str, object]]:
    """Return the trades of a buyer who does everything right: one a month for two years."""
    return [
        {
            "trade": f"VIN-{month:02}", "agreement": f"K{month}", "counterparty": f"S{month % 6}",
            "opened_on": AS_OF - timedelta(days=30 * month + 1), "amount_minor": 20_000_000,
            "evidence_bp": 9_900, "delivered": True, "transit_days": 9, "value_agrees": True,
            "customs_clean": True, "disputed": False, "wanted": 70, "filled": 70,
        }
        for month in range(25)
    ]  # fmt: skip


def dues(late: int | None = 0) -> list[dict[str, object]]:
    """Return a payment of 200,000.00 a month, so many days late."""
    found = []
    for month in range(1, 12):
        day = AS_OF - timedelta(days=30 * month)
        paid = None if late is None else day + timedelta(days=late)
        found.append(
            {"due": f"D{month}", "due_on": day, "amount_minor": 20_000_000, "paid_on": paid}
        )
    return found


def one(rated: list[Rating]) -> Rating:
    """Return the only rating."""
    (found,) = rated
    return found


def test_a_model_buyer() -> None:
    """Full points but for the months of the calendar that thirty days skip."""
    found = one(rate(histories.told(trades=model_buyer(), dues=dues())))
    assert found.grade is Grade.C1
    assert found.score == SCORE_MAX - sum(one.lost for one in found.indicators)
    assert found.score >= 980
    assert (found.card, found.as_of, found.severe) == ("trade/1", AS_OF, ())
    assert [one.name for one in found.indicators] == list(CARD.roles["buyer"])


def test_a_rating_can_be_taken_apart() -> None:
    """The eleven parts that fell due, each with its share of the punctuality."""
    history = histories.told(trades=model_buyer(), dues=dues(40))
    rows = lineage_of(history, "payment_punctuality", subject="F", role="buyer")
    assert rows["record"].to_list() == sorted(f"D{month}" for month in range(1, 12))
    found = next(one for one in rate(history)[0].indicators if one.code == "PUNC")
    assert found.measure is not None
    assert (rows["part"].sum(), rows["whole"].sum()) == (found.measure.part, found.measure.whole)


def test_a_buyer_who_pays_late_is_told_so() -> None:
    """Forty days late: punctuality costs most, and the sentence says by how much."""
    found = one(rate(histories.told(trades=model_buyer(), dues=dues(40))))
    assert found.grade in (Grade.C2, Grade.C3)
    first = found.reasons[0]
    assert (first.code, first.lost) == ("PUNC", 160)
    assert first.en == "money paid in time: 0.0%; all points from at least 95.0%; cost 160"
    assert first.zh == "付款及时性：0.0%，满分须不低于95.0%，失160分"
    lost = [reason.lost for reason in found.reasons]
    assert lost == sorted(lost, reverse=True)
    assert len(lost) <= REASONS_MAX


def test_a_buyer_of_whom_nothing_is_known() -> None:
    """No points, the worst grade, and every reason says that there are no data."""
    found = one(rate(histories.told()))
    assert (found.score, found.grade, found.trades) == (0, Grade.C5, 0)
    assert "no data" in found.reasons[0].en
    assert all(one.measure is None for one in found.indicators)


def remark(type_: str, probability_bp: int = 9_000) -> dict[str, object]:
    """Return a finding."""
    return {"type": type_, "records": "K", "probability_bp": probability_bp, "explanation": ""}


def test_a_single_vehicle_is_too_little() -> None:
    """However well it went."""
    month = {"due": "D", "due_on": AS_OF - timedelta(days=90), "amount_minor": 5, "paid_on": None}
    prompt = {**month, "paid_on": month["due_on"]}
    found = one(rate(histories.told(trades=model_buyer()[:1], dues=[prompt])))
    assert found.grade.rank >= Grade.C3.rank


@pytest.mark.parametrize(
    ("type_", "probability_bp", "grade"),
    [
        ("sanctioned_party", 9_000, Grade.C5),
        ("sanctioned_party", 4_999, Grade.C1),
        ("payment_default", 9_000, Grade.C4),
        ("late_payment", 9_000, Grade.C1),
    ],
)
def test_a_ceiling_holds_whatever_the_score(type_: str, probability_bp: int, grade: Grade) -> None:
    """A finding that is more likely than not; its reason comes first."""
    found = one(
        rate(
            histories.told(
                trades=model_buyer(), dues=dues(), remarks=[remark(type_, probability_bp)]
            )
        )
    )
    assert found.grade is grade
    assert found.score > 800
    if grade is not Grade.C1:
        assert found.reasons[0].code == f"CEIL-{type_}"
        assert found.severe == (type_,)


def test_thin_evidence_holds_a_good_score_down() -> None:
    """Two trades earn a good score from data, but no better than C3."""
    found = one(rate(histories.told(trades=model_buyer()[:2] + model_buyer()[-1:], dues=dues())))
    assert found.trades == 2
    assert found.score >= 650
    assert (found.grade, found.reasons[0].code) == (Grade.C3, "THIN")


def test_a_finding_of_an_unknown_type_weighs_as_other() -> None:
    """New rules of linkage count before the card knows them."""
    quiet = one(rate(histories.told(trades=model_buyer(), dues=dues())))
    loud = one(
        rate(histories.told(trades=model_buyer(), dues=dues(), remarks=[remark("new_rule")] * 9))
    )
    assert loud.score < quiet.score


@given(st.permutations(range(10)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    """Same history, same rating, same reasons."""
    trades, money = model_buyer(), dues(5)
    shuffled = [trades[at] for at in order] + trades[10:]
    mixed = [money[at] for at in order] + money[10:]
    assert rate(histories.told(trades=shuffled, dues=mixed)) == rate(
        histories.told(trades=trades, dues=money)
    )


def test_roles_that_the_card_does_not_know_are_not_rated() -> None:
    """Rather no rating than a wrong one."""
    assert rate(histories.told(role="insurer")) == []


def test_limits_follow_from_what_was_settled() -> None:
    """Eleven payments of 200,000.00: 2,200,000.00 a year x 6/12 x 80%, down to 10,000.00."""
    history = histories.told(trades=model_buyer(), dues=dues())
    (found,) = propose_limits(rate(history), history)
    assert (found.settled_minor, found.amount_minor) == (220_000_000, 88_000_000)
    assert (found.grade, found.currency, found.share_bp) == (Grade.C1, "CNY", 8_000)
    assert "2200000.00 CNY" in found.basis


@given(st.lists(st.integers(1, 10**11), max_size=11), st.sampled_from(Grade))
def test_a_limit_is_never_more_than_the_rule(amounts: list[int], grade: Grade) -> None:
    """Whole steps, between floor and ceiling, and nothing for C5 or without settled money."""
    money = [{**one, "amount_minor": minor} for one, minor in zip(dues(), amounts, strict=False)]
    history = histories.told(dues=money)
    rated = replace(one(rate(history)), grade=grade)
    (found,) = propose_limits([rated], history)
    rule = CARD.limits.rounding["buyer"]
    assert found.amount_minor % rule.step_minor == 0
    assert found.amount_minor == 0 or found.amount_minor >= rule.floor_minor
    assert found.amount_minor <= min(rule.ceiling_minor, sum(amounts))
    better = replace(rated, grade=Grade.C1)
    assert propose_limits([better], history)[0].amount_minor >= found.amount_minor
    if grade is Grade.C5 or not amounts:
        assert found.amount_minor == 0


def test_money_that_is_not_paid_or_paid_later_supports_no_limit() -> None:
    """Promises are no turnover."""
    late = [{**one, "paid_on": AS_OF + timedelta(days=1)} for one in dues()]
    for money in (dues(None), late):
        history = histories.told(trades=model_buyer(), dues=money)
        (found,) = propose_limits(rate(history), history)
        assert (found.settled_minor, found.amount_minor) == (0, 0)


def test_where_nothing_falls_due_delivered_orders_count() -> None:
    """A merchant with twelve delivered orders a year of 200,000.00 each."""
    history = histories.told(role="merchant", trades=model_buyer())
    (found,) = propose_limits(rate(history), history)
    assert found.settled_minor == 260_000_000


def test_the_white_list() -> None:
    """C1 and C2 without a severe finding, 20 basis points below the prime rate."""
    good = one(rate(histories.told(trades=model_buyer(), dues=dues())))
    (found,) = preferred([good])
    assert (found.subject, found.grade, found.discount_bp) == ("F", Grade.C1, 20)
    assert len(preferred([replace(good, grade=Grade.C2)])) == 1
    assert preferred([replace(good, grade=Grade.C3)]) == []
    assert preferred([replace(good, severe=("double_sale",))]) == []
