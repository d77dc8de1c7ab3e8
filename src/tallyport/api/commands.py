"""Send commands (提交命令): signed here for the seat's member, or brought as a signed envelope."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from tallyport.adapters.embedded.log import Recorded
from tallyport.api.asking import json_answer, portal
from tallyport.api.schema import REF
from tallyport.app.permissions import SENDING, Denied, Seat
from tallyport.app.portal import Portal
from tallyport.kernel.canonical import BYTES_MAX, MalformedError, read
from tallyport.kernel.form import encode_moment
from tallyport.kernel.ids import MemberId

KEY_HEADER = "Idempotency-Key"
_JUDGED = {
    "type": "object",
    "description": "How the commands ended; a refusal is recorded too and changed nothing.",
    "properties": {
        "sequence": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "outcome": {"enum": ["accepted", "refused"]},
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "repeat": {"type": "boolean", "description": "This wish had this answer before."},
        "events": {"type": "array", "items": {"type": "object"}},
        "receipt": {"type": "string"},
    },
    "required": ["sequence", "at", "outcome", "reason", "repeat", "events", "receipt"],
}
_ANSWER = {200: {"description": "Judged.", "content": {"application/json": {"schema": _JUDGED}}}}
_COMMANDS = {
    "parameters": [
        {
            "in": "header",
            "name": KEY_HEADER,
            "required": True,
            "description": "The same key with the same commands gives the first answer again.",
            "schema": {"type": "string", "maxLength": 128},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "member": {"type": "string", "description": "Default: the seat's own."},
                        "commands": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 100,
                            "items": {"$ref": f"{REF}Command"},
                        },
                    },
                    "required": ["commands"],
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": _ANSWER,
}
_ENVELOPES = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    "responses": _ANSWER,
}


def add_to(api: NinjaAPI) -> None:
    """Add the operations that change something."""

    @api.post(
        "/commands",
        tags=["commands"],
        summary="Have linked commands judged: all of them happen or none.",
        openapi_extra=_COMMANDS,
    )
    def commands(request: HttpRequest) -> HttpResponse:
        return _send(request)

    @api.post(
        "/envelopes",
        tags=["commands"],
        summary="Have an envelope judged that was signed elsewhere (canonical bytes).",
        openapi_extra=_ENVELOPES,
    )
    def envelopes(request: HttpRequest) -> HttpResponse:
        return _bring(request)


def _send(request: HttpRequest) -> HttpResponse:
    seat: Seat = request.auth  # type: ignore[attr-defined]
    key = request.headers.get(KEY_HEADER)
    if not key:
        raise MalformedError(f"expected the header {KEY_HEADER}, an id of at most 128 characters")
    body = read(_body(request))
    if not isinstance(body, dict) or not body.keys() <= {"member", "commands"}:
        raise MalformedError('expected {"member": ..., "commands": [...]}; member may be left out')
    member = body.get("member", seat.member)
    if not isinstance(member, str):
        raise MalformedError("member: expected the id of a member")
    served = portal()
    wishes = served.commands(body.get("commands"))
    return _judged(served, served.send(seat, MemberId(member), key, wishes))


def _bring(request: HttpRequest) -> HttpResponse:
    """The signature says who sends it; the seat only has to be one that sends."""
    seat: Seat = request.auth  # type: ignore[attr-defined]
    if not seat.roles & SENDING:
        raise Denied(f"{seat.user} only reads; an operator or approver brings envelopes")
    served = portal()
    return _judged(served, served.node.record(_body(request)))


def _body(request: HttpRequest) -> bytes:
    if len(request.body) > BYTES_MAX:
        raise MalformedError(f"expected at most {BYTES_MAX} bytes, got {len(request.body)}")
    return request.body


def _judged(served: Portal, recorded: Recorded) -> HttpResponse:
    entry, events = recorded.entry, served.node.engine.machine.events
    answer: dict[str, Any] = {
        "sequence": entry.sequence,
        "at": encode_moment(entry.at),
        "outcome": entry.outcome.value,
        "reason": entry.reason,
        "repeat": recorded.is_repeat,
        "events": [events.encode(event) for event in entry.events],
        "receipt": f"/api/v1/receipts/{entry.sequence}",
    }
    return json_answer(answer)
