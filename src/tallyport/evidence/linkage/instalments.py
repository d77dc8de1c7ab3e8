"""Instalments (分期): what each agreement asks for, and from when on.

    terms            item           amount                           due
    30/70            deposit        30% of the agreement             7 days after signing
                     balance        70% of each shipment             10 days after its last arrival
    100% T/T         full           the agreement                    10 days after signing
    L/C at sight     lc             each shipment                    21 days after release
    60 days O/A      open_account   each shipment                    60 days after release

Shipments are counted by `lots`. Inside an instalment every vehicle owes its part, so that an
instalment can be spread over its vehicles, and the parts sum to its amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.linkage.records import Records

ALL = 100  # Per cent.
DEPOSIT, BALANCE, FULL, CREDIT, ACCOUNT = "deposit", "balance", "full", "lc", "open_account"

TERMS_SCHEMA = {
    "payment_terms": pl.String,
    "deposit_pct": pl.Int64,
    "deposit_days": pl.Int64,
    "shipment_item": pl.String,
    "shipment_days": pl.Int64,
    "from_arrival": pl.Boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms of payment: shares in per cent, days to pay."""

    deposit_pct: int
    deposit_days: int
    shipment_item: str | None  # What a shipment asks for, if anything.
    shipment_days: int
    from_arrival: bool


def terms(text: str | None) -> Terms:
    """Read terms like "30/70" or "60 days O/A"; unknown terms are read as payment in full."""
    code = (text or "").upper()
    split = re.search(r"(\d{1,2})\s*/\s*(\d{1,2})", code)
    days = re.search(r"(\d+)\s*DAYS", code)
    if split and int(split[1]) + int(split[2]) == ALL:
        return Terms(deposit_pct=int(split[1]), deposit_days=7, shipment_item=BALANCE,
                     shipment_days=10, from_arrival=True)  # fmt: skip
    if "L/C" in code:
        return Terms(deposit_pct=0, deposit_days=0, shipment_item=CREDIT, shipment_days=21,
                     from_arrival=False)  # fmt: skip
    if "O/A" in code:
        return Terms(deposit_pct=0, deposit_days=0, shipment_item=ACCOUNT,
                     shipment_days=int(days[1]) if days else 60, from_arrival=False)  # fmt: skip
    return Terms(deposit_pct=100, deposit_days=10, shipment_item=None, shipment_days=0,
                 from_arrival=False)  # fmt: skip


def terms_table(records: Records) -> pl.DataFrame:
    """Return the terms of every agreement as columns."""
    codes = records["contract"]["payment_terms"].unique(maintain_order=True).to_list()
    read = [terms(code) for code in codes]
    table = pl.DataFrame(
        {
            "payment_terms": codes,
            "deposit_pct": [one.deposit_pct for one in read],
            "deposit_days": [one.deposit_days for one in read],
            "shipment_item": [one.shipment_item for one in read],
            "shipment_days": [one.shipment_days for one in read],
            "from_arrival": [one.from_arrival for one in read],
        },
        schema=TERMS_SCHEMA,
    )
    return (
        records["contract"]
        .select("contract_no", "payment_terms", "signed_on")
        .join(table, on="payment_terms", how="left", nulls_equal=True, maintain_order="left")
    )


def parts(
    records: Records, sales: pl.DataFrame, lots: pl.DataFrame, arrivals: pl.DataFrame
) -> pl.DataFrame:
    """Return what each vehicle owes in each instalment: one row a vehicle and instalment.

    Columns: contract_no, item, shipment, line_no, vin (null while unknown), part_minor, due. A
    balance is owed for vehicles that have arrived; one that is lost on the way owes none.
    """
    minor = (pl.col("price").cast(pl.Float64) * 100).round(0).cast(pl.Int64)
    deposit = pl.col("price_minor") * pl.col("deposit_pct") // 100
    lines = (
        records["contract_line"]
        .select("contract_no", "line_no", price_minor=minor)
        .filter(pl.col("price_minor").is_not_null())
        .join(terms_table(records), on="contract_no", how="left", maintain_order="left")
    )
    upfront = (
        lines.filter(pl.col("deposit_pct") > 0)
        .join(
            sales.select("contract_no", "line_no", "vin"),
            on=["contract_no", "line_no"],
            how="left",
            maintain_order="left",
        )
        .select(
            "contract_no",
            item=pl.when(pl.col("deposit_pct") == ALL)
            .then(pl.lit(FULL))
            .otherwise(pl.lit(DEPOSIT)),
            shipment=pl.lit(0, pl.Int64),
            line_no="line_no",
            vin="vin",
            part_minor=deposit,
            due=pl.col("signed_on") + pl.duration(days=pl.col("deposit_days")),
        )
    )
    # Declarations are released within days; without the day, that of declaring has to do.
    released = pl.coalesce("released_on", "declared_on")
    begun = pl.when("from_arrival").then("received_on").otherwise(released)
    later = (
        lots.join(lines, on=["contract_no", "line_no"], maintain_order="left")
        .filter(pl.col("shipment_item").is_not_null())
        .join(arrivals, on="vin", how="left", maintain_order="left")
        .with_columns(begun=begun)
        .filter(pl.col("begun").is_not_null())
        .select(
            "contract_no",
            item="shipment_item",
            shipment="shipment",
            line_no="line_no",
            vin="vin",
            part_minor=pl.col("price_minor") - deposit,
            due=pl.col("begun") + pl.duration(days=pl.col("shipment_days")),
        )
    )
    return pl.concat([upfront, later])


def instalments(owed: pl.DataFrame) -> pl.DataFrame:
    """Return one row an instalment with its amount; rows in order of due date."""
    return (
        owed.group_by("contract_no", "item", "shipment", maintain_order=True)
        .agg(amount_minor=pl.col("part_minor").sum(), due=pl.col("due").max(), cars=pl.len())
        .sort("contract_no", "shipment", "item")
        .with_row_index("instalment")
        .with_columns(pl.col("instalment").cast(pl.Int64))
    )
