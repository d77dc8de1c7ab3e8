"""Firms (企业): who bought and who sold under each agreement, as one name a firm.

buyer    the number in the buyer registry of the cluster that linkage puts the agreement in
seller   the prefix of the seller that the agreement names, XJYO for XJYO-2024040401
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.evidence.linkage.model import Matching

_REGISTRY = "registry:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The two sides of an agreement and when it was signed."""

    number: str
    buyer: str
    buyer_name: str | None
    seller: str
    seller_name: str | None
    signed_on: date | None


def agreements(tables: Mapping[str, pl.DataFrame], matching: Matching) -> dict[str, Agreement]:
    """Return every agreement by its number."""
    contracts = tables.get("contract")
    if contracts is None:
        return {}
    clusters = dict(matching.parties.select("mention", "cluster").iter_rows())
    registered: dict[object, str] = {}
    for mention in sorted(clusters):
        if mention.startswith(_REGISTRY):
            registered.setdefault(clusters[mention], mention.removeprefix(_REGISTRY))
    names = _names(tables, "buyer", "buyer_no", ("name_en", "name_local", "name_cn"))
    sellers = _names(tables, "seller", "prefix", ("name_en", "name_cn"))
    prefixes = _names(tables, "seller", "name_cn", ("prefix",))
    found: dict[str, Agreement] = {}
    columns = ("contract_no", "buyer_no", "buyer_name", "seller", "signed_on")
    for number, buyer_no, buyer_name, seller, signed_on in contracts.select(columns).iter_rows():
        cluster = clusters.get(f"contract:{number}")
        buyer = registered.get(cluster) or buyer_no or cluster or buyer_name or "?"
        prefix = prefixes.get(seller) or number.partition("-")[0]
        found.setdefault(
            number,
            Agreement(
                number=number,
                buyer=str(buyer),
                buyer_name=names.get(str(buyer)) or buyer_name,
                seller=prefix,
                seller_name=sellers.get(prefix) or seller,
                signed_on=signed_on,
            ),
        )
    return found


def _names(
    tables: Mapping[str, pl.DataFrame], kind: str, key: str, columns: tuple[str, ...]
) -> dict[str, str]:
    """Return, by `key`, the first of `columns` that is filled."""
    table = tables.get(kind)
    if table is None:
        return {}
    rows = table.select(key, pl.coalesce(*columns).alias("=name")).iter_rows()
    return {name: value for name, value in rows if name is not None and value is not None}
