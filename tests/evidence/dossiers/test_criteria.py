"""Criteria: each answer on its own, and what the answers amount to.

Goal: a status follows from named answers and nothing else. Method: every combination of states
against the rule in words; a table with a case for each answer of each criterion.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.dossiers import criteria
from tallyport.evidence.dossiers.criteria import Case
from tallyport.evidence.dossiers.model import (
    Criterion,
    Evidence,
    Finding,
    Origin,
    Payment,
    Record,
    State,
    Status,
)
from tallyport.kernel.money import Money

NAMES = [one.name for one in criteria.judge(
    Case(by_kind={}, payments=[], findings=[], price=None, paid=None, declared_bp=None)
)]  # fmt: skip


def linked(kind: str, key: str = "K", **fields: str) -> Evidence:
    """Return sure evidence of a kind."""
    record = Record(
        kind=kind,
        key=key,
        fields=tuple(sorted(fields.items())),
        origin=Origin(source=kind, file="f", line=1),
    )
    return Evidence(record=record, probability_bp=9_000, reasons=())


def case(*evidence: Evidence, **given: Any) -> Case:  # noqa: ANN401 - Any part of a case.
    """Return a case with this evidence."""
    by_kind: dict[str, list[Evidence]] = {}
    for one in evidence:
        by_kind.setdefault(one.record.kind, []).append(one)
    parts: dict[str, Any] = {
        "payments": [], "findings": [], "price": None, "paid": None, "declared_bp": None,
    }  # fmt: skip
    return Case(by_kind=by_kind, **{**parts, **given})


def paid(minor: int) -> list[Payment]:
    """Return one payment."""
    return [
        Payment(payment_id="E1", contract_no="K", item="full", shipment=0,
                amount=Money(minor, "USD"), probability_bp=9_000, reason="")
    ]  # fmt: skip


def found(type_: str, probability_bp: int = 9_000) -> list[Finding]:
    """Return one finding."""
    return [Finding(type=type_, record_ids=("K",), probability_bp=probability_bp, explanation="")]


MET, MISSING, CONTRADICTED = State.MET, State.MISSING, State.CONTRADICTED
USD = "USD"
CASES: list[tuple[str, State, Case]] = [
    ("sale", MET, case(linked("contract_line"))),
    ("sale", MISSING, case()),
    ("declaration", MET, case(linked("declaration_line"))),
    ("declaration", MISSING, case(linked("declaration"))),
    ("money", MET, case(payments=paid(1))),
    ("money", MISSING, case(payments=paid(0))),
    ("carriage", MET, case(linked("waybill"))),
    ("arrival", MET, case(linked("receipt"))),
    ("arrival", MET, case(linked("stock_count"))),
    ("arrival", MISSING, case(linked("release"))),
    ("invoice", MET, case(linked("invoice"))),
    ("inspection", MET, case(linked("inspection"))),
    ("one_sale", MET, case(linked("contract_line", contract_no="A"))),
    (
        "one_sale",
        CONTRADICTED,
        case(linked("contract_line", contract_no="A"), linked("contract_line", contract_no="B")),
    ),
    ("one_sale", MISSING, case()),
    ("amount", MET, case(price=Money(10_000, USD), paid=Money(10_050, USD))),
    ("amount", CONTRADICTED, case(price=Money(10_000, USD), paid=Money(10_051, USD))),
    ("amount", MISSING, case(paid=Money(1, USD))),
    ("value", MET, case(declared_bp=11_000)),
    ("value", CONTRADICTED, case(declared_bp=11_001)),
    ("value", CONTRADICTED, case(declared_bp=8_999)),
    ("value", MISSING, case()),
    (
        "days",
        MET,
        case(
            linked("contract", signed_on="2024-04-04"),
            linked("declaration", declared_on="2024-04-04"),
        ),
    ),
    (
        "days",
        CONTRADICTED,
        case(
            linked("contract", signed_on="2024-04-05"), linked("receipt", received_on="2024-04-04")
        ),
    ),
    ("days", MISSING, case(linked("contract", signed_on="2024-04-04"))),
    ("findings", MET, case(findings=found("late_payment"))),
    ("findings", MET, case(findings=found("double_sale", 4_999))),
    ("findings", CONTRADICTED, case(findings=found("double_sale", 5_000))),
]


@pytest.mark.parametrize(("name", "state", "given_case"), CASES)
def test_an_answer(name: str, state: State, given_case: Case) -> None:
    """One line of CASES."""
    answer = next(one for one in criteria.judge(given_case) if one.name == name)
    assert answer.state is state


def test_every_criterion_is_tried() -> None:
    """In the order of the table in the module."""
    assert list(dict.fromkeys(name for name, _, _ in CASES)) == NAMES
    assert criteria.__doc__ is not None
    assert all(name in criteria.__doc__ for name in NAMES)


@given(st.lists(st.sampled_from(State), min_size=len(NAMES), max_size=len(NAMES)))
def test_a_status_follows_from_the_answers(states: list[State]) -> None:
    """A contradiction beats everything; then the triad decides alone."""
    answers = [
        Criterion(name=name, state=state, detail="")
        for name, state in zip(NAMES, states, strict=True)
    ]
    status = criteria.status(answers)
    assert (status is Status.CONTRADICTING) == (State.CONTRADICTED in states)
    triad = [one.state for one in answers if one.name in criteria.TRIAD]
    if status is not Status.CONTRADICTING:
        assert (status is Status.MATCHED) == (set(triad) == {State.MET})


@pytest.mark.parametrize(
    ("minor", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (2_238_000, "22380.00")]
)
def test_amounts_are_spelled_with_two_places(minor: int, text: str) -> None:
    """Also below one unit and below zero."""
    assert criteria.spelled(minor) == text


def test_shares_are_spelled_with_four_places() -> None:
    """As in the document."""
    assert [criteria.share(bp) for bp in (0, 1, 9_876, 10_000, 13_530)] == [
        "0.0000", "0.0001", "0.9876", "1.0000", "1.3530",
    ]  # fmt: skip
