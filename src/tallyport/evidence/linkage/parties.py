"""Parties (主体归并): which mentions are the same firm or person.

    registry:B010003   XOUDDJAN JUDJANIN AVTOTREJ LLC      contract:XJ…   胡占南方人车贸有限责任公司
    declaration:9402…  Худжан Южанин Автотрейд ОсОО        payment:T24…   KHUDZHAN YUZHANIN AVT

Mentions join through a tax number, through the buyer's number in the agreement, through one name
(see `aliases`), and through the trade itself: the consignee of a declaration is the buyer of its
agreement, and a payer whose name is like the buyer's is the buyer. Other payers stay themselves: a
third party that pays is not its customer.

Two firms may have one name. Entries of the registry with one name are one party if they are of one
country and no two tax numbers contradict; a name that several parties bear joins nothing.

PARTY-1  every mention is in exactly one cluster
"""

from __future__ import annotations

import polars as pl
from rapidfuzz.distance import Jaro

from tallyport.evidence.linkage.buyers import BUYER, registry_names
from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.names import INITIAL
from tallyport.evidence.linkage.trade import Trade
from tallyport.kernel.guard import invariant

SURE = 0.9
TAX_NO = r"(\d{8,14})\s*$"  # Behind the name of a payer.
ALIKE = 0.88  # Of two forms of a name, when the agreement already says who it should be.


class Clusters:
    """Sets of nodes that grow together; a cluster is named by its smallest member."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, node: str) -> str:
        """Return the name of the cluster of `node`."""
        parent = self._parent
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, left: str, right: str) -> None:
        """Put two clusters together."""
        a, b = sorted((self.root(left), self.root(right)))
        self._parent[b] = a


def parties(trade: Trade) -> pl.DataFrame:
    """Return `mention`, `cluster`, `probability` for every mention of a party."""
    clusters = Clusters()
    registry, shared = _registry(trade, clusters)
    contracts = _contracts(trade, clusters, shared)
    declarations = _declarations(trade, clusters)
    payments = _payments(trade, clusters)
    rows = [*registry, *contracts, *declarations, *payments]
    result = pl.DataFrame(
        [(mention, clusters.root(mention), probability) for mention, probability in rows],
        schema={"mention": pl.String, "cluster": pl.String, "probability": pl.Float64},
        orient="row",
    )
    invariant(not result["mention"].is_duplicated().any(), "PARTY-1")
    return result


def _name(alias: str) -> str:
    return f"name:{alias}"


def _registry(trade: Trade, clusters: Clusters) -> tuple[list[tuple[str, float]], frozenset[str]]:
    """Join registry entries of one tax number or one name; return names of several parties, too."""
    buyer = trade.records["buyer"].select("buyer_no", "tax_no", "country")
    for buyer_no, tax_no, country in buyer.iter_rows():
        if tax_no:
            clusters.join(f"registry:{buyer_no}", f"tax:{country}:{tax_no}")
    named = registry_names(trade.records).filter(pl.col("standing") == BUYER)
    named = named.join(trade.alias_of, on="name").select("buyer_no", "alias").unique()
    named = named.filter(~pl.col("alias").str.contains(INITIAL)).join(buyer, on="buyer_no")
    bearers: dict[str, list[tuple[str, str | None, str | None]]] = {}
    for alias, *entry in (
        named.sort("alias", "buyer_no").select("alias", "buyer_no", "country", "tax_no").iter_rows()
    ):
        bearers.setdefault(alias, []).append((entry[0], entry[1], entry[2]))
    shared = frozenset(alias for alias, entries in bearers.items() if _several(entries, clusters))
    for buyer_no, alias in named.select("buyer_no", "alias").iter_rows():
        if alias not in shared:
            clusters.join(f"registry:{buyer_no}", _name(alias))
    mentions = [(f"registry:{buyer_no}", 0.99) for buyer_no in buyer["buyer_no"].to_list()]
    return mentions, shared


def _several(entries: list[tuple[str, str | None, str | None]], clusters: Clusters) -> bool:
    """Join entries (number, country, tax number) of one name; tell whether several parties stay."""
    of_country: dict[str | None, list[tuple[str, str | None]]] = {}
    for buyer_no, country, tax_no in entries:
        of_country.setdefault(country, []).append((f"registry:{buyer_no}", tax_no))
    for group in of_country.values():
        if len({tax_no for _, tax_no in group if tax_no}) <= 1:
            for mention, _ in group:
                clusters.join(group[0][0], mention)
    return (
        len({clusters.root(mention) for group in of_country.values() for mention, _ in group}) > 1
    )


def _contracts(trade: Trade, clusters: Clusters, shared: frozenset[str]) -> list[tuple[str, float]]:
    """Join agreements to the registry and to the names they carry."""
    contract = trade.records["contract"].join(
        trade.alias_of, left_on="buyer_name", right_on="name", how="left", maintain_order="left"
    )
    known = set(trade.records["buyer"]["buyer_no"].to_list())
    registered = set()
    rows = []
    for contract_no, buyer_no, alias in contract.select(
        "contract_no", "buyer_no", "alias"
    ).iter_rows():
        mention = f"contract:{contract_no}"
        if buyer_no in known:
            registered.add(contract_no)
            clusters.join(mention, f"registry:{buyer_no}")
        if alias and INITIAL not in alias and not (alias in shared and contract_no in registered):
            clusters.join(mention, _name(alias))
        rows.append((mention, 0.99 if buyer_no or alias else 0.5))
    invoiced = (
        trade.found.invoice_cites.filter(pl.col("cited") == Cited.EXACT)
        .join(trade.records["invoice"].select("invoice_no", "buyer"), on="invoice_no")
        .join(trade.alias_of, left_on="buyer", right_on="name")
        .select("contract_no", "alias")
        .unique(maintain_order=True)
    )
    for contract_no, alias in invoiced.iter_rows():
        if INITIAL not in alias and not (alias in shared and contract_no in registered):
            clusters.join(f"contract:{contract_no}", _name(alias))
    return rows


def _declarations(trade: Trade, clusters: Clusters) -> list[tuple[str, float]]:
    """Join declarations to the buyer of their agreement, or else to the consignee's name."""
    best = trade.agreement.filter(pl.col("probability") > SURE).select(
        "declaration_no", "contract_no"
    )
    # Vehicles are better witnesses than a number typed by hand.
    carried = (
        trade.left.select("vin", "declaration_no")
        .join(trade.sales.select("vin", "contract_no"), on="vin")
        .group_by("declaration_no", "contract_no", maintain_order=True)
        .len("n")
        .sort("n", descending=True, maintain_order=True)
        .unique("declaration_no", keep="first", maintain_order=True)
        .select("declaration_no", "contract_no")
    )
    of = pl.concat([carried, best]).unique("declaration_no", keep="first", maintain_order=True)
    rows = (
        trade.records["declaration"]
        .select("declaration_no", "consignee")
        .join(
            trade.alias_of, left_on="consignee", right_on="name", how="left", maintain_order="left"
        )
        .join(of, on="declaration_no", how="left", maintain_order="left")
    )
    mentions = []
    for declaration_no, _, alias, contract_no in rows.select(
        "declaration_no", "consignee", "alias", "contract_no"
    ).iter_rows():
        mention = f"declaration:{declaration_no}"
        if contract_no is not None:
            clusters.join(mention, f"contract:{contract_no}")
        elif alias:
            clusters.join(mention, _name(alias))
        mentions.append((mention, 0.98 if contract_no else 0.8))
    return mentions


