"""What pages ask of the evidence (证据查询): dossiers, findings, quality, ratings.

The evidence is judged, not agreed: it lies beside the ledger and can be made again. Whoever keeps
it answers these questions; `NoEvidence` answers when nothing was read yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tallyport.kernel.money import Money
from tallyport.projections.queries.trades import SettlementLine, TradeLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of a kind."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFigures:
    """The evidence in a few numbers."""

    statuses: tuple[Count, ...]  # matched, partly, contradicting
    findings: tuple[Count, ...]
    grades: tuple[Count, ...]  # C1 ... C5
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier in the list."""

    vin: str
    status: str
    probability_bp: int
    contract_no: str
    buyer: str
    price: Money | None
    paid: Money | None
    vqi: int | None  # 0 to 100
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """A record that is linked to the vehicle, and where it came from."""

    kind: str
    key: str
    probability_bp: int
    reasons: tuple[str, ...]
    source: str
    file: str
    line: int
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A part of a payment that was for this vehicle."""

    payment_id: str
    item: str
    amount: Money
    probability_bp: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """Something suspicious."""

    id: str
    kind: str
    records: tuple[str, ...]
    vins: tuple[str, ...]
    probability_bp: int
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    """A question asked of the dossier, and its answer: met, missing, contradicted."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierDetail:
    """One vehicle with everything that speaks about it."""

    line: DossierLine
    criteria: tuple[CriterionLine, ...]
    links: tuple[LinkLine, ...]
    payments: tuple[PaymentLine, ...]
    findings: tuple[FindingLine, ...]
    vqi: str  # With its interval; empty without an index.


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A file that was read, and how well."""

    source: str
    file: str
    kind: str
    encoding: str
    rows: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLine:
    """A row that was set aside."""

    id: str
    source: str
    file: str
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine:
    """An indicator of a rating: its value in words and the points it gave."""

    name: str
    value: str
    points: int
    points_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLine:
    """The rating of a party, C1 (best) to C5."""

    party: str
    name: str
    kind: str  # buyer, seller
    grade: str
    score: int
    reasons: tuple[str, ...]
    indicators: tuple[IndicatorLine, ...]


class EvidenceQueries(Protocol):
    """Answers about the evidence; pages of a list begin behind the key `after`."""

    def figures(self) -> EvidenceFigures:
        """Return the evidence in a few numbers."""
        ...

    def dossiers(
        self, *, text: str, status: str, vins: frozenset[str] | None, after: str, most: int
    ) -> tuple[DossierLine, ...]:
        """Return dossiers in order of VIN behind `after`; `vins`, if given, are all there is.

        `text` is looked for in VIN, contract number and buyer; `status` is one, or empty.
        """
        ...

    def dossier(self, vin: str) -> DossierDetail | None:
        """Return all about one vehicle, or None."""
        ...

    def findings(self, *, kind: str, after: str, most: int) -> tuple[FindingLine, ...]:
        """Return findings in order of id behind `after`."""
        ...

    def trades(self, *, kind: str, text: str, after: str, most: int) -> tuple[TradeLine, ...]:
        """Return orders, invoices and hauls in order of id behind `after`."""
        ...

    def settlements(self, *, role: str, after: str, most: int) -> tuple[SettlementLine, ...]:
        """Return how firms settle, in order of id behind `after`."""
        ...

    def sources(self) -> tuple[SourceLine, ...]:
        """Return every file that was read."""
        ...

    def quarantine(self, *, source: str, after: str, most: int) -> tuple[QuarantineLine, ...]:
        """Return rows that were set aside, in order of id behind `after`."""
        ...

    def ratings(self, *, kind: str, after: str, most: int) -> tuple[RatingLine, ...]:
        """Return ratings in order of party behind `after`."""
        ...

    def rating(self, party: str) -> RatingLine | None:
        """Return the rating of one party, or None."""
        ...


class NoEvidence:
    """Nothing was read yet."""

    def figures(self) -> EvidenceFigures:
        """Return zeros."""
        return EvidenceFigures(statuses=(), findings=(), grades=(), rows=0, quarantined=0)

    def dossiers(
        self, *, text: str, status: str, vins: frozenset[str] | None, after: str, most: int
    ) -> tuple[DossierLine, ...]:
        """Return nothing."""
        del text, status, vins, after, most
        return ()

    def dossier(self, vin: str) -> DossierDetail | None:
        """Return None."""
        del vin
        return None

    def findings(self, *, kind: str, after: str, most: int) -> tuple[FindingLine, ...]:
        """Return nothing."""
        del kind, after, most
        return ()

    def trades(self, *, kind: str, text: str, after: str, most: int) -> tuple[TradeLine, ...]:
        """Return nothing."""
        del kind, text, after, most
        return ()

    def settlements(self, *, role: str, after: str, most: int) -> tuple[SettlementLine, ...]:
        """Return nothing."""
        del role, after, most
        return ()

    def sources(self) -> tuple[SourceLine, ...]:
        """Return nothing."""
        return ()

    def quarantine(self, *, source: str, after: str, most: int) -> tuple[QuarantineLine, ...]:
        """Return nothing."""
        del source, after, most
        return ()

    def ratings(self, *, kind: str, after: str, most: int) -> tuple[RatingLine, ...]:
        """Return nothing."""
        del kind, after, most
        return ()

    def rating(self, party: str) -> RatingLine | None:
        """Return None."""
        del party
        return None
