"""Result files (结果文件): triads.csv, parties.csv and findings.csv, as partners read them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tallyport.evidence.linkage.model import Matching


def write_result(matching: Matching, folder: Path) -> None:
    """Write the three files into `folder`, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    matching.triads.with_columns(pl.col("probability").round(6)).write_csv(folder / "triads.csv")
    matching.parties.select("mention", "cluster").write_csv(folder / "parties.csv")
    found = matching.findings.select("type", "record_ids").sort("type", "record_ids")
    found.write_csv(folder / "findings.csv")
