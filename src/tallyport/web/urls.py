"""Where every page stands (地址); the API below /api/v1 is joined by name only."""

from __future__ import annotations

from django.urls import include, path

from tallyport.web.pages import (
    actions,
    books,
    certificates,
    dossiers,
    escrows,
    evidence,
    financings,
    ledger,
    limits,
    members,
    nodes,
    origins,
    overview,
    papers,
    pledges,
    proofs,
    session,
    trades,
    worklist,
)

handler400 = "tallyport.web.pages.failures.malformed"
handler403 = "tallyport.web.pages.failures.denied"
handler404 = "tallyport.web.pages.failures.missing"
handler500 = "tallyport.web.pages.failures.broken"

urlpatterns = [
    path("login", session.log_in),
    path("logout", session.log_out),
    path("language", session.choose_language),
    path("", overview.overview),
    path("dossiers", dossiers.dossiers),
    path("dossiers/<str:vin>", dossiers.dossier),
    path("certificates", certificates.certificates),
    path("certificates/<path:certificate_id>", certificates.certificate),
    path("limits", limits.limits),
    path("limits/<path:limit_id>", limits.limit),
    path("financings", financings.financings),
    path("financings/<path:financing_id>", financings.financing),
    path("escrows", escrows.escrows),
    path("escrows/<path:escrow_id>", escrows.escrow),
    path("pledges", pledges.pledges),
    path("books", books.books),
    path("ledger", ledger.ledger),
    path("ledger/verify", proofs.verify),
    path("ledger/checkpoint", proofs.checkpoint),
    path("ledger/<int:sequence>", ledger.entry),
    path("ledger/<int:sequence>/receipt", proofs.receipt),
    path("evidence", evidence.evidence),
    path("evidence/quarantine", evidence.quarantine),
    path("evidence/findings", evidence.findings),
    path("evidence/ratings", evidence.ratings),
    path("evidence/ratings/<path:party>", evidence.rating),
    path("evidence/trades", trades.trades),
    path("evidence/settlements", trades.settlements),
    path("evidence/quality", origins.quality),
    path("evidence/lineage", origins.lineage),
    path("evidence/payments", origins.payments),
    path("evidence/payments/<path:payment_id>", origins.payment),
    path("evidence/worklist", worklist.worklist),
    path("evidence/worklist/decide", worklist.decide),
    path("evidence/worklist/<path:number>", worklist.question),
    path("papers", papers.papers),
    path("papers/<int:number>", papers.paper),
    path("members", members.members),
    path("nodes", nodes.nodes),
    path("commands", actions.send),
    path("api/v1/", include("tallyport.api.urls")),
    path("", include("tallyport.api.health")),
]
