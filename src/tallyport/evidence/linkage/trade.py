"""The trade (贸易事实): what linkage has established, in the form that findings and results read.

Built step by step by `match`; every frame is explained where it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Records with their links, before results and findings are drawn from them."""

    as_of: date
    records: Records
    found: Mentions
    agreement: pl.DataFrame  # agreements: declaration_no, contract_no, probability
    load: pl.DataFrame  # loads: waybill_no, declaration_no, probability
    sales: pl.DataFrame  # sales: vin, contract_no, line_no, probability
    left: pl.DataFrame  # departures: vin, declaration_no, line_no, probability, levels
    may_have_left: pl.DataFrame  # departures.candidates: the pairs that `left` was chosen among
    offered: pl.DataFrame  # payers.offers: the pairs that `payer` was chosen among
    arrived: pl.DataFrame  # arrivals: vin, received_on, seen_by
    owed: pl.DataFrame  # instalments.parts
    asked: pl.DataFrame  # instalments.instalments
    entries: pl.DataFrame  # bank_text.kinds
    paid: pl.DataFrame  # receipts.receipts with the payer's alias
    payer: pl.DataFrame  # payers: best agreement(s) of each payment
    settled: pl.DataFrame  # allocations.settlements
    spread: pl.DataFrame  # allocations.allocations
    alias_of: pl.DataFrame  # buyers.grouped: name, alias
    names: pl.DataFrame  # buyers.names_of_agreements
