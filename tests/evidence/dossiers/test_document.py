"""The document of a dossier: one spelling, there and back, and no other.

Goal: what is attested can be rebuilt by anybody and forged by nobody. Method: random dossiers there
and back; the rfc8785 package as an oracle for the bytes; a golden digest; a table of forgeries.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from support import small_trade
from tallyport.evidence.dossiers import Dossier, build, document, fingerprint, from_document
from tallyport.evidence.dossiers.model import (
    Criterion,
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
from tallyport.kernel.canonical import MalformedError, digest
from tallyport.kernel.money import Money

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
SHARE = st.integers(0, 10_000)
MONEY = st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["CNY", "USD", "KZT"]))
HUNDREDTHS = st.integers(0, 10_000)
RECORDS = st.builds(
    Record,
    kind=TEXT,
    key=TEXT,
    fields=st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), TEXT, max_size=4).map(
        lambda fields: tuple(sorted(fields.items()))
    ),
    origin=st.builds(Origin, source=TEXT, file=TEXT, line=st.integers(0, 10**9)),
)
DOSSIERS = st.builds(
    Dossier,
    vin=TEXT,
    status=st.sampled_from(Status),
    probability_bp=SHARE,
    price=st.none() | MONEY,
    paid=st.none() | MONEY,
    vqi=st.none()
    | st.builds(
        Vqi,
        mean=HUNDREDTHS,
        spread=st.none() | HUNDREDTHS,
        margin=st.none() | HUNDREDTHS,
        reports=st.integers(1, 300),
    ),
    criteria=st.lists(
        st.builds(Criterion, name=TEXT, state=st.sampled_from(State), detail=TEXT), max_size=3
    ).map(tuple),
    evidence=st.lists(
        st.builds(
            Evidence,
            record=RECORDS,
            probability_bp=SHARE,
            reasons=st.lists(TEXT, max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    payments=st.lists(
        st.builds(
            Payment,
            payment_id=TEXT,
            contract_no=TEXT,
            item=TEXT,
            shipment=st.integers(0, 99),
            amount=MONEY,
            probability_bp=SHARE,
            reason=TEXT,
        ),
        max_size=3,
    ).map(tuple),
    parties=st.lists(
        st.builds(Party, mention=TEXT, name=st.none() | TEXT, cluster=TEXT, probability_bp=SHARE),
        max_size=2,
    ).map(tuple),
    findings=st.lists(
        st.builds(
            Finding,
            type=TEXT,
            record_ids=st.lists(TEXT, max_size=3).map(tuple),
            probability_bp=SHARE,
            explanation=TEXT,
        ),
        max_size=2,
    ).map(tuple),
)


@given(DOSSIERS)
def test_there_and_back(dossier: Dossier) -> None:
    """The document of any dossier is the dossier, in the bytes of RFC 8785."""
    data = document(dossier)
    assert from_document(data) == dossier
    assert rfc8785.dumps(json.loads(data)) == data


@given(DOSSIERS, st.data())
def test_a_changed_byte_is_another_dossier_or_none(dossier: Dossier, data: st.DataObject) -> None:
    """No second spelling of the same dossier is ever taken."""
    written = document(dossier)
    at = data.draw(st.integers(0, len(written) - 1))
    changed = bytes(
        [*written[:at], written[at] ^ data.draw(st.integers(1, 255)), *written[at + 1 :]]
    )
    try:
        other = from_document(changed)
    except MalformedError:
        return
    assert other != dossier
    assert document(other) == changed


def made() -> list[Dossier]:
    """Return the dossiers of the small trade."""
    return build(small_trade.tables(), small_trade.matching(), as_of=small_trade.AS_OF)


GOLDEN = "65964a0c292c5bb67b226b09c2d841d71c367627607c5b59a54779062a81b673"


@pytest.mark.determinism
def test_the_bytes_are_fixed() -> None:
    """Another digest is another format: raise its number and say so."""
    assert digest(b"".join(document(one) for one in made())) == GOLDEN


def test_amounts_and_probabilities_are_texts() -> None:
    """Two places for money, four for probabilities, nothing that a reader could round."""
    found = json.loads(document(made()[0]))
    assert found["price"] == {"amount": "22380.00", "currency": "USD"}
    assert found["probability"] == "0.9700"
    assert found["payments"][0]["amount"] == "6714.00"
    assert found["vqi"] == {"margin": None, "mean": "90.00", "reports": 1, "spread": None}
    line = next(one for one in found["evidence"] if one["kind"] == "contract_line")
    assert line["fields"]["price"] == "22380"


def test_the_fingerprint_changes_with_the_evidence_only() -> None:
    """A file that moved and an estimate that shifted change the document, not the fingerprint."""
    dossier = made()[0]
    first, *rest = dossier.evidence
    moved = replace(
        first, record=replace(first.record, origin=replace(first.record.origin, line=9))
    )
    shifted = replace(dossier, probability_bp=1, evidence=(moved, *rest))
    assert document(shifted) != document(dossier)
    assert fingerprint(shifted) == fingerprint(dossier)
    for changed in (
        replace(dossier, evidence=tuple(rest)),
        replace(dossier, payments=dossier.payments[1:]),
        replace(dossier, findings=()),
    ):
        assert fingerprint(changed) != fingerprint(dossier)


Change = Callable[[dict[str, Any]], object]
FORGERIES: list[tuple[str, Change]] = [
    ("the format", lambda found: found.update(format="tallyport/dossier/2")),
    ("text in vin", lambda found: found.update(vin=7)),
    ("status of", lambda found: found.update(status="fine")),
    ("a share", lambda found: found.update(probability="0.97")),
    ("text in probability", lambda found: found.update(probability=0.97)),
    ("an object with price", lambda found: found.pop("price")),
    ("two places", lambda found: found["price"].update(amount="22380")),
    ("two places", lambda found: found["price"].update(amount="22380.000")),
    ("two places", lambda found: found["price"].update(amount="9" * 17 + ".00")),
    ("an object with amount", lambda found: found.update(price="22380.00 USD")),
    ("an array in criteria", lambda found: found.update(criteria={})),
    ("an array in evidence", lambda found: found.update(evidence=None)),
    ("texts in fields", lambda found: found["evidence"][0].update(fields={"vin": 1})),
    ("a whole number in line", lambda found: found["evidence"][0].update(line=2.5)),
    ("a whole number in line", lambda found: found["evidence"][0].update(line=True)),
    ("texts in reasons", lambda found: found["evidence"][0].update(reasons=[1])),
    ("texts in records", lambda found: found["findings"][0].update(records="D1")),
    ("text in name", lambda found: found["parties"][0].update(name=3)),
    ("another spelling", lambda found: found.update(more=1)),
]


@pytest.mark.parametrize(("expected", "forge"), FORGERIES)
def test_a_forged_document_is_refused(expected: str, forge: Change) -> None:
    """One line of FORGERIES: refused, with what was expected."""
    found = json.loads(document(made()[0]))
    forge(found)
    with pytest.raises(MalformedError, match=expected):
        from_document(rfc8785.dumps(found))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[]", b"null", b"7", b"[" * 100_000, b'{"format":1}', b"{}"]
)
def test_bytes_that_are_none_are_refused(data: bytes) -> None:
    """Never an error of another kind."""
    with pytest.raises(MalformedError):
        from_document(data)


def test_a_pretty_document_is_refused() -> None:
    """The same values with blanks between them are not the attested bytes."""
    pretty = json.dumps(json.loads(document(made()[0])), indent=1).encode()
    with pytest.raises(MalformedError, match="another spelling"):
        from_document(pretty)
