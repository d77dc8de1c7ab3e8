"""What the story takes from exports and ledger (取数): parties, agreements, outcomes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from datetime import date

from tallyport.app.appraisal import Appraisal
from tallyport.app.attesting import stored_as
from tallyport.app.demo import cast
from tallyport.app.demo.order import FAMOUS, Agreement
from tallyport.app.demo.stage import Stage, StoryError
from tallyport.app.filing import vehicle
from tallyport.app.node import Node
from tallyport.contracts.attestation.model import Attestation, Kind, Latest, key_of
from tallyport.contracts.escrow.model import Escrow
from tallyport.contracts.limit.effect import Effect
from tallyport.contracts.limit.grant import Grant
from tallyport.contracts.receivable.term import months_after
from tallyport.kernel.ids import AttestationId, EscrowId, LimitId, MemberId
from tallyport.kernel.money import Money

MINOR = 100


def parties(appraisal: Appraisal) -> tuple[dict[MemberId, str], dict[MemberId, str]]:
    """Return the exporters and the buyers of the exports, with their names."""
    tables = appraisal.reading.tables
    sellers = tables["seller"].select("prefix", "name_cn").rows()
    buyers = tables["buyer"].select("buyer_no", "name_en").rows()
    return (
        {cast.seller(prefix): name or prefix for prefix, name in sorted(sellers)},
        {cast.buyer(number): name or number for number, name in sorted(buyers)},
    )


def agreements(appraisal: Appraisal) -> tuple[Agreement, Agreement]:
    """Return the agreement of the escrow, and another of the same exporter to be financed.

    Raises:
        StoryError: the exports do not hold them.
    """
    vins: dict[str, list[str]] = defaultdict(list)
    for dossier in appraisal.dossiers:
        for sale in dossier.of_kind("contract_line"):
            vins[sale.record.value("contract_no") or ""].append(dossier.vin)
    buyers = _buyers(appraisal)
    rows = appraisal.reading.tables["contract"].sort("signed_on", "contract_no", descending=True)
    found = [
        Agreement(
            number=row["contract_no"],
            seller=cast.seller(row["contract_no"].partition("-")[0]),
            buyer=cast.buyer(buyers[row["contract_no"]]),
            total=Money(int(row["total"] * MINOR), row["currency"]),
            vins=tuple(sorted(vins[row["contract_no"]])),
        )
        for row in rows.iter_rows(named=True)
        if row["total"] and row["contract_no"] in buyers and vins[row["contract_no"]]
    ]
    famous = next((one for one in found if one.number == FAMOUS), None)
    if famous is None:
        raise StoryError(f"expected agreement {FAMOUS} with vehicles in the exports, found none")
    others = [one for one in found if one.number != FAMOUS and one.seller == famous.seller]
    if not others:
        raise StoryError(f"expected a second agreement of {famous.seller}, found none")
    return famous, others[0]


def _buyers(appraisal: Appraisal) -> dict[str, str]:
    """Return the registry number of each agreement's buyer, as matching found it out."""
    if appraisal.matching is None:
        return {}
    parties = appraisal.matching.parties.select("mention", "cluster").rows()
    registered = {
        cluster: mention.removeprefix("registry:")
        for mention, cluster in sorted(parties, reverse=True)
        if mention.startswith("registry:")
    }
    return {
        mention.removeprefix("contract:"): registered[cluster]
        for mention, cluster in parties
        if mention.startswith("contract:") and cluster in registered
    }


def grant_limits(stage: Stage, appraisal: Appraisal, today: date) -> None:
    """Let the factor grant what the ratings propose, and put it into effect."""
    wishes: list[tuple[str, Sequence[object]]] = []
    for proposal in appraisal.limits:
        member = member_of(proposal.subject)
        limit = LimitId(f"{member}-2025")
        granted = Grant(
            limit_id=limit,
            parent=None,
            subject=member,
            amount=Money(proposal.amount_minor, proposal.currency),
            valid_from=today,
            valid_until=months_after(today, 12),
            product="rated",
        )
        wishes.append((f"limit:{member}", (granted, Effect(limit_id=limit))))
    for entry in stage.node.submit_all(cast.FACTOR, wishes):
        if entry.reason is not None:
            raise StoryError(f"a limit was refused: {entry.reason}")


def member_of(subject: str) -> MemberId:
    """Return the member that a rated subject is: `buyer:B010001`, `seller:XJYO`."""
    return MemberId(subject.rpartition(":")[2].lower())


def commitments(node: Node, vins: Sequence[str]) -> list[str]:
    """Return the commitments in force of vehicles' dossiers."""
    found = []
    with node.book() as book:
        for vin in vins:
            last = book.get(Latest, key_of(vehicle(vin), Kind.DOSSIER, cast.PLATFORM))
            attestation = None if last is None else book.get(Attestation, last.id)
            if attestation is not None:
                found.append(attestation.commitment)
    return found


def escrow_paid(node: Node, escrow_id: EscrowId) -> Money:
    """Return what an escrow has paid out."""
    with node.book() as book:
        escrow = book.get(Escrow, escrow_id)
    if escrow is None:
        raise StoryError(f"expected escrow {escrow_id} on the ledger")
    return Money(escrow.paid_minor, escrow.amount.currency)


def settlement(node: Node) -> int:
    """Return the entry in which the certificate was settled."""
    query = "SELECT max(sequence) FROM journal WHERE purpose = 'certificates_settled'"
    with closing(node.views.reader()) as views:
        (sequence,) = views.execute(query).fetchone()
    if sequence is None:
        raise StoryError("expected the certificate to be settled by now")
    return int(sequence)


def dossier_attestation(vin: str) -> AttestationId:
    """Return the id of the first attestation of a vehicle's dossier."""
    return AttestationId(f"{stored_as(vehicle(vin), Kind.DOSSIER, cast.PLATFORM)}:1")
