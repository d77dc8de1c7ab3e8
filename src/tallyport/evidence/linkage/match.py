"""Matching (三元映射): VIN – customs declaration – cash flow, and every record around them.

    texts ─▶ mentions ─▶ agreements of declarations ─▶ loads of waybills ─▶ sales ─▶ departures
                                                                                      │
    names ─▶ aliases ─▶ payers of agreements ◀─ instalments ◀─ lots, arrivals ◀───────┘
                              │
                              └─▶ settlements ─▶ allocations ─▶ triads, parties, findings

Every arrow is one module. No step reads anything but the canonical tables; weights and usual values
are estimated on them. The same tables give the same result, whatever the order of hashing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from tallyport.evidence.linkage import (
    agreements,
    allocations,
    arrivals,
    bank_text,
    buyers,
    departures,
    findings,
    fleet,
    loads,
    lots,
    mentions,
    outcome,
    parties,
    receipts,
    records,
    sales,
    trials,
)
from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.decided import NOTHING, Decided
from tallyport.evidence.linkage.findings.stock import STOCK_DAYS
from tallyport.evidence.linkage.memory import Memory
from tallyport.evidence.linkage.model import Matching
from tallyport.evidence.linkage.trade import Trade

Progress = Callable[[str, float], None]


def match(
    tables: Mapping[str, pl.DataFrame],
    *,
    as_of: date,
    progress: Progress | None = None,
    memory: Memory | None = None,
    decided: Decided = NOTHING,
    stock_days: int = STOCK_DAYS,
) -> Matching:
    """Match the canonical `tables` as they were on `as_of`.

    `progress` is told the name of each step and the share of the work done so far. `memory` has the
    stories of the last time; it changes how long this takes and nothing else. `decided` is what
    people said of doubtful pairs: it holds, and weights are learnt from it. What stands in
    stock for longer than `stock_days` is found.
    """
    tell = progress or _silent
    trade = established(tables, as_of=as_of, progress=tell, memory=memory, decided=decided)
    tell("parties", 0.85)
    who = parties.parties(trade)
    tell("findings", 0.9)
    suspicious = findings.findings(trade, who, stock_days=stock_days)
    tell("results", 0.97)
    result = outcome.outcome(trade, who, suspicious)
    tell("done", 1.0)
    return result


def established(
    tables: Mapping[str, pl.DataFrame],
    *,
    as_of: date,
    progress: Progress | None = None,
    memory: Memory | None = None,
    decided: Decided = NOTHING,
) -> Trade:
    """Link the records; what `match` draws its results from."""
    tell = progress or _silent
    tell("records", 0.0)
    rows = records.prepared(tables)
    tell("texts", 0.05)
    vehicles = fleet.fleet(rows)
    found = mentions.mentions(rows, vehicles)
    tell("declarations", 0.2)
    named = sales.named_sales(rows, vehicles)
    agreement = agreements.agreements(rows, found, named)
    load = loads.loads(rows, found, named, agreement)
    sold = sales.all_sales(rows, found, named=named, agreement=agreement, load=load)
    may_have_left = departures.candidates(
        rows, found, sales=sold, agreement=agreement, load=load, decided=decided.departures
    )
    left = departures.departures(may_have_left)
    tell("instalments", 0.4)
    arrived = arrivals.arrivals(rows, found)
    sizes = lots.sizes(rows, sold, left, found.on_waybill, _highest_shipments(rows, found))
    tell("names", 0.5)
    alias_of = buyers.grouped(rows)
    carried = left.join(sold.select("vin", "contract_no"), on="vin", maintain_order="left")
    names = buyers.names_of_agreements(rows, found, alias_of, agreement=agreement, carried=carried)
    tell("payments", 0.6)
    entries = bank_text.kinds(rows)
    paid = receipts.receipts(rows, entries).join(
        alias_of, left_on="counterparty", right_on="name", how="left", maintain_order="left"
    )
    tell("allocation", 0.65)
    book = trials.cashbook(
        trials.Dealings(
            records=rows, found=found, sales=sold, left=left, arrived=arrived, paid=paid,
            names=names, as_of=as_of, decided=decided.payments, memory=memory,
        ),
        sizes,
    )  # fmt: skip
    chosen = allocations.taken(book.settled, book.offered)
    spread = allocations.allocations(book.settled, book.asked, book.owed, chosen)
    return Trade(
        as_of=as_of, records=rows, found=found, agreement=agreement, load=load, sales=sold,
        left=left, may_have_left=may_have_left, offered=book.offered,
        arrived=arrived, owed=book.owed, asked=book.asked, entries=entries, paid=paid,
        payer=chosen, settled=book.settled, spread=spread, alias_of=alias_of, names=names,
    )  # fmt: skip


def _highest_shipments(rows: records.Records, found: mentions.Mentions) -> dict[str, int]:
    """Return the highest shipment that payments name for each agreement they cite in full."""
    cited = found.payment_cites.filter(pl.col("cited") >= Cited.NUMBER)
    texts = cited.join(rows["bank_entry"].select("entry_no", "remittance"), on="entry_no")
    highest: dict[str, int] = {}
    for contract_no, remittance in texts.select("contract_no", "remittance").iter_rows():
        named = max(lots.shipment_hints(remittance), default=0)
        highest[contract_no] = max(named, highest.get(contract_no, 1))
    return highest


def _silent(_step: str, _share: float) -> None:
    """Tell nobody."""
