"""Buyers (买方): the names under which the buyer of each agreement, or who pays for it, is known.

A buyer is written in the agreement, in the registry under its number (English, local, Chinese and
other names), on the invoices of the agreement and as consignee of its declarations. Who may pay for
it stands in the registry.
"""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.aliases import aliases
from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records

BUYER, AUTHORISED = 2, 1
SURE = 0.9


def all_names(records: Records) -> pl.DataFrame:
    """Return every name of a party as `name`, `careful`: what `aliases` groups."""
    sides = [
        records["invoice"].select(name="buyer", careful=pl.lit(value=True)),
        records["contract"].select(name="buyer_name", careful=pl.lit(value=False)),
        records["declaration"].select(name="consignee", careful=pl.lit(value=False)),
        records["bank_entry"].select(name="counterparty", careful=pl.lit(value=False)),
        records["watch_entry"].select(name="name", careful=pl.lit(value=False)),
        records["watch_entry"].select(name="name_cyrillic", careful=pl.lit(value=True)),
        registry_names(records).select("name", careful=pl.lit(value=False)),
        records["buyer"].select(name="name_local", careful=pl.lit(value=True)),
    ]
    return pl.concat(sides).filter(pl.col("name").is_not_null())


def registry_names(records: Records) -> pl.DataFrame:
    """Return `buyer_no`, `name`, `standing` for every name in the registry."""
    buyer = records["buyer"]
    own = [
        buyer.select("buyer_no", name=column, standing=pl.lit(BUYER))
        for column in ("name_en", "name_local", "name_cn")
    ]
    other = buyer.select(
        "buyer_no", name=pl.col("aliases").str.split("|"), standing=pl.lit(BUYER)
    ).explode("name", empty_as_null=True)
    payer = buyer.select("buyer_no", name="authorised_payer", standing=pl.lit(AUTHORISED))
    return pl.concat([*own, other, payer]).filter(pl.col("name").is_not_null())


def grouped(records: Records) -> pl.DataFrame:
    """Return `name` and `alias` for every name in the records."""
    return aliases(all_names(records)).select("name", "alias")


def names_of_agreements(
    records: Records,
    found: Mentions,
    alias_of: pl.DataFrame,
    *,
    agreement: pl.DataFrame,
    carried: pl.DataFrame,
) -> pl.DataFrame:
    """Return `contract_no`, `alias`, `standing` for every name that stands for an agreement.

    `carried` has the (declaration, agreement) of vehicles that left.
    """
    contract = records["contract"]
    written = contract.select("contract_no", name="buyer_name", standing=pl.lit(BUYER))
    registered = contract.select("contract_no", "buyer_no").join(
        registry_names(records), on="buyer_no"
    )
    invoiced = (
        found.invoice_cites.filter(pl.col("cited") == Cited.EXACT)
        .join(records["invoice"].select("invoice_no", name="buyer"), on="invoice_no")
        .select("contract_no", "name", standing=pl.lit(BUYER))
    )
    sure = agreement.filter(pl.col("probability") > SURE).select("declaration_no", "contract_no")
    consigned = (
        pl.concat([carried.select("declaration_no", "contract_no"), sure])
        .unique(maintain_order=True)
        .join(
            records["declaration"].select("declaration_no", name="consignee"), on="declaration_no"
        )
        .select("contract_no", "name", standing=pl.lit(BUYER))
    )
    direct = pl.concat(
        [written, registered.select("contract_no", "name", "standing"), invoiced, consigned]
    ).join(alias_of, on="name")
    # A buyer's number left blank: the registry entry of the same name says who may pay.
    register = registry_names(records).join(alias_of, on="name")
    payers = register.filter(pl.col("standing") == AUTHORISED).select("buyer_no", payer="alias")
    by_name = (
        direct.filter(pl.col("standing") == BUYER)
        .join(
            register.filter(pl.col("standing") == BUYER).select("buyer_no", "alias").unique(),
            on="alias",
        )
        .join(payers, on="buyer_no")
        .select("contract_no", alias="payer", standing=pl.lit(AUTHORISED))
    )
    return (
        pl.concat([direct.select("contract_no", "alias", "standing"), by_name])
        .group_by("contract_no", "alias", maintain_order=True)
        .agg(pl.col("standing").max())
    )
