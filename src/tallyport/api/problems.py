"""Errors as RFC 9457 has them (问题详情): type, title, status, detail, and what to do.

    {"type": "/api/v1/docs#key-reused", "title": "...", "status": 422, "detail": "...", "do": "..."}

A refused command is no error: it is recorded, and answered with its entry.
"""

from __future__ import annotations

import json
import logging
from enum import StrEnum, unique
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tallyport.app.permissions import Denied
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.ledger.machine import Rejected, Rejection

MEDIA_TYPE = "application/problem+json"
DETAIL_LENGTH_MAX = 1_000  # What came may be long; its beginning tells which it was.
log = logging.getLogger("tallyport.api")


@unique
class Problem(StrEnum):
    """What can be wrong; each has a line on the docs page."""

    MALFORMED = "malformed"
    UNKNOWN_CALLER = "unknown-caller"
    DENIED = "denied"
    NOT_FOUND = "not-found"
    TOO_LARGE = "too-large"
    KEY_REUSED = "key-reused"
    NOT_ADMITTED = "not-admitted"
    BROKEN = "broken"
    UNAVAILABLE = "unavailable"


WHAT_TO_DO = {
    Problem.MALFORMED: (400, "Compare the request with /api/v1/openapi.json and mend it."),
    Problem.UNKNOWN_CALLER: (401, "Send `Authorization: Bearer` with a token of a user."),
    Problem.DENIED: (403, "Ask a member whom it concerns, an operator, regulator or auditor."),
    Problem.NOT_FOUND: (404, "Check the id; the lists show what there is."),
    Problem.TOO_LARGE: (413, "Send fewer commands at once; documents stay off the ledger."),
    Problem.KEY_REUSED: (422, "Choose a new Idempotency-Key for another wish."),
    Problem.NOT_ADMITTED: (422, "Mend the envelope, sign it again and send it again."),
    Problem.BROKEN: (500, "Nothing is half done. Tell whoever runs the node; then send it again."),
    Problem.UNAVAILABLE: (503, "Send the same request with the same Idempotency-Key again."),
}


def answer(problem: Problem, detail: str) -> HttpResponse:
    """Return the problem as an answer."""
    status, what_to_do = WHAT_TO_DO[problem]
    body = {
        "type": f"/api/v1/docs#{problem.value}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail[:DETAIL_LENGTH_MAX],
        "do": what_to_do,
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    if problem is Problem.UNKNOWN_CALLER:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def of(error: Exception) -> HttpResponse:  # noqa: C901, PLR0911 - One return for each error.
    """Return the answer to whatever went wrong."""
    match error:
        case ValidationError():
            places = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors]
            return answer(Problem.MALFORMED, "; ".join(places))
        case MalformedError():
            return answer(Problem.MALFORMED, str(error))
        case AuthenticationError():
            return answer(Problem.UNKNOWN_CALLER, "expected a token or a session, got neither")
        case Denied():
            return answer(Problem.DENIED, str(error))
        case Http404():
            return answer(Problem.NOT_FOUND, str(error) or "there is no such thing")
        case Rejected(reason=Rejection.KEY_REUSED):
            return answer(Problem.KEY_REUSED, error.reason.value)
        case Rejected():
            return answer(Problem.NOT_ADMITTED, error.reason.value)
        case RequestDataTooBig():
            return answer(Problem.TOO_LARGE, "the request is larger than the node takes")
        case FaultError():
            log.warning("fault: %s", error)
            return answer(Problem.UNAVAILABLE, str(error))
        case HttpError(status_code=status):
            problem = Problem.DENIED if status == HTTPStatus.FORBIDDEN else Problem.MALFORMED
            return answer(problem, str(error))
        case _:
            log.error("broken: %r", error, exc_info=error)
            return answer(Problem.BROKEN, "the node met something that it did not expect")


HANDLED = (
    ValidationError,
    MalformedError,
    AuthenticationError,
    Denied,
    Http404,
    Rejected,
    RequestDataTooBig,
    FaultError,
    HttpError,
    Exception,  # The edge of the process: the caller gets a problem, the log the rest.
)


def handle(api: NinjaAPI) -> None:
    """Let `api` answer every error so."""
    for kind in HANDLED:
        api.add_exception_handler(kind, _handler)


def _handler(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return of(error if isinstance(error, Exception) else error())
