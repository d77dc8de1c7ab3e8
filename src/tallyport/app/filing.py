"""File an appraisal (归档): attest its dossiers, keep what pages read.

Doing it again with the same exports does nothing; what changed since becomes a new version.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from tallyport.app.appraisal import Appraisal
from tallyport.app.attesting import Attested, Paper, attest, stored_as
from tallyport.app.evidence_lines import (
    dossier_lines,
    quarantine_lines,
    rating_lines,
    source_lines,
)
from tallyport.app.evidence_store import EvidenceStore
from tallyport.app.finding_lines import all_finding_lines
from tallyport.app.home import Home
from tallyport.app.lineage_frames import keep_lineage
from tallyport.app.node import Node
from tallyport.app.origins import Origins
from tallyport.app.trade_lines import settlement_lines, trade_lines
from tallyport.contracts.attestation.model import Kind, Latest, SubjectId, key_of
from tallyport.evidence.dossiers import document
from tallyport.kernel.form import encode_moment
from tallyport.kernel.ids import MemberId


def vehicle(vin: str) -> SubjectId:
    """Return a vehicle's name in attestations; what an id may not hold is spelled in hex."""
    return SubjectId("vehicle:" + quote(vin, safe="").replace("%", "+"))


def file_appraisal(
    node: Node,
    home: Home,
    appraisal: Appraisal,
    attester: MemberId,
    progress: Callable[[str, int, int], None],
) -> Attested:
    """Attest the dossiers of `appraisal` as `attester`; keep its lines for the pages.

    Raises:
        NotAttestedError: the ledger refused.
    """
    papers = []
    for number, dossier in enumerate(appraisal.dossiers, start=1):
        papers.append(
            Paper(subject=vehicle(dossier.vin), kind=Kind.DOSSIER, content=document(dossier))
        )
        progress("seal dossiers", number, len(appraisal.dossiers))
    attested = attest(node, attester, papers)
    store = EvidenceStore(home.evidence, node.documents)
    store.write(
        [
            *dossier_lines(appraisal.dossiers),
            *all_finding_lines(appraisal),
            *source_lines(appraisal.reading),
            *quarantine_lines(appraisal.reading),
            *rating_lines(appraisal.ratings),
            *trade_lines(appraisal),
            *settlement_lines(appraisal),
        ]
    )
    Origins(home).write(
        appraisal.reading,
        appraisal.quality,
        appraisal.matching,
        encode_moment(node.clock.now()),
        appraisal.freight,
    )
    keep_lineage(home, appraisal)
    kept = []
    with node.book() as book:
        for dossier in appraisal.dossiers:
            subject = vehicle(dossier.vin)
            last = book.get(Latest, key_of(subject, Kind.DOSSIER, attester))
            if last is not None:
                name = stored_as(subject, Kind.DOSSIER, attester)
                kept.append((dossier.vin, name, last.version))
    store.file(kept)
    return attested
