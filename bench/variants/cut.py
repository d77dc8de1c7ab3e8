"""A part of the business (部分业务): the agreements of one kind with all that belongs to them.

Agreements that share a declaration, a payment or a vehicle stay or go together, by majority.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import polars as pl

from variants.world import World

KEYS = {
    "contracts": "合同号", "contract_lines": "合同号", "declarations": "报关单号",
    "declaration_lines": "报关单号", "bank_entries": "entry_ref", "stock": "车架号",
    "inspections": "车架号", "services": "车架号", "tax_rebates": "报关单号",
    "waybills": "waybill_no", "waybill_vehicles": "waybill_no", "legs": "waybill_no",
    "lock_events": "waybill_no", "receipts": "НомерАкта", "releases": "НомерАкта",
    "invoices": "发票号码",
}  # fmt: skip


def parts(world: World) -> dict[str, World]:
    """Return parts by terms of payment, by mode of transport and by seller."""
    heads = world.tables["contracts"].unique("合同号")
    made = {}
    for terms in heads["付款条件"].unique().sort():
        chosen = heads.filter(pl.col("付款条件") == terms)["合同号"]
        made[f"terms {terms}"] = part(world, chosen.to_list())
    links = world.truth["vehicle_links"].filter(pl.col("waybill_no") != "")
    for mode in ("T", "C", "R"):
        share = (pl.col("waybill_no").str.head(1) == mode).mean()
        by = links.group_by("contract_no").agg(share=share).filter(pl.col("share") > 0.5)
        made[f"mode {mode}"] = part(world, by["contract_no"].to_list())
    prefix = pl.col("合同号").str.head(4)
    smallest = heads.group_by(seller=prefix).len().sort("len", "seller")["seller"][0]
    own = heads.filter(prefix == smallest)["合同号"]
    made[f"seller {smallest}"] = part(world, own.to_list())
    return made


def part(world: World, keep: Collection[str]) -> World:
    """Return the part of the world that belongs to the agreements `keep`."""
    group = _components(_edges(world))
    wanted = set(keep)
    members = defaultdict(list)
    for one in world.tables["contracts"]["合同号"].unique():
        members[group.get(one, one)].append(one)
    gone = {
        name
        for name, some in members.items()
        if 2 * sum(one in wanted for one in some) <= len(some)
    }
    out = {one for one, name in group.items() if name in gone}
    return _without(world, out | {one for name in gone for one in members[name]})


def _edges(world: World) -> pl.DataFrame:
    """Return `contract_no`, `other`: what belongs to each agreement."""
    links = world.truth["vehicle_links"].select("vin", "contract_no", "declaration_no")
    paid = world.truth["bank_entries"].select("contract_no", other="payment_id")
    lines = world.tables["contract_lines"].select(contract_no="合同号", other="车架号")
    spread = world.truth["triads"].select("vin", other="payment_id")
    edges = pl.concat(
        [
            links.select("contract_no", other="vin"),
            links.select("contract_no", other="declaration_no"),
            paid,
            lines,
            spread.join(links, on="vin").select("contract_no", "other"),
        ]
    )
    return edges.filter((pl.col("contract_no") != "") & (pl.col("other") != ""))


def _components(edges: pl.DataFrame) -> dict[str, str]:
    """Return the component of each node, by one of its members."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for left, right in edges.iter_rows():
        parent[root(left)] = root(right)
    return {one: root(one) for one in list(parent)}


def _without(world: World, out: set[str]) -> World:
    """Return the world without the records that belong to `out`."""
    links = world.truth["vehicle_links"]
    gone = links.filter(pl.col("contract_no").is_in(sorted(out)))
    stay = links.filter(~pl.col("contract_no").is_in(sorted(out)))
    for column in ("waybill_no", "receipt_no", "invoice_no"):
        out |= set(gone[column]) - set(stay[column]) - {""}
    cut = sorted(out)
    tables = {
        name: table.filter(~pl.col(KEYS[name]).is_in(cut)) if name in KEYS else table
        for name, table in world.tables.items()
    }
    truth = dict(world.truth)
    truth["vehicle_links"] = stay
    truth["triads"] = truth["triads"].filter(~pl.col("vin").is_in(cut))
    truth["bank_entries"] = truth["bank_entries"].filter(~pl.col("payment_id").is_in(cut))
    bare = pl.col("mention").str.split(":").list.get(1)
    truth["parties"] = truth["parties"].filter(~bare.is_in(cut))
    named = pl.col("key_ids").str.split(";").list.eval(pl.element().is_in(cut)).list.any()
    truth["findings"] = truth["findings"].filter(~named)
    return World(tables=tables, truth=truth)
