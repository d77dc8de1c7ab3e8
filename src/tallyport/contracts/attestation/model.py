"""The nouns of attestation (存证): who has said what about which thing, and when.

subject   vehicle:HLX33B128R1643455, dossier:HLX33B128R1643455, agreement:XJYO-2024040401
versions  1 ◀─ 2 ◀─ 3      of one subject, kind and attester; the last one is in force
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import ClassVar, NewType

from tallyport.contracts.members.model import Role, has_role
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import AttestationId, MemberId

SubjectId = NewType("SubjectId", str)  # sort:name, of anything that can be spoken about.


@unique
class Kind(StrEnum):
    """What is attested of a subject."""

    DOSSIER = "dossier"  # 一车一档: all evidence of one trade, matched
    MATCH = "match"  # 三元映射
    DOCUMENT = "document"  # 单证
    DECLARATION = "declaration"  # 报关单
    ARRIVAL = "arrival"  # 到货
    CLAIM = "claim"  # 债权


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Row: `attester` answers for a document or fact whose commitment this is."""

    TABLE: ClassVar[str] = "attestation"

    id: AttestationId
    subject: SubjectId
    kind: Kind
    commitment: str  # attestation.commitment
    attester: MemberId
    at: datetime
    sequence: int  # The entry: its receipt proves that the commitment existed by then.
    version: int
    previous: AttestationId | None

    @property
    def key(self) -> str:
        """The attestation's id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """Row: the attestation in force of one subject, kind and attester."""

    TABLE: ClassVar[str] = "attestation_latest"

    subject: SubjectId
    kind: Kind
    attester: MemberId
    id: AttestationId
    version: int

    @property
    def key(self) -> str:
        """Subject, kind, attester: all that is said of a thing stands together."""
        return key_of(self.subject, self.kind, self.attester)


def key_of(subject: SubjectId, kind: Kind, attester: MemberId) -> str:
    """Return the key of the row `Latest`."""
    return f"{subject}|{kind.value}|{attester}"


def latest(
    book: Book,
    subject: SubjectId,
    kind: Kind,
    by: tuple[Role, ...],
    *,
    besides: MemberId | None = None,
) -> Attestation | None:
    """Return what an active member with one of the roles `by` attests of `subject`, or None.

    Of several members the first in order of their ids answers: any of them is enough. The word of
    `besides` does not count: nobody is a witness in its own cause.
    """
    for row in book.scan(Latest, f"{subject}|{kind.value}|"):
        if row.attester != besides and has_role(book, row.attester, *by):
            return book.get(Attestation, row.id)
    return None
