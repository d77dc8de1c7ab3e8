"""Agreement of a declaration (报关单对合同): which agreement a declaration was made under.

The declarant types the number, wrongly now and then, or leaves it out; but the vehicles named in
the text, the waybills that cite the declaration and the invoices claimed against it point to one.

    cited      exact / number only / one edit away / another one / none
    vehicles   most of those named are sold under it / some / none of them / none named
    waybills   those that cite the declaration carry its vehicles / other ones / none cites it
    invoices   likewise through the tax rebate claim
    value      what can be checked of prices and counts: agrees / partly / not

Candidates are what any of these point to and, for a declaration without a hint, the agreements of
the same seller with a vehicle of the same model at the same price.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.groups import numbered
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.weights import compete, estimate

KEY = ["declaration_no", "contract_no"]
MOSTLY = 0.5
AFTER_SIGNING_DAYS = 400  # A declaration long after, or before the agreement, is of another one.


def agreements(records: Records, found: Mentions, sold: pl.DataFrame) -> pl.DataFrame:
    """Return `declaration_no`, `contract_no`, `probability` for every plausible pair."""
    cited = found.declaration_cites
    vehicles = _by_vehicles(found, sold)
    waybills = _by_waybills(records, found, sold)
    invoices = _by_invoices(records, found, sold)
    values = _by_value(records)
    pairs = (
        pl.concat([side.select(KEY) for side in (cited, vehicles, waybills, invoices, values)])
        .unique(maintain_order=True)
        .pipe(_plausible, records)
    )
    features = (
        pairs.join(cited, on=KEY, how="left", maintain_order="left")
        .join(vehicles, on=KEY, how="left", maintain_order="left")
        .join(waybills, on=KEY, how="left", maintain_order="left")
        .join(invoices, on=KEY, how="left", maintain_order="left")
        .join(_worth(records, pairs), on=KEY, how="left", maintain_order="left")
    )
    any_of = {
        name: side["declaration_no"].unique().implode()
        for name, side in (
            ("cited", cited),
            ("vehicles", vehicles),
            ("waybills", waybills),
            ("invoices", invoices),
        )
    }
    levels = features.select(
        cited=pl.when(pl.col("cited").is_not_null())
        .then(pl.col("cited") + 1)
        .otherwise(pl.col("declaration_no").is_in(any_of["cited"]).cast(pl.Int8)),
        vehicles=_share_level("vehicle_share", any_of["vehicles"]),
        waybills=_share_level("waybill_share", any_of["waybills"]),
        invoices=_share_level("invoice_share", any_of["invoices"]),
        worth=pl.col("worth").fill_null(0),
    )
    seed = features.select(
        pl.when((pl.col("cited") == Cited.EXACT) | (pl.col("vehicle_share") > MOSTLY))
        .then(0.9)
        .otherwise(0.05)
    )
    matrix = levels.cast(pl.Int64).to_numpy()
    groups = numbered(features, ["declaration_no"])
    silent = range(levels.width)
    log_odds = estimate(matrix, seed.to_series().to_numpy(), groups, silent=silent)
    return features.select(
        *KEY, pl.Series("probability", compete(log_odds, groups)), pl.Series("log_odds", log_odds)
    )


def _share_level(column: str, named: pl.Series) -> pl.Expr:
    """0: nothing known; 1: points elsewhere; 2: partly here; 3: mostly here."""
    return (
        pl.when(pl.col(column) > MOSTLY)
        .then(3)
        .when(pl.col(column).is_not_null())
        .then(2)
        .when(pl.col("declaration_no").is_in(named))
        .then(1)
        .otherwise(0)
    )


def _shares(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return for (declaration, agreement) the share of the declaration's `pairs` (with vin)."""
    return (
        pairs.unique(maintain_order=True)
        .group_by(KEY, maintain_order=True)
        .len("n")
        .with_columns((pl.col("n") / pl.col("n").sum().over("declaration_no")).alias(name))
        .drop("n")
    )


def _by_vehicles(found: Mentions, sold: pl.DataFrame) -> pl.DataFrame:
    """Share of the vehicles named in the text that are sold under the agreement."""
    pairs = found.on_line.select("declaration_no", "vin").join(
        sold.select("vin", "contract_no"), on="vin"
    )
    return _shares(pairs, "vehicle_share")


