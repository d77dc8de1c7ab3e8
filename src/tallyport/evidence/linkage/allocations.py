"""Allocations (分配): every cent of a payment, down to the vehicle it was paid for.

Inside an instalment an amount is spread over its vehicles in proportion to what each owes in it,
rounded by largest remainder. Charges come off the first instalment of a payment.

ALLOC-1  what is allocated of a payment is no more than what arrived of it
ALLOC-2  the parts of the vehicles sum to what the payment settles, less charges
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl

from tallyport.evidence.linkage import telling
from tallyport.evidence.linkage.cash import Applied, Instalment, Payment, Worth
from tallyport.evidence.linkage.instalments import ACCOUNT, BALANCE, CREDIT, DEPOSIT, FULL
from tallyport.evidence.linkage.lots import shipment_hints
from tallyport.evidence.linkage.memory import Memory
from tallyport.kernel.guard import invariant

ITEMS = {
    "deposit": frozenset({DEPOSIT}),
    "balance": frozenset({BALANCE, CREDIT, ACCOUNT}),
    "full": frozenset({FULL}),
}
SHIPPED = frozenset({BALANCE, CREDIT, ACCOUNT})
INSTALMENT = ["contract_no", "item", "shipment"]
SCHEMA = {
    "entry_no": pl.String,
    "contract_no": pl.String,
    "item": pl.String,
    "shipment": pl.Int64,
    "place": pl.Int64,
    "settled_minor": pl.Int64,
    "gross_minor": pl.Int64,
    "sure": pl.Float64,
    "story": pl.String,
    "cost": pl.Float64,
}


def settlements(
    chosen: pl.DataFrame,
    asked: pl.DataFrame,
    named: pl.DataFrame,
    charges: dict[str, list[int]],
    as_of: date,
    *,
    memory: Memory | None = None,
) -> pl.DataFrame:
    """Return which part of each payment settles which instalment.

    `chosen` has one row a payment and agreement (two for a payment that names two), `named` the
    instalments of vehicles that a text names, `charges` the usual charges by currency; `memory` has
    stories that were told before.
    """
    groups = components(chosen)
    instalments = defaultdict(list)
    for key, contract_no, item, shipment, amount, due in asked.select(
        "instalment", "contract_no", "item", "shipment", "amount_minor", "due"
    ).iter_rows():
        instalments[contract_no].append(
            Instalment(
                key=key,
                contract_no=contract_no,
                item=item,
                shipment=shipment,
                amount=amount,
                due=due.toordinal() if due is not None else None,
            )
        )
    payments = _payments(chosen, named, as_of)
    of_key = {
        key: (contract_no, item, shipment)
        for key, contract_no, item, shipment in asked.select(
            "instalment", "contract_no", "item", "shipment"
        ).iter_rows()
    }
    clusters = [
        (
            [one for contract_no in contracts for one in instalments[contract_no]],
            [payments[entry_no][0] for entry_no in entries],
            {entry_no: charges.get(payments[entry_no][1], []) for entry_no in entries},
            as_of.toordinal(),
        )
        for contracts, entries in groups
    ]
    told = telling.stories(clusters) if memory is None else memory.stories(clusters)
    rows: list[tuple[object, ...]] = []
    for (contracts, _), result in zip(groups, told, strict=True):
        rows.extend(_rows(result, of_key, contracts[0]))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(
    result: Applied, of_key: dict[int, tuple[str, str, int]], story: str
) -> list[tuple[object, ...]]:
    """Return one component's settlements as rows."""
    return [
        (
            one.entry_no,
            *of_key[one.key],
            one.place,
            one.amount,
            result.gross[one.entry_no],
            result.sure[one.entry_no, one.key],
            story,
            result.cost,
        )
        for one in result.settled
    ]


