"""Pay an escrow's tranche as soon as its facts are attested (条件放款).

The operator asks; the contract looks at the evidence again and decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallyport.app.node import Wish
from tallyport.contracts.attestation.attest import AttestationMade
from tallyport.contracts.escrow.model import Escrow, Stage, evidence
from tallyport.contracts.escrow.release import ReleaseTranche
from tallyport.contracts.members.model import Member, Role
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class EscrowReactor:
    """Watches attestations. Any member could ask: the first operator signs."""

    def react(self, entry: Entry, book: Book) -> Iterator[Wish]:
        """Yield a release for every tranche whose conditions are met now."""
        operator = next((m.id for m in book.scan(Member) if _may_ask(m)), None)
        attested = {e.subject for e in entry.events if isinstance(e, AttestationMade)}
        if operator is None or not attested:
            return
        for escrow in book.scan(Escrow):
            if escrow.stage is not Stage.OPEN:
                continue
            for number in escrow.unpaid:
                conditions = escrow.tranches[number - 1].conditions
                is_about = any(condition.subject in attested for condition in conditions)
                if is_about and evidence(book, escrow, number) is not None:
                    yield Wish(
                        member=operator,
                        key=f"escrow:{escrow.id}:{number}",
                        commands=(ReleaseTranche(escrow_id=escrow.id, number=number),),
                    )


def _may_ask(member: Member) -> bool:
    return member.is_active and Role.OPERATOR in member.roles
