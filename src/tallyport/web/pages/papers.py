"""Papers (单证): hand in an invoice, a licence or a vehicle's papers, and see what they say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from tallyport.app.paper_desk import UPLOAD_BYTES_MAX, Kept, NotTakenError, PaperDesk
from tallyport.app.permissions import SENDING
from tallyport.evidence.documents.model import Finding, Severity
from tallyport.evidence.documents.wording import TEXTS
from tallyport.projections.queries.rows import PAGE
from tallyport.web.visit import Visit, missing, page

ACCEPTED = ".ofd,.xml,.pdf,.png,.jpg,.jpeg"


@require_http_methods(["GET", "POST"])
@page
def papers(visit: Visit) -> HttpResponse:
    """List papers; take one."""
    if visit.request.method != "POST":
        return _list(visit)
    try:
        name, content = _uploaded(visit.request)
        kept, is_new = PaperDesk(visit.portal.home).take(
            visit.seat, name, content, visit.portal.node.clock.now()
        )
    except NotTakenError as fault:
        return _list(visit, str(fault), 400)
    return HttpResponseRedirect(f"/papers/{kept.number}" + ("" if is_new else "?again=1"))


def _uploaded(request: HttpRequest) -> tuple[str, bytes]:
    file = request.FILES.get("paper")
    if file is None:
        raise NotTakenError("expected a file; choose one and hand it in again")
    return str(file.name), bytes(file.read(UPLOAD_BYTES_MAX + 1))


def _list(visit: Visit, problem: str = "", status: int = 200) -> HttpResponse:
    found = PaperDesk(visit.portal.home).all(
        visit.scope, before=visit.number("before"), most=PAGE + 1
    )
    answer = visit.show(
        "papers.html",
        papers=[(one, _contradictions(one, visit.language)) for one in found[:PAGE]],
        onward=f"?before={found[PAGE - 1].number}" if len(found) > PAGE else "",
        may_send=bool(visit.seat.roles & SENDING),
        accepted=ACCEPTED,
        most=UPLOAD_BYTES_MAX >> 20,
        problem=problem,
    )
    answer.status_code = status
    return answer


@page
def paper(visit: Visit, number: int) -> HttpResponse:
    """Show what one paper says, how surely, and what does not fit."""
    desk = PaperDesk(visit.portal.home)
    kept = desk.one(visit.scope, number)
    if kept is None:
        raise missing("paper", str(number))
    return visit.show(
        "paper.html",
        kept=kept,
        findings=[(one, _said(one, visit.language)) for one in kept.paper.findings],
        places=desk.places(kept.paper),
        is_again=bool(visit.asked("again")),
        is_sound=not _contradictions(kept, visit.language),
    )


def _said(finding: Finding, language: str) -> str:
    return str(getattr(TEXTS[finding.rule], language))


def _contradictions(kept: Kept, language: str) -> list[str]:
    """Return what contradicts the paper, in words."""
    grave = {Severity.REFUSED, Severity.CONTRADICTION}
    return [_said(one, language) for one in kept.paper.findings if one.severity in grave]
