"""Proofs to take away and to try (回执与核验): receipts, the checkpoint, the log's verifier key."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from tallyport.adapters.suites import verify as verify_signature
from tallyport.app.permissions import Denied
from tallyport.kernel.canonical import MalformedError
from tallyport.ledger.note import VerifierKey
from tallyport.ledger.receipt import RECEIPT_BYTES_MAX, UnprovenError, check, parse_receipt
from tallyport.projections.queries.entries import concerns, opened
from tallyport.web.visit import Visit, missing, page

KEY_LENGTH_MAX = 1_000  # A verifier key has about a hundred letters.


@page
def receipt(visit: Visit, sequence: int) -> HttpResponse:
    """Hand out the receipt of an entry as a file."""
    if sequence > visit.portal.node.engine.size:
        raise missing("entry", str(sequence))
    if visit.scope and not concerns(visit.views, sequence, visit.scope):
        raise Denied(f"entry {sequence} does not concern {visit.scope}; ask those whom it does")
    try:
        text = str(visit.portal.node.engine.receipt(sequence))
    except (KeyError, OverflowError):
        raise missing("entry", str(sequence)) from None
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{sequence}.json"'
    return response


@page
def checkpoint(visit: Visit) -> HttpResponse:
    """Show the signed checkpoint and the key that signs it."""
    engine = visit.portal.node.engine
    return visit.show("checkpoint.html", note=engine.checkpoint(), key=str(engine.verifier_key))


@require_http_methods(["GET", "POST"])
@page
def verify(visit: Visit) -> HttpResponse:
    """Check a receipt that somebody brings, against our key or the one they hold."""
    own = str(visit.portal.node.engine.verifier_key)
    if visit.request.method != "POST":
        return visit.show("verify.html", key=own)
    given = visit.request.POST.get("key", "").strip()[:KEY_LENGTH_MAX] or own
    context: dict[str, object] = {"key": given}
    try:
        parsed = parse_receipt(_uploaded(visit))
        context["covered"] = check(parsed, [VerifierKey.parse(given)], verify_signature)
        context["entry"] = opened(parsed.entry)
    except (MalformedError, UnprovenError) as error:
        context["problem"] = str(error)
    return visit.show("verify.html", **context)


def _uploaded(visit: Visit) -> str:
    file = visit.request.FILES.get("receipt")
    if file is None or file.size is None or file.size > RECEIPT_BYTES_MAX:
        raise MalformedError(f"expected a receipt's file of at most {RECEIPT_BYTES_MAX} bytes")
    try:
        return bytes(file.read()).decode()
    except UnicodeDecodeError as error:
        raise MalformedError(f"expected a receipt in UTF-8: {error}") from None
