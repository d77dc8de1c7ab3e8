"""Arrivals (到库): when each vehicle was first seen at an overseas warehouse.

The receipt says so; where it is lost, the release or the stock count still shows that the vehicle
came, and the last leg of its waybill shows when. A waybill that arrived is no proof by itself: a
truck comes in with a car missing.

    receipt 12 March │ last leg arrived 11 March │ release 20 March │ stock count 31 December
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage import vin_match
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records


def arrivals(records: Records, found: Mentions) -> pl.DataFrame:
    """Return `vin`, `received_on` and `seen_by` for every vehicle that any record shows arrived."""
    receipt = found.on_receipt.join(
        records["receipt"].select("receipt_no", "received_on"), on="receipt_no"
    ).select("vin", "received_on", seen_by=pl.lit("receipt"), rank=pl.lit(0))
    leg = (
        _ends(records)
        .join(found.on_waybill.select("waybill_no", "vin"), on="waybill_no")
        .select("vin", "received_on", seen_by=pl.lit("waybill"), rank=pl.lit(1))
    )
    release = found.on_release.join(
        records["release"].select("release_no", received_on="released_on"), on="release_no"
    ).select("vin", "received_on", seen_by=pl.lit("release"), rank=pl.lit(2))
    counted = records["stock_count"].filter(pl.col("vin").is_not_null())
    named = vin_match.candidates(counted.select(token=pl.col("vin")), found.vehicles).unique(
        "token", keep="none"
    )
    count = counted.join(named.select(vin="token", known="vin"), on="vin").select(
        vin="known", received_on="counted_on", seen_by=pl.lit("stock count"), rank=pl.lit(3)
    )
    seen = pl.concat([side.select("vin") for side in (receipt, release, count)]).unique()
    return (
        pl.concat([receipt, leg.join(seen, on="vin", how="semi"), release, count])
        .filter(pl.col("received_on").is_not_null())
        .sort("rank", "received_on", maintain_order=True)
        .unique("vin", keep="first", maintain_order=True)
        .drop("rank")
    )


def _ends(records: Records) -> pl.DataFrame:
    """Return `waybill_no`, `received_on`: the day the last leg arrived, where it has."""
    last = pl.col("leg_no") == pl.col("leg_no").max().over("waybill_no")
    return (
        records["leg"]
        .filter(last & pl.col("arrived_at").is_not_null())
        .select("waybill_no", received_on=pl.col("arrived_at").dt.date())
        .unique("waybill_no", keep="first", maintain_order=True)
    )
