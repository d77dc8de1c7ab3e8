"""The nouns of document reading (单证): what stands on a paper, how surely, and where.

    invoice number   24999000000000000017   100.00 %   original_invoice.xml: InvoiceNumber
    total            113000.00               96.10 %   page 1, line 14, recognised
    vin              LSVCE2BR5N1041664       93.00 %   page 1, line 7, recognised

A field says what the paper says. Whether the paper is right is the business of `findings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

SURE_BP = 10_000
XML_BP = 10_000  # A named element: nothing is guessed.
TEXT_BP = 9_700  # The text is exact; which label a value belongs to is found by its place.


@unique
class Kind(StrEnum):
    """What a paper is."""

    INVOICE = "invoice"  # 发票
    VEHICLE_INVOICE = "vehicle_invoice"  # 机动车销售统一发票
    LICENCE = "licence"  # 营业执照
    REGISTRATION = "registration"  # 机动车登记证书, 行驶证
    OTHER = "other"


@unique
class Form(StrEnum):
    """How a paper is stored."""

    OFD = "ofd"
    XML = "xml"
    PDF = "pdf"
    PICTURE = "picture"
    UNKNOWN = "unknown"


@unique
class Severity(StrEnum):
    """What a finding does."""

    REFUSED = "refused"  # Nothing of the file is used.
    CONTRADICTION = "contradiction"  # The paper disagrees with itself or with other records.
    DOUBT = "doubt"  # Possible, but to be looked at.
    NOTE = "note"


@unique
class Rule(StrEnum):
    """What can be the matter with a paper."""

    EMPTY = "document_empty"
    UNKNOWN_FORM = "document_form_unknown"
    TOO_LARGE = "document_too_large"
    BOMB = "document_bomb"
    PATH = "document_path_escapes"
    NESTED = "document_nested"
    ENTITIES = "document_entities"
    BROKEN = "document_broken"
    ACTIVE = "document_active"
    POLYGLOT = "document_polyglot"
    PAGES = "document_pages"
    NOT_READ = "document_not_read"
    SIGNED = "signature_holds"
    UNSIGNED = "signature_absent"
    SIGNATURE_UNCHECKED = "signature_unchecked"
    SIGNATURE_BROKEN = "signature_broken"
    LINES = "lines_do_not_sum"
    TAX = "tax_is_not_rate"
    TOTAL = "total_is_not_net_and_tax"
    WORDS = "words_are_not_figures"
    TAX_NUMBER = "tax_number_digit"
    VIN_DIGIT = "document_vin_digit"
    FUTURE = "document_in_future"
    TWO_VALUES = "document_disagrees_with_itself"
    SAME_BYTES = "document_same_bytes"
    SAME_NUMBER = "document_same_number"
    SAME_CONTENT = "document_same_content"
    NO_DOSSIER = "document_without_dossier"
    AMOUNT_DIFFERS = "document_amount_differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A value with how surely it was read, and its place of origin."""

    name: str
    value: str
    confidence_bp: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of an invoice; amounts as they are written."""

    name: str
    quantity: str
    price: str
    net: str
    rate: str
    tax: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What does not fit: what was expected, what came, where. `wording` says it to people."""

    rule: Rule
    severity: Severity
    expected: str
    came: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Text on a page with its place, in any unit that is the same for the whole page."""

    text: str
    left: float
    top: float
    height: float
    page: int
    confidence_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document, read."""

    file: str
    sha256: str
    form: Form
    kind: Kind
    fields: tuple[Field, ...]
    items: tuple[Item, ...]
    findings: tuple[Finding, ...]
    text: str

    @property
    def is_refused(self) -> bool:
        """Tell whether nothing of the file may be used."""
        return any(one.severity is Severity.REFUSED for one in self.findings)

    def value(self, name: str) -> str:
        """Return the surest value of a field, or "" when the paper does not say."""
        found = [one for one in self.fields if one.name == name]
        return max(found, key=lambda one: one.confidence_bp).value if found else ""

    def shown(self) -> Mapping[str, object]:
        """Return the paper as programs get it."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "form": self.form.value,
            "kind": self.kind.value,
            "fields": [
                {
                    "name": one.name,
                    "value": one.value,
                    "confidence": one.confidence_bp / SURE_BP,
                    "origin": one.origin,
                }
                for one in self.fields
            ],
            "items": [{name: getattr(one, name) for name in Item.__slots__} for one in self.items],
            "findings": [
                {
                    "rule": one.rule.value,
                    "severity": one.severity.value,
                    "expected": one.expected,
                    "came": one.came,
                    "origin": one.origin,
                }
                for one in self.findings
            ],
        }


class RefusedError(Exception):
    """A file is not read on; `finding` says why. Never leaves this package."""

    def __init__(self, rule: Rule, expected: str, came: str, origin: str = "") -> None:
        super().__init__(rule.value)
        self.finding = Finding(
            rule=rule, severity=Severity.REFUSED, expected=expected, came=came, origin=origin
        )