def components(chosen: pl.DataFrame) -> list[tuple[list[str], list[str]]]:
    """Group agreements that some payment may belong to; return agreements and payments of each."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    first: dict[str, str] = {}
    for entry_no, contract_no in chosen.select("entry_no", "contract_no").iter_rows():
        held = first.setdefault(entry_no, contract_no)
        parent[root(contract_no)] = root(held)
    contracts: defaultdict[str, list[str]] = defaultdict(list)
    for contract_no in chosen["contract_no"].unique(maintain_order=True).to_list():
        contracts[root(contract_no)].append(contract_no)
    entries: defaultdict[str, list[str]] = defaultdict(list)
    for entry_no, contract_no in first.items():
        entries[root(contract_no)].append(entry_no)
    return [(sorted(contracts[one]), entries[one]) for one in contracts]


def _payments(
    chosen: pl.DataFrame, named: pl.DataFrame, as_of: date
) -> dict[str, tuple[Payment, str]]:
    """Return each payment as the solver wants it, with its currency."""
    of_text: defaultdict[str, set[int]] = defaultdict(set)
    for entry_no, key in named.select("entry_no", "instalment").iter_rows():
        of_text[entry_no].add(key)
    worth: defaultdict[str, dict[str, Worth]] = defaultdict(dict)
    together: defaultdict[str, int] = defaultdict(int)
    for row in chosen.iter_rows(named=True):
        worth[row["entry_no"]][row["contract_no"]] = Worth(
            gross=row["gross_minor"], how=row["how"], cost=row["cost"]
        )
        together[row["entry_no"]] += row["several"]
    payments = {}
    for row in chosen.unique("entry_no", keep="first", maintain_order=True).iter_rows(named=True):
        entry_no = row["entry_no"]
        shipments = shipment_hints(row["remittance"])
        items: frozenset[str] = frozenset()
        for word, meant in ITEMS.items():
            items |= meant if row[word] else frozenset()
        if shipments and not items:
            items = SHIPPED
        payments[entry_no] = (
            Payment(
                entry_no=entry_no,
                worth=worth[entry_no],
                day=(row["booked_on"] or as_of).toordinal(),
                together=together[entry_no] > 1,
                items=items,
                shipments=shipments,
                named=frozenset(of_text[entry_no]),
            ),
            row["currency"],
        )
    return payments


def taken(settled: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """Return the offers that the solver took up; of a payment it could not place, the best."""
    key = ["entry_no", "contract_no"]
    used = settled.select(key)
    offered = offered.with_columns(any_p=pl.col("probability").sum().over("entry_no"))
    placed = offered.join(used.unique(), on=key, how="semi", maintain_order="left")
    rest = offered.join(used, on="entry_no", how="anti", maintain_order="left")
    return pl.concat([placed, rest.unique("entry_no", keep="first", maintain_order=True)])


def allocations(
    settled: pl.DataFrame, asked: pl.DataFrame, owed: pl.DataFrame, chosen: pl.DataFrame
) -> pl.DataFrame:
    """Spread settlements over vehicles: one row a payment, instalment and vehicle.

    Columns: entry_no, contract_no, item, shipment, line_no, vin, amount_minor, sure.
    """
    # What arrived under each agreement; charges come off the first instalments.
    arrived = chosen.select("entry_no", "contract_no", "arrived_minor", "how")
    so_far = pl.col("settled_minor").cum_sum().over("entry_no")
    net = (
        settled.join(arrived, on=["entry_no", "contract_no"], how="left", maintain_order="left")
        .sort("entry_no", "place", maintain_order=True)
        .with_columns(
            charge=pl.when(pl.col("how") == "rate")
            .then(0)
            .otherwise((pl.col("gross_minor") - pl.col("arrived_minor")).clip(0))
        )
        .with_columns(
            net_minor=(so_far - pl.col("charge")).clip(0)
            - (so_far - pl.col("settled_minor") - pl.col("charge")).clip(0)
        )
    )
    rows = (
        net.join(
            asked.select(*INSTALMENT, "amount_minor"), on=INSTALMENT, maintain_order="left"
        )
        .join(
            owed.select("contract_no", "item", "shipment", "line_no", "vin", "part_minor"),
            on=INSTALMENT,
            maintain_order="left",
        )
        .with_columns(
            # Sums in UZS squared do not fit into 64 bits.
            share=pl.col("net_minor").cast(pl.Int128) * pl.col("part_minor").cast(pl.Int128)
        )
        .with_columns(
            whole=(pl.col("share") // pl.col("amount_minor").cast(pl.Int128)).cast(pl.Int64),
            rest=(pl.col("share") % pl.col("amount_minor").cast(pl.Int128)).cast(pl.Int64),
        )
    )  # fmt: skip
    _within_arrived(net)
    group = ["entry_no", *INSTALMENT]
    order = pl.struct(-pl.col("rest"), "line_no").rank("ordinal").over(group).cast(pl.Int64)
    spread = rows.with_columns(
        short=pl.col("net_minor") - pl.col("whole").sum().over(group), order=order
    ).select(
        "entry_no",
        "contract_no",
        "item",
        "shipment",
        "line_no",
        "vin",
        amount_minor=pl.col("whole") + (pl.col("order") <= pl.col("short")).cast(pl.Int64),
        sure="sure",
    )
    invariant(spread["amount_minor"].sum() == net["net_minor"].sum(), "ALLOC-2")
    return spread


def _within_arrived(net: pl.DataFrame) -> None:
    """Hold that no payment is allocated beyond what arrived; converted ones are estimates."""
    known = (
        net.filter(pl.col("how") != "rate")
        .group_by("entry_no")
        .agg(allocated=pl.col("net_minor").sum(), arrived=pl.col("arrived_minor").max())
    )
    invariant(bool((known["allocated"] <= known["arrived"]).all()), "ALLOC-1")
