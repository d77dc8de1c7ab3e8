"""The outcome of matching (匹配结果): frames that dossiers, pages and result files are made of.

    links        vin, kind, record, probability, reasons
    triads       vin, declaration_no, declaration_line, payment_id, amount_minor, currency,
                 probability
    allocations  payment_id, contract_no, item, shipment, line_no, vin, amount_minor, currency,
                 probability, reason
    unallocated  payment_id, contract_no, what, amount_minor, currency
    instalments  contract_no, item, shipment, due, amount_minor, settled_minor, currency
    parties      mention, cluster, probability
    findings     type, record_ids, probability, explanation
    candidates   kind (departure, payment), item, place, probability, is_chosen

`kind` and `record` of a link name a canonical table and its key, parts joined by "/". `what` is
"charges", "overpayment" or "unexplained"; `candidates` are the pairs that links were chosen among.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

CANDIDATES = {
    "kind": pl.String,
    "item": pl.String,
    "place": pl.String,
    "probability": pl.Float64,
    "is_chosen": pl.Boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Everything that `match` found out, as frames."""

    links: pl.DataFrame
    triads: pl.DataFrame
    allocations: pl.DataFrame
    unallocated: pl.DataFrame
    instalments: pl.DataFrame
    parties: pl.DataFrame
    findings: pl.DataFrame
    candidates: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CANDIDATES))
