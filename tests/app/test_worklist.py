"""What somebody decided is kept, attested, honoured, and asked again when its records change.

Goal: no decision is lost, none counts that may not. Method: the small node of the portal's tests;
questions made by hand; every kind of seat; two people for four eyes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support import small_trade
from support.portal import small_portal
from support.questions import ITEM, PLACE, RIVAL, finding, payment, unexplained
from support.town import OPERATOR
from tallyport.app.decisions import Decisions
from tallyport.app.home import Home
from tallyport.app.permissions import Denied, PortalRole, Seat
from tallyport.app.worklist import Desk, NotDecidedError, Wish, ask, asked, open_questions
from tallyport.evidence.review.model import Answer, Question

ANNA = Seat(user="anna", member=OPERATOR, roles=frozenset({PortalRole.OPERATOR}))
BORIS = Seat(user="boris", member=OPERATOR, roles=frozenset({PortalRole.APPROVER}))
AUDRA = Seat(user="audra", member=OPERATOR, roles=frozenset({PortalRole.AUDITOR}))
YES = Wish(answer=Answer.YES, reason="the buyer confirmed it")
NO = Wish(answer=Answer.NO, reason="another buyer's money")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Yield a desk with three questions."""
    with small_portal(tmp_path) as portal:
        decisions = Decisions(portal.home)
        decisions.ask([payment(), unexplained(), finding()])
        yield Desk(node=portal.node, decisions=decisions)


def test_a_decision_is_kept_attested_and_honoured(desk: Desk) -> None:
    """One entry more on the ledger; the pair holds in the next matching; the question is closed."""
    size = desk.node.engine.size
    taken = desk.decide(ANNA, payment(), YES)
    assert taken.counts
    assert desk.node.engine.size == size + 1
    assert desk.decisions.decided().payments.rows() == [(ITEM, PLACE, True)]
    assert [one.question.id for one in open_questions(desk.decisions)] == [
        unexplained().id,
        finding().id,
    ]


def test_another_candidate_can_be_chosen(desk: Desk) -> None:
    """The rival is right; the question about the first place stays until that is decided too."""
    desk.decide(ANNA, payment(), replace(YES, place=RIVAL))
    desk.decide(ANNA, payment(), NO)
    rows = desk.decisions.decided().payments.rows()
    assert set(rows) == {(ITEM, RIVAL, True), (ITEM, PLACE, False)}


def test_the_newest_decision_counts(desk: Desk) -> None:
    """First yes, then no: both are kept, the second holds."""
    desk.decide(ANNA, payment(), YES)
    desk.decide(BORIS, payment(), NO)
    assert desk.decisions.decided().payments.rows() == [(ITEM, PLACE, False)]
    assert len(desk.decisions.of(payment().id)) == 2


def test_not_sure_closes_nothing(desk: Desk) -> None:
    """It is remembered, nothing is linked by it, the question stays."""
    desk.decide(ANNA, payment(), replace(YES, answer=Answer.UNSURE))
    assert desk.decisions.decided().payments.is_empty()
    assert asked(desk.decisions, payment()).is_open


def test_a_decision_whose_records_changed_is_asked_again_and_still_holds(desk: Desk) -> None:
    """The next matching asks with other records; the old decision stays in force."""
    desk.decide(ANNA, payment(), YES)
    desk.decisions.ask([payment("second")])
    (again,) = open_questions(desk.decisions)
    assert again.is_changed
    assert desk.decisions.decided().payments.rows() == [(ITEM, PLACE, True)]
    desk.decide(BORIS, payment("second"), YES)
    assert open_questions(desk.decisions) == ()


def test_four_eyes_see_the_same(desk: Desk) -> None:
    """Anna says, Anna again, Boris otherwise, Boris the same: only the last makes it count."""
    careful = replace(desk, four_eyes=True)
    assert not careful.decide(ANNA, payment(), YES).counts
    assert not careful.decide(ANNA, payment(), YES).counts
    assert not careful.decide(BORIS, payment(), NO).counts
    assert not careful.decide(ANNA, payment(), YES).counts
    assert desk.decisions.decided().payments.is_empty()
    assert careful.decide(BORIS, payment(), YES).counts
    assert desk.decisions.decided().payments.rows() == [(ITEM, PLACE, True)]


def test_the_second_is_an_approver(desk: Desk) -> None:
    """An operator does not approve what an approver said."""
    careful = replace(desk, four_eyes=True)
    careful.decide(BORIS, payment(), YES)
    assert not careful.decide(ANNA, payment(), YES).counts


def test_money_is_given_an_agreement_by_hand(desk: Desk) -> None:
    """What the matching could not explain, somebody can."""
    desk.decide(ANNA, unexplained(), replace(YES, place="XJYO-1"))
    assert desk.decisions.decided().payments.rows() == [("I2", "XJYO-1", True)]


def test_a_wrong_finding_is_left_out_of_the_next_matching(desk: Desk, tmp_path: Path) -> None:
    """The others stay."""
    full = small_trade.matching()
    first = ":".join(full.findings.select("type", "record_ids").row(0))
    suspicion = replace(finding(), id=f"finding:{first}", item=first)
    desk.decide(ANNA, suspicion, NO)
    judged = ask(Home(tmp_path), full, small_trade.tables())
    assert judged.findings.height == full.findings.height - 1


@pytest.mark.parametrize(
    ("question", "wish"),
    [
        (payment(), replace(YES, reason="  ")),
        (payment(), replace(YES, reason="x" * 501)),
        (payment(), replace(YES, place="x" * 81)),
        (finding(), replace(YES, place="XJYO-1")),
        (unexplained(), YES),
    ],
)
def test_an_answer_that_says_too_little_is_not_taken(
    desk: Desk, question: Question, wish: Wish
) -> None:
    """Nothing is recorded, neither here nor on the ledger."""
    size = desk.node.engine.size
    with pytest.raises(NotDecidedError, match="expected"):
        desk.decide(ANNA, question, wish)
    assert desk.decisions.all() == ()
    assert desk.node.engine.size == size


def test_who_only_reads_does_not_decide(desk: Desk) -> None:
    """An auditor sees the list and no more."""
    with pytest.raises(Denied, match="operator or approver"):
        desk.decide(AUDRA, payment(), YES)
