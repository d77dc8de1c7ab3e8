"""The work list (待核清单), over HTTP: open questions with both records, and decisions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from tallyport.api.asking import Asking, Word, json_answer, missing, portal, reads
from tallyport.app.decisions import Decision, Decisions
from tallyport.app.permissions import Denied, Seat, scope
from tallyport.app.settings import Eyes, Settings
from tallyport.app.worklist import Asked, Desk, NotDecidedError, Wish, open_questions
from tallyport.evidence.review.model import Answer
from tallyport.kernel.canonical import BYTES_MAX, MalformedError, read
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.plain import plain
from tallyport.projections.queries.rows import PAGE_MAX

_FIELDS = frozenset({"question", "answer", "reason", "place"})
_TEXT = {"type": "string"}
_DECIDE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "question": _TEXT,
                        "answer": {"enum": [one.value for one in Answer]},
                        "reason": _TEXT,
                        "place": {"type": "string", "description": "Default: the question's."},
                    },
                    "required": ["question", "answer", "reason"],
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        200: {
            "description": "Recorded; `counts` says whether it holds already.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
}


def add_to(api: NinjaAPI) -> None:
    """Add the operations on the work list."""

    @reads(
        api,
        "/worklist",
        tuple[Asked, ...],
        tag="evidence",
        summary=f"What is still to be decided, the first {PAGE_MAX}.",
        has_etag=False,
    )
    def worklist(request: Asking, kind: Word = "") -> tuple[Asked, ...]:
        if request.scope is not None:
            raise _denied(request.scope)
        return open_questions(Decisions(request.portal.home), kind=kind)[:PAGE_MAX]

    @reads(
        api,
        "/decisions",
        tuple[Decision, ...],
        tag="evidence",
        summary="Every decision of the work list, the first one first.",
        has_etag=False,
    )
    def decisions(request: Asking) -> tuple[Decision, ...]:
        if request.scope is not None:
            raise _denied(request.scope)
        return Decisions(request.portal.home).all()

    @api.post(
        "/decisions",
        tags=["evidence"],
        summary="Answer a question of the work list.",
        openapi_extra=_DECIDE,
    )
    def decide(request: HttpRequest) -> HttpResponse:
        return _decided(request)


def _decided(request: HttpRequest) -> HttpResponse:
    seat: Seat = request.auth  # type: ignore[attr-defined]
    served = portal()
    with served.reading() as views:
        mine = scope(seat, Mirror(views))
    if mine is not None:
        raise _denied(mine)
    body = _body(request)
    decisions = Decisions(served.home)
    question = decisions.question(body["question"])
    if question is None:
        raise missing("question", body["question"])
    wish = Wish(answer=Answer(body["answer"]), reason=body["reason"], place=body.get("place", ""))
    is_four = Settings.read().decisions is Eyes.FOUR
    desk = Desk(node=served.node, decisions=decisions, four_eyes=is_four)
    try:
        decision = desk.decide(seat, question, wish)
    except NotDecidedError as error:
        raise MalformedError(str(error)) from None
    return json_answer(plain(decision))


def _body(request: HttpRequest) -> dict[str, str]:
    """Return the fields that came, all of them words."""
    if len(request.body) > BYTES_MAX:
        raise MalformedError(f"expected at most {BYTES_MAX} bytes, got {len(request.body)}")
    body = read(request.body)
    if not isinstance(body, dict) or not {"question", "answer", "reason"} <= body.keys() <= _FIELDS:
        raise MalformedError('expected {"question", "answer", "reason"}, and "place" if need be')
    words = {name: value for name, value in body.items() if isinstance(value, str)}
    if len(words) < len(body):
        raise MalformedError("question, answer, reason, place: expected words")
    if words["answer"] not in [one.value for one in Answer]:
        raise MalformedError(f"answer: expected yes, no or unsure, got {words['answer'][:40]!r}")
    return words


def _denied(member: str) -> Denied:
    return Denied(
        f"the work list speaks of many firms; {member} reads the dossiers that concern it,"
        " operators, regulators and auditors read all of it"
    )
