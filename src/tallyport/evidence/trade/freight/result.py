"""Result files of a reconciliation (对账结果): CSV, one file a frame, amounts in fen."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tallyport.evidence.trade.freight.model import FreightCheck

FRAMES = ("hauls", "bills", "parts", "shippers", "carriers", "findings")


def write_result(check: FreightCheck, folder: Path) -> None:
    """Write the frames into `folder`, which is made if it is missing; lists are joined by ";"."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FRAMES:
        frame: pl.DataFrame = getattr(check, name)
        lists = [one for one, type_ in frame.schema.items() if type_ == pl.List(pl.String)]
        joined = frame.with_columns(pl.col(one).list.join(";") for one in lists)
        joined.write_csv(folder / f"{name}.csv")