def _by_waybills(records: Records, found: Mentions, sold: pl.DataFrame) -> pl.DataFrame:
    """Share of the vehicles on waybills that cite the declaration."""
    citing = records["waybill"].filter(pl.col("declaration_ref").is_not_null())
    pairs = (
        citing.select("waybill_no", declaration_no="declaration_ref")
        .join(found.on_waybill.select("waybill_no", "vin"), on="waybill_no")
        .join(sold.select("vin", "contract_no"), on="vin")
        .select("declaration_no", "vin", "contract_no")
    )
    known = records["declaration"].select("declaration_no")
    return _shares(pairs.join(known, on="declaration_no", how="semi"), "waybill_share")


def _by_invoices(records: Records, found: Mentions, sold: pl.DataFrame) -> pl.DataFrame:
    """Share of the invoices claimed against the declaration that are of the agreement."""
    claims = records["tax_rebate"].filter(pl.col("declaration_no").is_not_null())
    named = found.on_invoice.join(sold.select("vin", "contract_no"), on="vin")
    of_invoice = pl.concat(
        [
            found.invoice_cites.filter(pl.col("cited") == Cited.EXACT).select(
                "invoice_no", "contract_no"
            ),
            named.select("invoice_no", "contract_no"),
        ]
    ).unique(maintain_order=True)
    pairs = claims.join(of_invoice, on="invoice_no").select(
        "declaration_no", "contract_no", vin="invoice_no"
    )
    known = records["declaration"].select("declaration_no")
    return _shares(pairs.join(known, on="declaration_no", how="semi"), "invoice_share")


def _by_value(records: Records) -> pl.DataFrame:
    """Agreements of the seller with a vehicle of the model at exactly the declared unit price."""
    lines = (
        records["declaration_line"]
        .filter(pl.col("vehicles") == 1)
        .select(
            "declaration_no",
            "currency",
            "family",
            price=pl.col("unit_price").cast(pl.Float64),
        )
        .join(records["declaration"].select("declaration_no", "prefix"), on="declaration_no")
    )
    priced = (
        records["contract_line"]
        .select("contract_no", "family", "currency", price=pl.col("price").cast(pl.Float64))
        .join(records["contract"].select("contract_no", "prefix"), on="contract_no")
        .unique(maintain_order=True)
    )
    return (
        lines.join(priced, on=["prefix", "family", "currency", "price"])
        .select(KEY)
        .unique(maintain_order=True)
    )


def _plausible(pairs: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Keep pairs of one seller where the declaration comes after the signing."""
    days = (pl.col("declared_on") - pl.col("signed_on")).dt.total_days()
    return (
        pairs.join(
            records["declaration"].select("declaration_no", "declared_on", "prefix"),
            on="declaration_no",
            maintain_order="left",
        )
        .join(
            records["contract"].select("contract_no", "signed_on", seller="prefix"),
            on="contract_no",
            maintain_order="left",
        )
        .filter(
            (pl.col("prefix") == pl.col("seller")).fill_null(value=True)
            & days.is_between(0, AFTER_SIGNING_DAYS).fill_null(value=True)
        )
        .select(KEY)
    )


def _worth(records: Records, pairs: pl.DataFrame) -> pl.DataFrame:
    """Compare lines with the agreement: 3 prices agree, 2 counts fit, 1 some model is not in it.

    A line can be priced when it takes all vehicles of its model or exactly one of them.
    """
    lines = records["declaration_line"].select(
        "declaration_no",
        "vehicles",
        "family",
        total=pl.col("total").cast(pl.Float64),
        line_currency="currency",
    )
    stock = (
        records["contract_line"]
        .with_columns(price=pl.col("price").cast(pl.Float64))
        .group_by("contract_no", "family", maintain_order=True)
        .agg(
            count=pl.len(),
            value=pl.col("price").sum(),
            prices=pl.col("price"),
            currency=pl.col("currency").first(),
        )
    )
    compared = (
        pairs.join(lines, on="declaration_no")
        .join(stock, on=["contract_no", "family"], how="left")
        .with_columns(
            fits=(pl.col("vehicles") <= pl.col("count")).fill_null(value=False),
            same=pl.when(pl.col("currency") != pl.col("line_currency"))
            .then(None)
            .when(pl.col("vehicles") == pl.col("count"))
            .then((pl.col("value") - pl.col("total")).abs() < 1)
            .when(pl.col("vehicles") == 1)
            .then(pl.col("prices").list.contains(pl.col("total"))),
        )
    )
    return compared.group_by(KEY, maintain_order=True).agg(
        worth=pl.when(~pl.col("fits").all())
        .then(1)
        .when((pl.col("same").sum() > 0) & ~(~pl.col("same")).any())
        .then(3)
        .otherwise(2)
    )


def best_agreement(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the most probable agreement of each declaration."""
    order = np.argsort(-pairs["probability"].to_numpy(), kind="stable")
    return pairs[order].unique("declaration_no", keep="first", maintain_order=True)
