"""The work list (待核清单): what the matching doubts, both records side by side, and a decision."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from tallyport.app.decisions import Decisions
from tallyport.app.permissions import SENDING, Denied
from tallyport.app.settings import Eyes, Settings
from tallyport.app.worklist import Desk, NotDecidedError, Wish, asked, open_questions
from tallyport.evidence.review.model import Answer, Kind, Question
from tallyport.kernel.guard import FaultError
from tallyport.projections.queries.rows import PAGE
from tallyport.web.visit import ASKED_LENGTH_MAX, Visit, missing, page

QUESTION_LENGTH_MAX = 2_000  # A finding names its records.


def _decisions(visit: Visit) -> Decisions:
    if visit.scope is not None:
        raise Denied(
            f"the work list speaks of many firms; {visit.scope} reads the dossiers that concern it,"
            " operators, regulators and auditors read all of it"
        )
    return Decisions(visit.portal.home)


@page
def worklist(visit: Visit) -> HttpResponse:
    """List what is still to be decided."""
    decisions, kind = _decisions(visit), visit.asked("kind")
    found = open_questions(decisions, kind=kind)
    after = visit.number("from") or 0
    shown = found[after : after + PAGE]
    more = f"?kind={quote(kind)}&from={after + PAGE}" if len(found) > after + PAGE else ""
    kinds = [one.value for one in Kind]
    return visit.show(
        "worklist.html", asked=shown, count=len(found), kind=kind, kinds=kinds, onward=more
    )


@page
def question(visit: Visit, number: str) -> HttpResponse:
    """Show one question with both records."""
    return _shown(visit, _found(visit, number))


def _found(visit: Visit, number: str) -> Question:
    found = _decisions(visit).question(number[:QUESTION_LENGTH_MAX])
    if found is None:
        raise missing("question", number)
    return found


def _shown(visit: Visit, found: Question, problem: str = "", status: int = 200) -> HttpResponse:
    answer = visit.show(
        "question.html",
        asked=asked(_decisions(visit), found),
        may_decide=bool(visit.seat.roles & SENDING),
        answers=[one.value for one in Answer],
        four_eyes=Settings.read().decisions is Eyes.FOUR,
        problem=problem,
    )
    answer.status_code = status
    return answer


@require_POST
@page
def decide(visit: Visit) -> HttpResponse:
    """Take an answer."""
    posted = visit.request.POST
    found = _found(visit, posted.get("question", ""))
    try:
        wish = Wish(
            answer=Answer(posted.get("answer", "")),
            reason=posted.get("reason", ""),
            place=posted.get("place", "")[:ASKED_LENGTH_MAX],
        )
    except ValueError:
        return _shown(visit, found, "answer: expected yes, no or unsure", 400)
    is_four = Settings.read().decisions is Eyes.FOUR
    desk = Desk(node=visit.portal.node, decisions=_decisions(visit), four_eyes=is_four)
    try:
        desk.decide(visit.seat, found, wish)
    except (NotDecidedError, FaultError) as fault:
        return _shown(visit, found, str(fault), 400)
    return HttpResponseRedirect(f"/evidence/worklist/{quote(found.id, safe=':')}")