def _payments(trade: Trade, clusters: Clusters) -> list[tuple[str, float]]:
    """Join payers to the buyer whose tax number or name theirs is; others to their own name."""
    own: dict[str, list[str]] = {}
    for contract_no, alias, standing in trade.names.select(
        "contract_no", "alias", "standing"
    ).iter_rows():
        if standing == BUYER:
            own.setdefault(contract_no, []).append(alias)
    tax = trade.records["buyer"].select("tax_no", "country").drop_nulls("tax_no").unique()
    tax = tax.unique("tax_no", keep="none")  # Of one country.
    said = trade.paid.select(
        "entry_no", "alias", tax_no=pl.col("counterparty").str.extract(TAX_NO)
    ).join(tax, on="tax_no", how="left", maintain_order="left")
    rows = (
        trade.payer.unique("entry_no", keep="first", maintain_order=True)
        .select("entry_no", "contract_no", "probability")
        .join(said, on="entry_no", how="left", maintain_order="left")
    )
    registered = set(tax["tax_no"])
    mentions = []
    for entry_no, contract_no, probability, alias, tax_no, country in rows.iter_rows():
        mention = f"payment:{entry_no}"
        if tax_no in registered:
            clusters.join(mention, f"tax:{country}:{tax_no}")
        elif alias and any(_alike(alias, name) for name in own.get(contract_no, [])):
            clusters.join(mention, f"contract:{contract_no}")
        elif alias:
            clusters.join(mention, _name(alias))
        mentions.append((mention, probability))
    return mentions


def _alike(alias: str, name: str) -> bool:
    """Tell whether two forms are one name, given that the agreement already points to it."""
    if INITIAL in alias or INITIAL in name:
        return (
            alias.split(maxsplit=1)[0] in name.split() or name.split(maxsplit=1)[0] in alias.split()
        )
    if alias == name:
        return True
    similarity: float = Jaro.similarity(alias.replace(" ", ""), name.replace(" ", ""))
    return similarity >= ALIKE
