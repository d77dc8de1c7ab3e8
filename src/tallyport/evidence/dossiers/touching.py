"""Touching (涉及): which vehicles a finding is about.

A finding names records; some only say where to look. It is about the vehicles of the narrowest
records that it names:

    VIN   before   declaration, invoice, receipt, payment ...   before   agreement

    double_sale        LVTDB22B7M1030049; XJHL-2024073001     one vehicle, not all of the agreement
    late_payment       XJCS-2024032501; T2407260000144        the vehicles so paid for
    sanctioned_party   XJCS-2024040201; B010012               all vehicles of the agreement

A finding that a document is false does not spread over an agreement: a phantom declaration says
nothing against the vehicles that are sold under the agreement it quotes.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.model import Matching

SURE_MIN = 0.5
FALSE_DOCUMENTS = (  # Findings that say that a document is false, not only that a risk is high.
    "odometer_rollback",
    "duplicate_invoice",
    "double_sale",
    "phantom_declaration",
    "over_invoicing",
    "under_invoicing",
    "circular_payment",
    "duplicate_receipt",
)
_VIN, _RECORD, _AGREEMENT = 0, 1, 2  # How wide a name reaches.


def touched(matching: Matching, links: pl.DataFrame) -> pl.DataFrame:
    """Return `vin` and `at`, the row of the finding in `matching.findings`."""
    sure = links.filter(pl.col("probability") >= SURE_MIN)
    width = pl.when(pl.col("kind") == "contract").then(_AGREEMENT).otherwise(_RECORD)
    places = pl.concat(
        [
            sure.select("vin", name="vin", width=pl.lit(_VIN, pl.Int32)),
            sure.select("vin", name="record", width=width),
        ]
    ).unique()
    named = (
        matching.findings.select("record_ids", "type")
        .with_row_index("at")
        .with_columns(name=pl.col("record_ids").str.split(";"))
        .explode("name")
        .select("at", "name", is_false=pl.col("type").is_in(FALSE_DOCUMENTS))
    )
    return (
        named.join(places, on="name")
        .filter(pl.col("width") == pl.col("width").min().over("at"))
        .filter(~pl.col("is_false") | (pl.col("width") < _AGREEMENT))
        .select("vin", "at")
        .unique()
        .sort("vin", "at")
    )
