"""The ledger (账本): entries, the newest first, and one of them with its proof."""

from __future__ import annotations

import base64

from django.http import HttpResponse

from tallyport.app.permissions import Denied
from tallyport.ledger.note import Checkpoint, parse_note
from tallyport.projections.queries import entries as query
from tallyport.web.visit import Visit, missing, page


@page
def ledger(visit: Visit) -> HttpResponse:
    """List entries."""
    outcome = visit.asked("outcome")
    found = query.entries(
        visit.views, member=visit.scope, before=visit.number("after"), outcome=outcome
    )
    return visit.rows(
        "ledger.html",
        found.next,
        entries=found.items,
        outcome=outcome,
        outcomes=("accepted", "refused", "fired"),
        checkpoint=visit.portal.checkpoint(),
    )


@page
def entry(visit: Visit, sequence: int) -> HttpResponse:
    """Show one entry, decoded, with the proof that the log holds it."""
    engine = visit.portal.node.engine
    try:
        receipt = engine.receipt(sequence)
    except (KeyError, OverflowError):
        raise missing("entry", str(sequence)) from None
    if visit.scope and not query.concerns(visit.views, sequence, visit.scope):
        raise Denied(
            f"entry {sequence} neither comes from {visit.scope} nor names it; those whom it"
            " concerns, operators, regulators and auditors read it"
        )
    return visit.show(
        "entry.html",
        entry=query.opened(receipt.entry),
        proof=[base64.b64encode(part).decode() for part in receipt.proof],
        index=receipt.index,
        checkpoint=Checkpoint.parse(parse_note(receipt.checkpoint).text),
        last=engine.size,
    )
