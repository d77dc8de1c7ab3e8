"""Links (关联): which records belong to which vehicle, with those that follow from others.

    line of an agreement  ─▶  the agreement                 goods line  ─▶  its declaration
    place on a waybill    ─▶  the waybill, its legs, its lock's events
    invoice               ─▶  the tax rebate claimed for it
    money allocated       ─▶  the bank's entry

A record that follows is as sure as the one that it follows from. Stock records name the VIN
themselves. A stock count often notes the last characters only: it belongs to the one vehicle that
this warehouse received and whose VIN ends so; where there are two, or none, to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.evidence.dossiers import records
from tallyport.evidence.linkage.model import Matching

# In the order of a trade, which is the order in a dossier.
KINDS_FILED = (
    "vehicle",
    "service",
    "inspection",
    "contract",
    "contract_line",
    "invoice",
    "declaration",
    "declaration_line",
    "tax_rebate",
    "waybill",
    "waybill_vehicle",
    "leg",
    "lock_event",
    "receipt",
    "stock_count",
    "release",
    "bank_entry",
)
_FOLLOWS = (  # A kind, the kind that it follows from, and the field that both have.
    ("contract", "contract_line", "contract_no"),
    ("declaration", "declaration_line", "declaration_no"),
    ("waybill", "waybill_vehicle", "waybill_no"),
    ("leg", "waybill_vehicle", "waybill_no"),
    ("lock_event", "waybill_vehicle", "waybill_no"),
    ("tax_rebate", "invoice", "invoice_no"),
)
ENDING = 6  # Characters that a count notes at least.
_HEADS = ("contract", "declaration", "waybill")
_LINK: Mapping[str, pl.DataType] = {
    "vin": pl.String(),
    "kind": pl.String(),
    "record": pl.String(),
    "probability": pl.Float64(),
    "reasons": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The tables as of the day, and the links of vehicles to their records, in filing order."""

    tables: Mapping[str, pl.DataFrame]
    links: pl.DataFrame


def linked(tables: Mapping[str, pl.DataFrame], matching: Matching, as_of: date) -> Linked:
    """Return all links to records that were known on the as-of day."""
    rows = _known(tables, as_of)
    given = matching.links.select(list(_LINK)).filter(pl.col("kind").is_in(KINDS_FILED))
    follow = [_following(given, rows, *rule) for rule in _FOLLOWS]
    named = [_naming(rows["vehicle"]), _counted(rows, given)]
    paid = (
        matching.allocations.filter(pl.col("vin").is_not_null())
        .group_by("vin", "payment_id")
        .agg(pl.col("probability").max())
        .select(
            "vin",
            kind=pl.lit("bank_entry"),
            record="payment_id",
            probability="probability",
            reasons=pl.lit("money of this payment is allocated to the vehicle"),
        )
    )
    everything = pl.concat([pl.DataFrame(schema=dict(_LINK)), given, *follow, *named, paid])
    place = {kind: at for at, kind in enumerate(KINDS_FILED)}
    present = pl.concat([table.select("record", kind=pl.lit(kind)) for kind, table in rows.items()])
    links = (
        everything.join(present, on=["kind", "record"], how="semi")
        .with_columns(place=pl.col("kind").replace_strict(place, return_dtype=pl.Int64))
        .sort(
            ["vin", "place", "record", "probability", "reasons"],
            descending=[False] * 3 + [True] * 2,
        )
        .unique(["vin", "kind", "record"], keep="first", maintain_order=True)
    )
    return Linked(tables=rows, links=links)


def _known(tables: Mapping[str, pl.DataFrame], as_of: date) -> dict[str, pl.DataFrame]:
    """Return the tables as of the day; a line has no day of its own but that of its head."""
    rows = {kind: records.known(tables, kind, as_of) for kind in KINDS_FILED}
    for head, lines, field in _FOLLOWS:
        if head in _HEADS and head in tables:
            later = tables[head].join(rows[head], on=field, how="anti")
            rows[lines] = rows[lines].join(later, on=field, how="anti")
    return rows


def _following(
    given: pl.DataFrame, rows: Mapping[str, pl.DataFrame], kind: str, leader: str, field: str
) -> pl.DataFrame:
    """Return links to records of `kind` that have the `field` of a linked record of `leader`."""
    leaders = rows[leader].select("record", field)
    followers = rows[kind].select(field, follower="record")
    return (
        given.filter(pl.col("kind") == leader)
        .join(leaders, on="record")
        .join(followers, on=field)
        .select(
            "vin",
            kind=pl.lit(kind),
            record="follower",
            probability="probability",
            reasons=pl.format("follows from {} {}", pl.lit(leader.replace("_", " ")), "record"),
        )
    )


def _naming(vehicles: pl.DataFrame) -> pl.DataFrame:
    return vehicles.filter(pl.col("vin").is_not_null()).select(
        "vin",
        kind=pl.lit("vehicle"),
        record="record",
        probability=pl.lit(1.0),
        reasons=pl.lit("same VIN"),
    )


def _counted(rows: Mapping[str, pl.DataFrame], given: pl.DataFrame) -> pl.DataFrame:
    """Return links of stock counts, through what their warehouse received."""
    ending = pl.col("vin").str.slice(-ENDING)
    received = (
        given.filter(pl.col("kind") == "receipt")
        .join(rows["receipt"].select("record", "warehouse"), on="record")
        .select("vin", "warehouse", "probability", ending=ending)
        .unique(["vin", "warehouse"], keep="first", maintain_order=True)
    )
    counts = rows["stock_count"].select("record", "warehouse", noted="vin", ending=ending)
    fits = pl.col("vin").str.ends_with(pl.col("noted"))
    return (
        counts.join(received, on=["warehouse", "ending"])
        .filter(fits)
        .filter(pl.len().over("record") == 1)
        .select(
            "vin",
            kind=pl.lit("stock_count"),
            record="record",
            probability="probability",
            reasons=pl.when(pl.col("vin") == pl.col("noted"))
            .then(pl.lit("same VIN"))
            .otherwise(pl.lit("VIN received by this warehouse ends so")),
        )
    )
