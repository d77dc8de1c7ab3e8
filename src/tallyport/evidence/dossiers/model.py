"""The nouns of a dossier (档案): one vehicle, with everything that speaks about it.

    record      a row of a source, as text, with its place of origin
    evidence    a record that is linked to the vehicle: how surely, and why
    payment     money that was paid for the vehicle, out of which payment and for which instalment
    criterion   one question asked of the dossier, and its answer

Probabilities are whole basis points, so that equal dossiers are equal on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.evidence.dossiers.vqi import Vqi
from tallyport.kernel.money import Money

SURE_BP = 10_000


@unique
class Status(StrEnum):
    """How far VIN, declaration and money fit together (三元映射)."""

    MATCHED = "matched"  # 匹配
    PARTLY = "partly"  # 部分匹配
    CONTRADICTING = "contradicting"  # 矛盾


@unique
class State(StrEnum):
    """The answer to a criterion."""

    MET = "met"
    MISSING = "missing"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a record came from: line of a file, row of a sheet, number of an element."""

    source: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row of the canonical table `kind`; `key` as linkage writes it, parts joined by "/"."""

    kind: str
    key: str
    fields: tuple[tuple[str, str], ...]  # Names and values in order of name; empty cells left out.
    origin: Origin

    def value(self, name: str) -> str | None:
        """Return the value of a field."""
        return next((value for field, value in self.fields if field == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record linked to the vehicle."""

    record: Record
    probability_bp: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A part of a payment that was for this vehicle."""

    payment_id: str
    contract_no: str
    item: str
    shipment: int
    amount: Money
    probability_bp: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A mention of a firm (`contract:…`, `declaration:…`, `payment:…`) and who it is."""

    mention: str
    name: str | None  # As it is written there.
    cluster: str
    probability_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something suspicious that names the vehicle or one of its records."""

    type: str
    record_ids: tuple[str, ...]
    probability_bp: int
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A question of `criteria`, with what the answer rests on."""

    name: str
    state: State
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything about one vehicle.

    `probability_bp` is how surely its triad is right; `price` is what it was sold for, `paid` what
    arrived for it, in one currency.
    """

    vin: str
    status: Status
    probability_bp: int
    price: Money | None
    paid: Money | None
    vqi: Vqi | None
    criteria: tuple[Criterion, ...]
    evidence: tuple[Evidence, ...]
    payments: tuple[Payment, ...]
    parties: tuple[Party, ...]
    findings: tuple[Finding, ...]

    def of_kind(self, kind: str) -> tuple[Evidence, ...]:
        """Return the evidence of one kind, the surest first."""
        found = [one for one in self.evidence if one.record.kind == kind]
        return tuple(sorted(found, key=lambda one: (-one.probability_bp, one.record.key)))
