"""Send what a form asks for (办理): one command, signed here, judged at once.

A refusal is shown in the visitor's language beside the form; an accepted command leads back to the
page, which shows what changed.
"""

from __future__ import annotations

from dataclasses import fields

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tallyport.app.permissions import Denied
from tallyport.kernel.canonical import Json, MalformedError
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import MemberId
from tallyport.ledger.machine import Rejected
from tallyport.projections.queries.amounts import minor
from tallyport.web.choices import fresh_key
from tallyport.web.texts import refusal, say
from tallyport.web.visit import Visit, page

INTEGERS = frozenset({"rate_bp", "rate_bp_max", "penalty_bp", "number"})
AMOUNTS = frozenset({"amount"})
LISTS_OF_AMOUNTS = frozenset({"faces"})
FIELD_LENGTH_MAX = 4_000  # A hundred amounts and a long reason fit.


@require_POST
@page
def send(visit: Visit) -> HttpResponse:
    """Have one command judged."""
    form = visit.request.POST.get("form", "")
    member = MemberId(visit.request.POST.get("member", ""))
    try:
        commands = visit.portal.commands([_wish(visit, form)])
        key = visit.request.POST.get("key", "")
        recorded = visit.portal.send(visit.seat, member, key, commands)
    except MalformedError as error:
        return _told(visit, "bad", say("action.malformed", visit.language), str(error))
    except Rejected as rejected:
        return _told(visit, "bad", refusal(rejected.reason.value, visit.language))
    except Denied as denied:
        return _told(visit, "bad", say("action.denied", visit.language), str(denied))
    except FaultError as fault:
        return _told(visit, "bad", say("action.fault", visit.language), str(fault))
    entry = recorded.entry
    if entry.reason is not None:
        text = refusal(entry.reason, visit.language)
        return _told(visit, "bad", text, entry.reason, entry.sequence)
    return _back(visit, entry.sequence)


def _wish(visit: Visit, form: str) -> Json:
    """Return the command as the ledger spells it, from the fields that the form filled in."""
    kind = visit.portal.node.engine.machine.command_forms.get(form)
    if kind is None:
        raise MalformedError(f"form: expected a command that is known, got {form[:80]!r}")
    posted, wish = visit.request.POST, dict[str, Json]()
    for field in fields(kind):
        text = posted.get(field.name, "").strip()[:FIELD_LENGTH_MAX]
        wish[field.name] = _value(field.name, text, posted.get("currency", "CNY"))
    return wish | {"form": form}


def _value(name: str, text: str, currency: str) -> Json:
    if name in LISTS_OF_AMOUNTS:
        parts = text.replace(";", "\n").split("\n")
        return [_money(name, part, currency) for part in parts if part.strip()]
    if name in AMOUNTS:
        return _money(name, text, currency)
    if name in INTEGERS:
        if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - Nine digits.
            raise MalformedError(f"{name}: expected a whole number, got {text[:40]!r}")
        return int(text)
    return text or None


def _money(name: str, text: str, currency: str) -> Json:
    found = minor(text, currency)
    if found is None:
        raise MalformedError(f"{name}: expected an amount like 1920000.00, got {text[:40]!r}")
    return {"currency": currency, "minor": found}


def _told(
    visit: Visit, tone: str, text: str, detail: str = "", sequence: int | None = None
) -> HttpResponse:
    # What was judged has used its key up: the form gets another one for the next try, behind the
    # first, and of fields with one name the last counts.
    key = fresh_key() if sequence else ""
    context = {"tone": tone, "text": text, "detail": detail, "sequence": sequence, "key": key}
    return visit.show("told.html", **context)


def _back(visit: Visit, sequence: int) -> HttpResponse:
    """Lead back to the page that the form stood on."""
    wanted = visit.request.POST.get("back", "/")
    host = visit.request.get_host()
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={host})
    target = f"{wanted.partition('?')[0] if is_ours else '/'}?done={sequence}"
    if getattr(visit.request, "htmx", False):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)
