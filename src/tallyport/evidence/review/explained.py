"""Where each cent of a payment went (资金去向): agreement, shipment, vehicle; charges; the rest.

    I2407180000760   17,980.00 USD
      vehicle   XJZR-2024071201  balance of shipment 1  HLX33B128R1643455   17,950.00
      charges   XJZR-2024071201                                                 30.00

Vehicles, overpayment and what is unexplained are what arrived, to the cent, where nothing was
converted; charges went off on the way.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage import Matching, bank_text
from tallyport.evidence.linkage.records import Tables, prepared

PARTS = {
    "payment_id": pl.String,
    "what": pl.String,  # vehicle, charges, overpayment, unexplained, refund
    "contract_no": pl.String,
    "item": pl.String,
    "shipment": pl.Int64,
    "vin": pl.String,
    "amount_minor": pl.Int64,
    "currency": pl.String,
    "probability_bp": pl.Int64,
}
CENTS = 100
BP = 10_000


def explained(matching: Matching, tables: Tables) -> pl.DataFrame:
    """Return the parts of every payment, those of one payment together."""
    spread = matching.allocations.filter(pl.col("amount_minor") != 0).select(
        "payment_id", "contract_no", "item", "shipment", "vin", "amount_minor", "currency",
        what=pl.lit("vehicle"),
        probability_bp=(pl.col("probability") * BP).round().cast(pl.Int64),
    )  # fmt: skip
    rest = matching.unallocated.select(
        "payment_id", "what", "contract_no", "amount_minor", "currency"
    )
    parts = [_filled(spread), _filled(rest), _filled(_refunds(tables))]
    parts.append(_filled(_unsaid(pl.concat(parts), tables)))
    order = pl.col("what").replace_strict({"vehicle": 0, "charges": 1}, default=2)
    return pl.concat(parts).sort("payment_id", order, "vin", maintain_order=True)


def _filled(parts: pl.DataFrame) -> pl.DataFrame:
    lacking = (pl.lit(None, kind).alias(name) for name, kind in PARTS.items() if name not in parts)
    return parts.with_columns(*lacking).select(pl.col(name).cast(t) for name, t in PARTS.items())


def _refunds(tables: Tables) -> pl.DataFrame:
    """Money that went back to a buyer; under which agreement is not told by its text."""
    records = prepared(tables)
    kinds = bank_text.kinds(records).filter(pl.col("money") == bank_text.Money.REFUND.value)
    return (
        records["bank_entry"]
        .join(kinds.select("entry_no"), on="entry_no", how="semi")
        .select(
            payment_id="entry_no",
            what=pl.lit("refund"),
            amount_minor=(pl.col("amount") * CENTS).round().cast(pl.Int64),
            currency="currency",
        )
    )


def _unsaid(parts: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """What is left of a payment in the currency of its agreement when all parts are taken off."""
    arrived = tables["bank_entry"].select(
        payment_id="entry_no",
        arrived=(pl.col("amount") * CENTS).round().cast(pl.Int64),
        held="currency",
    )
    own = parts.filter(pl.col("what").is_in(["vehicle", "overpayment"]))
    return (
        own.group_by("payment_id", maintain_order=True)
        .agg(pl.col("amount_minor").sum(), pl.col("currency").unique())
        .join(arrived.unique("payment_id", keep="first", maintain_order=True), on="payment_id")
        .filter(pl.col("currency").list.len() == 1)
        .with_columns(pl.col("currency").list.first())
        .filter(pl.col("currency") == pl.col("held"))
        .select(
            "payment_id",
            "currency",
            what=pl.lit("unexplained"),
            amount_minor=pl.col("arrived") - pl.col("amount_minor"),
        )
        .filter(pl.col("amount_minor") != 0)
    )
