"""Findings on persons (主体疑点): a buyer that stands on a watch list.

A name alone is not enough: it must be the whole name and the same country, or the tax number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from tallyport.evidence.linkage.buyers import BUYER, registry_names
from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.names import INITIAL
from tallyport.evidence.linkage.trade import Trade


def sanctioned_party(trade: Trade, parties: pl.DataFrame) -> Iterator[Row]:
    """The buyer of an agreement is on the watch list."""
    listed = trade.records["watch_entry"]
    by_tax = (
        trade.records["buyer"]
        .filter(pl.col("tax_no").is_not_null())
        .join(listed.select("tax_no", "list_no", "name"), on="tax_no")
    )
    names = (
        pl.concat([listed.select("list_no", "country", name=c) for c in ("name", "name_cyrillic")])
        .drop_nulls()
        .join(trade.alias_of, on="name")
        .filter(~pl.col("alias").str.contains(INITIAL))
    )
    registered = (
        registry_names(trade.records)
        .filter(pl.col("standing") == BUYER)
        .join(trade.alias_of, on="name")
        .join(trade.records["buyer"].select("buyer_no", "country"), on="buyer_no")
    )
    by_name = registered.join(names.select("alias", "country", "list_no"), on=["alias", "country"])
    hits = pl.concat(
        [by_tax.select("buyer_no", "list_no"), by_name.select("buyer_no", "list_no")]
    ).unique("buyer_no", keep="first", maintain_order=True)
    cluster = dict(parties.select("mention", "cluster").iter_rows())
    members: defaultdict[str, list[str]] = defaultdict(list)
    for mention, of in cluster.items():
        if mention.startswith("contract:"):
            members[of].append(mention.removeprefix("contract:"))
    done = set()
    for buyer_no, list_no in hits.iter_rows():
        for contract_no in sorted(members[cluster[f"registry:{buyer_no}"]]):
            if contract_no not in done:
                done.add(contract_no)
                yield row(
                    "sanctioned_party",
                    [contract_no, buyer_no],
                    0.95,
                    f"buyer {buyer_no} is entry {list_no} of the watch list",
                )
