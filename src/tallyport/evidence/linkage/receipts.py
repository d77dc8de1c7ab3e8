"""Receipts (收款): what a buyer's payment was worth in the currency of an agreement.

What arrives is less than what was sent: banks on the way deduct charges, and some convert. Where
the statement says the instructed amount, the gross is known; where not, the gross is the net and
one of the charges that are usual in that currency, and a converted payment is worth its amount at
the day's rate, give or take a per cent.

    statement USD 32,496.00   instructed USD 32,541.00          gross 32,541.00   net 32,496.00
    statement USD 34,861.09   instructed KZT 16,341,000         gross = net = KZT 16,341,000.00
    statement USD 24,295.29   agreement in UZS                  about UZS 304,700,000
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.exchange import rates
from tallyport.evidence.linkage.records import Records

MINOR = 100


def receipts(records: Records, entries: pl.DataFrame) -> pl.DataFrame:
    """Return the entries that are buyers' payments, with amounts in minor units."""
    minor = {
        "net_minor": pl.col("amount"),
        "instructed_minor": pl.col("instructed_amount"),
        "charges_minor": pl.col("charges"),
    }
    return (
        records["bank_entry"]
        .join(
            entries.filter(pl.col("money") == "receipt").drop("money"),
            on="entry_no",
            maintain_order="left",
        )
        .with_columns(
            **{
                name: (e.cast(pl.Float64) * MINOR).round(0).cast(pl.Int64)
                for name, e in minor.items()
            }
        )
    )


def usual_charges(receipts: pl.DataFrame) -> dict[str, list[int]]:
    """Return the charges seen in each currency, the most frequent first."""
    seen = (
        receipts.filter(pl.col("charges_minor") > 0)
        .group_by("currency", "charges_minor")
        .len("n")
        .sort("currency", "n", "charges_minor", descending=[False, True, False])
    )
    return {
        currency: group["charges_minor"].to_list()
        for (currency,), group in seen.group_by("currency", maintain_order=True)
    }


def worth(pairs: pl.DataFrame, records: Records, paid: pl.DataFrame) -> pl.DataFrame:
    """Add to (entry_no, contract_no) what the payment is worth under the agreement.

    `gross_minor` and `arrived_minor` in the agreement's currency; `how` is "exact" (both known),
    "net" (charges unknown), "rate" (converted at the day's rate) or "foreign" (cannot be told).
    """
    currency = records["contract"].select("contract_no", owed_in="currency")
    money = paid.select(
        "entry_no", "booked_on", "currency", "net_minor", "instructed_minor",
        "instructed_currency", "charges_minor", "exchange_rate",
    )  # fmt: skip
    table = rates(records)
    joined = (
        pairs.join(currency, on="contract_no", how="left", maintain_order="left")
        .join(money, on="entry_no", how="left", maintain_order="left")
        .join(
            table.select(booked_on="day", currency="currency", units_paid="units"),
            on=["booked_on", "currency"],
            how="left",
            maintain_order="left",
        )
        .join(
            table.select(booked_on="day", owed_in="currency", units_owed="units"),
            on=["booked_on", "owed_in"],
            how="left",
            maintain_order="left",
        )
    )
    same = pl.col("currency") == pl.col("owed_in")
    is_instructed = pl.col("instructed_currency").is_not_null() & (
        pl.col("instructed_minor").is_not_null()  # Left out where it was no number, or below zero.
    )
    told = is_instructed & (pl.col("instructed_currency") == pl.col("owed_in"))
    by_rate = (
        (pl.col("net_minor") / pl.col("units_paid") * pl.col("units_owed")).round(0).cast(pl.Int64)
    )
    return joined.with_columns(
        how=pl.when(told)
        .then(pl.lit("exact"))
        .when(same & pl.col("charges_minor").is_not_null())
        .then(pl.lit("exact"))
        .when(same)
        .then(pl.lit("net"))
        .when(by_rate.is_not_null() & ~is_instructed)
        .then(pl.lit("rate"))
        .otherwise(pl.lit("foreign")),
        gross_minor=pl.when(told)
        .then("instructed_minor")
        .when(same)
        .then(pl.col("net_minor") + pl.col("charges_minor").fill_null(0))
        .otherwise(by_rate),
        arrived_minor=pl.when(same)
        .then("net_minor")
        .when(told)
        .then("instructed_minor")
        .otherwise(by_rate),
    ).drop("units_paid", "units_owed")
