"""The nouns of a digital receivable certificate (数字债权凭证): promises, and the root they share.

    issue RC-1    60 000 000, split                                (source 001, page 16)
     ├─ RC-1/1     1 920 000, open: a leaf
     └─ RC-1/2    58 080 000, split
         └─ ...

The certificate that is issued is the root of a tree; splitting makes children; a leaf that has not
ended is a promise that somebody holds. Ids are paths, so a tree stands together in the state.

RCV-1  stages   an event meets certificates only in a stage that it may end; what has ended stays
RCV-2  counted  a root's outstanding amount lies between 0 and its face, and is 0 when no leaf lives
RCV-3  due      once a root has matured nothing of it is accepted, offered, split, sold or promised
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.contracts.pledge.model import AssetId, Kind, asset_id
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import InvariantError, invariant
from tallyport.kernel.ids import (
    ID_LENGTH_MAX,
    AttestationId,
    CertificateId,
    LimitId,
    MemberId,
    OccupationId,
)
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed

# A certificate is an asset too: `certificate:` and its id must fit an id.
PATH_LENGTH_MAX = ID_LENGTH_MAX - len("certificate:")
ROOT_LENGTH_MAX = 48  # Leaves room for sixteen splits into a hundred.
LEAVES_MAX = 1_000  # All are settled in one entry, and an entry has a megabyte.


@unique
class Stage(StrEnum):
    """Where a certificate stands. SPLIT, SETTLED and CANCELLED are ends."""

    ISSUED = "issued"  # 已开立, not yet accepted
    OPEN = "open"  # 有效
    OFFERED = "offered"  # 待签收: still the giver's
    CLAIMED = "claimed"  # 已代偿: the guarantor paid and holds the claim
    SPLIT = "split"  # 已拆分
    SETTLED = "settled"  # 已清分
    CANCELLED = "cancelled"  # 已注销


LIVE = (Stage.ISSUED, Stage.OPEN, Stage.OFFERED, Stage.CLAIMED)
PAYABLE = (Stage.OPEN, Stage.OFFERED, Stage.CLAIMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the debtor promised. No verb ever changes it, and every child inherits it."""

    debtor: MemberId
    due: date
    limit_id: LimitId
    agreement: str  # The purchase that is paid so, in words or by its number.
    evidence: AttestationId | None  # Evidence of the trade, if it was attested (CN-SCF-8).
    long_term_reason: str | None  # Why more than the usual term is reasonable (CN-SCF-1).


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Row: a promise of `face`, owed under `terms` to `holder`."""

    TABLE: ClassVar[str] = "certificate"

    id: CertificateId
    root: CertificateId
    parent: CertificateId | None
    generation: int  # Splits between this certificate and the one that was issued.
    holder: MemberId
    face: Money
    terms: Terms
    stage: Stage
    offered_to: MemberId | None
    guarantor: MemberId | None
    moves: int  # How often it changed hands, its ancestors' moves included.

    @property
    def key(self) -> str:
        """The path from the root: the tree below `RC-1` is what begins with `RC-1/`."""
        return self.id

    @property
    def asset(self) -> AssetId:
        """The certificate's name in the register of pledges."""
        return asset_id(Kind.CERTIFICATE, self.id)

    def child(self, number: int, face: Money) -> Certificate:
        """Return child `number` (1, 2, ...) of this certificate, with `face` of its promise."""
        return changed(
            self,
            id=CertificateId(f"{self.id}/{number}"),
            parent=self.id,
            generation=self.generation + 1,
            face=face,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Row: what is left of one issue, and what stands behind it."""

    TABLE: ClassVar[str] = "certificate_root"

    id: CertificateId
    debtor: MemberId
    limit_id: LimitId
    face: Money
    outstanding_minor: int
    leaves: int  # Certificates that have not ended.
    backing: tuple[AssetId, ...]  # Invoices, orders and agreements that back nothing else.
    is_matured: bool
    is_missed: bool  # The debtor could not pay on the day.

    @property
    def key(self) -> str:
        """The id of the certificate that was issued."""
        return self.id

    @property
    def occupation_id(self) -> OccupationId:
        """What the issue occupies of its limit is called like the issue."""
        return OccupationId(self.id)

    @property
    def outstanding(self) -> Money:
        """What is still promised."""
        return Money(self.outstanding_minor, self.face.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorRecord:
    """Row: how often a debtor failed to pay on the day; it is not forgotten (CN-SCF-6)."""

    TABLE: ClassVar[str] = "debtor_record"

    debtor: MemberId
    misses: int

    @property
    def key(self) -> str:
        """The debtor."""
        return self.debtor


def standing(book: Book, certificate_id: CertificateId, *stages: Stage) -> Certificate:
    """Return a certificate that must be there, in one of `stages`."""
    certificate = book.get(Certificate, certificate_id)
    if certificate is None or certificate.stage not in stages:
        raise InvariantError("RCV-1")
    return certificate


def acting(book: Book, certificate_id: CertificateId, *stages: Stage) -> Certificate:
    """Return a certificate that must stand so, and whose root must not have matured."""
    certificate = standing(book, certificate_id, *stages)
    invariant(not root_of(book, certificate).is_matured, "RCV-3")
    return certificate


def root_of(book: Book, certificate: Certificate) -> Root:
    """Return the root of a certificate: whoever has one has the other."""
    root = book.get(Root, certificate.root)
    if root is None:
        raise InvariantError("RCV-1")
    return root


def lessened(root: Root, minor: int, leaves: int) -> Root:
    """Return `root` after `leaves` certificates of together `minor` have ended."""
    left, living = root.outstanding_minor - minor, root.leaves - leaves
    invariant(0 <= left <= root.face.minor and living >= 0, "RCV-2")
    invariant((left == 0) == (living == 0), "RCV-2")
    return changed(root, outstanding_minor=left, leaves=living)
