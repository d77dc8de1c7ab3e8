"""Result files (结果文件): triads.csv, parties.csv and findings.csv, as partners read them.

`findings.csv` has the kinds that the format knows, as far as they are more likely than not; those
of yards and locks, which programs that read the format would refuse, stand in
`findings_of_yards_and_locks.csv` beside it, with their probability.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tallyport.evidence.linkage.model import Matching

LIKELY = 0.5
KINDS = (  # Of the result format.
    "odometer_rollback", "duplicate_invoice", "double_sale", "phantom_declaration",
    "over_invoicing", "under_invoicing", "circular_payment", "third_party_high_risk",
    "never_arrived", "duplicate_receipt", "sanctioned_party", "late_payment", "payment_default",
    "refund_after_financing",
)  # fmt: skip


def write_result(matching: Matching, folder: Path) -> None:
    """Write the three files into `folder`, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    matching.triads.with_columns(pl.col("probability").round(6)).write_csv(folder / "triads.csv")
    matching.parties.select("mention", "cluster").write_csv(folder / "parties.csv")
    known = pl.col("type").is_in(KINDS)
    likely = pl.col("probability") >= LIKELY
    found = matching.findings.sort("type", "record_ids")
    found.filter(known & likely).select("type", "record_ids").write_csv(folder / "findings.csv")
    found.filter(~known).write_csv(folder / "findings_of_yards_and_locks.csv")
