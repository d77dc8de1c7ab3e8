"""The nouns of escrow (监管账户 · 条件放款).

    agreement XJYO-2024040401, 1 000 000.00                     (source 000, section 4.1.2)
    tranche 1   70 %   arrival of the vehicle, by a warehouse  AND  its dossier, by the operator
    tranche 2   30 %   acceptance document, by the buyer

A tranche is paid when every one of its conditions is attested (contracts.attestation) by an active
member with one of the roles that the condition names. The payee's own word does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import ClassVar, NewType

from tallyport.contracts.attestation.model import Kind, SubjectId, latest
from tallyport.contracts.members.model import Role
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import AttestationId, EscrowId, MemberId
from tallyport.kernel.money import Money, share_out

AgreementId = NewType("AgreementId", str)  # 合同号


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`subject` must be attested as `kind` by a member with one of `roles`."""

    subject: SubjectId
    kind: Kind
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """`share_bp` of the amount, paid when all `conditions` are met."""

    share_bp: int
    conditions: tuple[Condition, ...]


@unique
class Stage(StrEnum):
    """Where an escrow stands."""

    OPEN = "open"
    CLOSED = "closed"  # Every tranche is paid.
    REFUNDED = "refunded"  # What was left went back to the payer.


@dataclass(frozen=True, slots=True, kw_only=True)
class Escrow:
    """Row: `amount` of `payer`'s money that waits for facts, until `until`."""

    TABLE: ClassVar[str] = "escrow"

    id: EscrowId
    payer: MemberId
    payee: MemberId
    agreement: AgreementId
    amount: Money
    tranches: tuple[Tranche, ...]  # Numbered 1, 2, ... in this order.
    until: datetime
    stage: Stage
    paid: tuple[int, ...]  # Numbers of the tranches that were paid, in that order.
    paid_minor: int
    refunded_minor: int

    @property
    def key(self) -> str:
        """The escrow's id."""
        return self.id

    @property
    def left(self) -> Money:
        """What is still set aside."""
        return Money(
            self.amount.minor - self.paid_minor - self.refunded_minor, self.amount.currency
        )

    @property
    def unpaid(self) -> tuple[int, ...]:
        """Numbers of the tranches that wait."""
        return tuple(n for n in range(1, len(self.tranches) + 1) if n not in self.paid)

    def part(self, number: int) -> Money:
        """Return the amount of tranche `number`; the parts of all sum to the whole."""
        return Money(parts(self.amount, self.tranches)[number - 1], self.amount.currency)


def parts(amount: Money, tranches: tuple[Tranche, ...]) -> tuple[int, ...]:
    """Return the minor units of each tranche (kernel.money.share_out)."""
    return share_out(amount.minor, [tranche.share_bp for tranche in tranches])


def evidence(book: Book, escrow: Escrow, number: int) -> tuple[AttestationId, ...] | None:
    """Return the attestations that meet the conditions of tranche `number`, one each, or None."""
    found = []
    for condition in escrow.tranches[number - 1].conditions:
        attestation = latest(
            book, condition.subject, condition.kind, condition.roles, besides=escrow.payee
        )
        if attestation is None:
            return None
        found.append(attestation.id)
    return tuple(found)
