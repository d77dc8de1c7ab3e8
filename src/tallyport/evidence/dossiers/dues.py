"""Dues (应付款项): what fell due under each agreement, part by part, and when it was paid.

    balance of shipment 1, 401,100 due 28 March   paid 81,900 on 2 April, 300,000 on 9 April
    ─▶  81,900 paid on 2 April; 300,000 paid on 9 April; 19,200 not paid

Bank charges that were deducted on the way are no debt: what linkage calls settled is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tallyport.evidence.dossiers.firms import Agreement
from tallyport.evidence.dossiers.rates import Rates
from tallyport.evidence.linkage.model import Matching
from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.kernel.money import Money

_KEY = ("contract_no", "item", "shipment")
_DUE: Mapping[str, pl.DataType] = {
    "subject": pl.String(),
    "role": pl.String(),
    "due": pl.String(),
    "agreement": pl.String(),
    "due_on": pl.Date(),
    "amount_minor": pl.Int64(),
    "paid_on": pl.Date(),
    "place": pl.String(),
}


def dues(
    tables: Mapping[str, pl.DataFrame],
    matching: Matching,
    sides: Mapping[str, Agreement],
    terms: tuple[Rates, str, date],
) -> pl.DataFrame:
    """Return the parts of all instalments for both sides, in the currency of `terms`."""
    rates, currency, as_of = terms
    rows = []
    for number, item, shipment, due_on, minor, unit, paid_on, payment, place in _parts(
        tables, matching, as_of
    ).iter_rows():
        agreement = sides.get(number)
        day = paid_on or due_on or (agreement.signed_on if agreement else None)
        if agreement is None or day is None:
            continue
        amount = rates.convert(Money(minor, unit), currency, min(day, as_of))
        name = "/".join([number, item, str(shipment), *([payment] if payment else [])])
        facts = (name, number, due_on, None if amount is None else amount.minor, paid_on, place)
        rows.append((agreement.buyer, "buyer", *facts))
        rows.append((agreement.seller, "seller", *facts))
    return pl.DataFrame(rows, schema=dict(_DUE), orient="row").sort("role", "subject", "due")


def _parts(tables: Mapping[str, pl.DataFrame], matching: Matching, as_of: date) -> pl.DataFrame:
    """Return paid parts with their day, then what is left of each instalment."""
    entries = tables.get("bank_entry", pl.DataFrame(schema=convert.schema(KINDS["bank_entry"])))
    days = entries.select(
        payment_id="entry_no",
        paid_on="booked_on",
        place=pl.format("{}:{}", pl.col("file"), pl.col("line")),
    ).unique("payment_id", keep="first", maintain_order=True)
    asked = matching.instalments.select(*_KEY, "due", "amount_minor", "settled_minor", "currency")
    paid = (
        matching.allocations.group_by(*_KEY, "payment_id", "currency")
        .agg(pl.col("amount_minor").sum())
        .join(days, on="payment_id")
        .filter(pl.col("amount_minor") > 0)
        .join(asked.select(*_KEY, "due"), on=_KEY, how="left")
    )
    later = (
        paid.filter(pl.col("paid_on") > as_of)
        .group_by(_KEY)
        .agg(later=pl.col("amount_minor").sum())
    )
    open_ = (
        asked.join(later, on=_KEY, how="left")
        .with_columns(
            left=pl.col("amount_minor") - pl.col("settled_minor") + pl.col("later").fill_null(0)
        )
        .filter(pl.col("left") > 0)
    )
    columns = ["due", "amount_minor", "currency", "paid_on", "payment_id", "place"]
    nothing = {
        "paid_on": pl.lit(None, pl.Date),
        "payment_id": pl.lit(None, pl.String),
        "place": pl.lit(None, pl.String),
    }
    return pl.concat(
        [
            paid.filter(pl.col("paid_on") <= as_of).select(*_KEY, *columns),
            open_.select(*_KEY, "due", amount_minor="left", currency="currency", **nothing).select(
                *_KEY, *columns
            ),
        ]
    ).sort(*_KEY, "payment_id", nulls_last=True)
