"""Touching: a finding is about the narrowest records that it names.

Goal: nobody is accused for standing near. Method: the small trade with one finding at a time; a
table of what it names and whom that is about.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from support import small_trade
from tallyport.evidence.dossiers.links import linked
from tallyport.evidence.dossiers.touching import FALSE_DOCUMENTS, touched

CASES: list[tuple[str, str, list[str]]] = [
    ("odometer_rollback", "VIN-A;WX1", ["VIN-A"]),
    ("double_sale", "VIN-A;XJYO-1;XJYO-2", ["VIN-A"]),
    ("duplicate_receipt", "P1;P2", ["VIN-A"]),
    ("under_invoicing", "D1;XJYO-1", ["VIN-A", "VIN-B"]),
    ("late_payment", "XJYO-1;E1", ["VIN-A"]),
    ("payment_default", "XJYO-1", ["VIN-A", "VIN-B"]),
    ("sanctioned_party", "XJYO-2;B2", ["VIN-C"]),
    ("refund_after_financing", "E9;XJYO-1", ["VIN-A", "VIN-B"]),
    ("phantom_declaration", "D9;XJYO-1", []),
    ("circular_payment", "E9;XJYO-1", []),
    ("duplicate_invoice", "I1;I2", ["VIN-A"]),  # VIN-B's link to it is unlikely.
    ("never_arrived", "nobody", []),
]


@pytest.mark.parametrize(("type_", "names", "vins"), CASES)
def test_a_finding_is_about_the_narrowest(type_: str, names: str, vins: list[str]) -> None:
    """One line of CASES."""
    matching = small_trade.matching()
    findings = pl.DataFrame(
        [(type_, names, 0.9, "")], schema=matching.findings.schema, orient="row"
    )
    known = linked(small_trade.tables(), matching, small_trade.AS_OF)
    found = touched(replace(matching, findings=findings), known.links)
    assert found["vin"].to_list() == vins


def test_every_false_document_is_tried() -> None:
    """Those that accuse a document, for they contradict a dossier."""
    assert set(FALSE_DOCUMENTS) - {"over_invoicing"} <= {type_ for type_, _, _ in CASES}
