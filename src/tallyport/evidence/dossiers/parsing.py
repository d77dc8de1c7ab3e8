"""Read the document of a dossier back (读取档案文件), refusing whatever is not one to the byte.

Whoever is shown a document can rebuild the dossier, and compare its digest with the one on the
ledger. Every member is checked for its type; then the dossier is written again and compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tallyport.evidence.dossiers.document import FORMAT, document
from tallyport.evidence.dossiers.model import (
    Criterion,
    Dossier,
    Evidence,
    Finding,
    Origin,
    Party,
    Payment,
    Record,
    State,
    Status,
)
from tallyport.evidence.dossiers.vqi import Vqi
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.money import MINOR_MAX, Money

T = TypeVar("T")
_HUNDREDTHS = re.compile(r"-?(0|[1-9]\d{0,15})\.\d\d")
_SHARE = re.compile(r"[01]\.\d{4}")


def from_document(data: bytes) -> Dossier:
    """Return the dossier whose document is `data`.

    Raises:
        MalformedError: `data` is not the document of a dossier, to the byte.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        message = f"expected a dossier document ({FORMAT}), got bytes that are not JSON: {error}"
        raise MalformedError(message) from None
    dossier = _dossier(_Object(found, "document"))
    if document(dossier) != data:
        message = f"expected the canonical bytes of a dossier ({FORMAT}), got another spelling"
        raise MalformedError(message)
    return dossier


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object whose members are asked for by name and type."""

    value: object
    place: str

    def member(self, name: str) -> object:
        if not isinstance(self.value, dict) or name not in self.value:
            raise self.wrong(f"an object with {name}", self.value)
        return self.value[name]

    def wrong(self, expected: str, came: object) -> MalformedError:
        return MalformedError(
            f"dossier document, {self.place}: expected {expected}, got {str(came)[:80]!r}"
        )

    def text(self, name: str) -> str:
        value = self.member(name)
        if not isinstance(value, str):
            raise self.wrong(f"text in {name}", value)
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self.member(name) is None else self.text(name)

    def whole(self, name: str) -> int:
        value = self.member(name)
        if type(value) is not int:
            raise self.wrong(f"a whole number in {name}", value)
        return value

    def share(self, name: str) -> int:
        """Return a probability like "0.9876" in basis points."""
        text = self.text(name)
        if not _SHARE.fullmatch(text):
            raise self.wrong(f"a share with four places in {name}", text)
        return int(text.replace(".", ""))

    def hundredths(self, name: str) -> int:
        """Return a decimal like "87.60" in hundredths."""
        text = self.text(name)
        if not _HUNDREDTHS.fullmatch(text) or abs(value := int(text.replace(".", ""))) > MINOR_MAX:
            raise self.wrong(f"a decimal number with two places in {name}", text)
        return value

    def optional(self, name: str, read: Callable[[_Object], T]) -> T | None:
        value = self.member(name)
        return None if value is None else read(_Object(value, f"{self.place}.{name}"))

    def each(self, name: str, read: Callable[[_Object], T]) -> tuple[T, ...]:
        value = self.member(name)
        if not isinstance(value, list):
            raise self.wrong(f"an array in {name}", value)
        return tuple(
            read(_Object(one, f"{self.place}.{name}[{at}]")) for at, one in enumerate(value)
        )

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.member(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(f"an array of texts in {name}", value)
        return tuple(value)


def _dossier(found: _Object) -> Dossier:
    if (form := found.text("format")) != FORMAT:
        raise found.wrong(f"the format {FORMAT}", form)
    return Dossier(
        vin=found.text("vin"),
        status=_choice(found, "status", Status),
        probability_bp=found.share("probability"),
        price=found.optional("price", _money),
        paid=found.optional("paid", _money),
        vqi=found.optional("vqi", _vqi),
        criteria=found.each("criteria", _criterion),
        evidence=found.each("evidence", _evidence),
        payments=found.each("payments", _payment),
        parties=found.each("parties", _party),
        findings=found.each("findings", _finding),
    )


S = TypeVar("S", Status, State)


def _choice(found: _Object, name: str, choices: type[S]) -> S:
    text = found.text(name)
    if text not in list(choices):
        raise found.wrong(f"{name} of {[one.value for one in choices]}", text)
    return choices(text)


def _money(found: _Object) -> Money:
    return Money(found.hundredths("amount"), found.text("currency"))


def _vqi(found: _Object) -> Vqi:
    return Vqi(
        mean=found.hundredths("mean"),
        spread=None if found.member("spread") is None else found.hundredths("spread"),
        margin=None if found.member("margin") is None else found.hundredths("margin"),
        reports=found.whole("reports"),
    )


def _criterion(found: _Object) -> Criterion:
    return Criterion(
        name=found.text("name"), state=_choice(found, "state", State), detail=found.text("detail")
    )


def _evidence(found: _Object) -> Evidence:
    fields = found.member("fields")
    if not isinstance(fields, dict) or not all(isinstance(one, str) for one in fields.values()):
        raise found.wrong("an object of texts in fields", fields)
    return Evidence(
        record=Record(
            kind=found.text("kind"),
            key=found.text("key"),
            fields=tuple(sorted(fields.items())),
            origin=Origin(
                source=found.text("source"), file=found.text("file"), line=found.whole("line")
            ),
        ),
        probability_bp=found.share("probability"),
        reasons=found.texts("reasons"),
    )


def _payment(found: _Object) -> Payment:
    return Payment(
        payment_id=found.text("payment"),
        contract_no=found.text("contract"),
        item=found.text("item"),
        shipment=found.whole("shipment"),
        amount=_money(found),
        probability_bp=found.share("probability"),
        reason=found.text("reason"),
    )


def _party(found: _Object) -> Party:
    return Party(
        mention=found.text("mention"),
        name=found.optional_text("name"),
        cluster=found.text("cluster"),
        probability_bp=found.share("probability"),
    )


def _finding(found: _Object) -> Finding:
    return Finding(
        type=found.text("type"),
        record_ids=found.texts("records"),
        probability_bp=found.share("probability"),
        explanation=found.text("explanation"),
    )
