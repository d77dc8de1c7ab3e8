"""Trials (试配): lots of several sizes are plausible; the payments show which was meant.

All agreements are settled with their most plausible lots first. Where the story that the payments
tell is dear (sums that fit nothing, instalments half paid) and other lots are plausible, these are
tried, and the cheapest story stays.

    ten vehicles on one declaration, L/C, payments 90,880 and 150,880
    one lot of ten    asks 241,760             each payment a part of it         cost 4.5
    lots of six, four ask 150,880 and 90,880   each payment to the cent          cost 1.0
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import inf

import polars as pl

from tallyport.evidence.linkage import allocations, instalments, lots, payers, receipts
from tallyport.evidence.linkage.memory import Memory
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records

CHEAP = 0.7  # A story below it needs no other.
LOT_COST = 0.5  # A lot more than the most plausible size has.


@dataclass(frozen=True, slots=True, kw_only=True)
class Cashbook:
    """What is owed under the lots that were chosen, and what payments settle of it."""

    owed: pl.DataFrame
    asked: pl.DataFrame
    offered: pl.DataFrame
    settled: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealings:
    """What trials draw on."""

    records: Records
    found: Mentions
    sales: pl.DataFrame
    left: pl.DataFrame
    arrived: pl.DataFrame
    paid: pl.DataFrame
    names: pl.DataFrame
    as_of: date
    decided: pl.DataFrame
    memory: Memory | None = None


def cashbook(dealings: Dealings, sizes: dict[str, list[int]]) -> Cashbook:
    """Settle all payments under the best lots among the plausible `sizes` of each agreement."""
    size_of = {contract_no: plausible[0] for contract_no, plausible in sizes.items()}
    owed = _owed(dealings, size_of)
    asked = instalments.instalments(owed)
    pairs = payers.payers(
        dealings.records,
        dealings.found,
        paid=dealings.paid,
        sales=dealings.sales,
        names=dealings.names,
        asked=asked,
        decided=dealings.decided,
    )
    offered = payers.offers(pairs, dealings.paid, payers.named(dealings.found, dealings.sales))
    settled = _settled(dealings, owed, asked, offered)
    best = {
        story: (cost, 0)
        for story, cost in settled.select("story", "cost").unique("story").iter_rows()
    }
    of_story = _stories(offered)
    for rank in range(1, max((len(one) for one in sizes.values()), default=1)):
        doubtful = {story for story, (cost, _) in best.items() if cost > CHEAP}
        other = {
            contract_no: plausible[rank]
            for contract_no, plausible in sizes.items()
            if len(plausible) > rank and of_story.get(contract_no) in doubtful
        }
        if not other:
            break
        _try(dealings, offered, of_story, best, (size_of, other), rank)
    chosen = {
        contract_no: sizes[contract_no][_rank(best, of_story, contract_no, sizes)]
        for contract_no in size_of
    }
    if chosen == size_of:
        return Cashbook(owed=owed, asked=asked, offered=offered, settled=settled)
    owed = _owed(dealings, chosen)
    asked = instalments.instalments(owed)
    changed = {
        of_story[contract_no]
        for contract_no, size in chosen.items()
        if size != size_of[contract_no]
    }
    again = _settled(dealings, owed, asked, _of_stories(offered, of_story, changed))
    same = settled.filter(~pl.col("story").is_in(sorted(changed)))
    return Cashbook(owed=owed, asked=asked, offered=offered, settled=pl.concat([same, again]))


def _rank(
    best: dict[str, tuple[float, int]],
    of_story: dict[str, str],
    contract_no: str,
    sizes: dict[str, list[int]],
) -> int:
    """Return which of its plausible sizes an agreement has in the best story."""
    rank = best.get(of_story.get(contract_no, ""), (0.0, 0))[1]
    return rank if rank < len(sizes[contract_no]) else 0


def _try(  # Changes `best` where a story with other lots is cheaper.
    dealings: Dealings,
    offered: pl.DataFrame,
    of_story: dict[str, str],
    best: dict[str, tuple[float, int]],
    lots_of: tuple[dict[str, int], dict[str, int]],
    rank: int,
) -> None:
    """Settle the agreements in `other` again with their size of this rank."""
    size_of, other = lots_of
    stories = {of_story[contract_no] for contract_no in other}
    members = {one: size for one, size in size_of.items() if of_story.get(one) in stories}
    owed = _owed(dealings, {**members, **other})
    asked = instalments.instalments(owed)
    tried = _settled(dealings, owed, asked, _of_stories(offered, of_story, stories))
    for story, cost in tried.select("story", "cost").unique("story").sort("story").iter_rows():
        if cost + LOT_COST < best.get(story, (inf, 0))[0]:
            best[story] = (cost + LOT_COST, rank)


def _owed(dealings: Dealings, size_of: dict[str, int]) -> pl.DataFrame:
    """Return what each vehicle owes in each instalment under lots of these sizes."""
    shipped = lots.lots(dealings.records, dealings.sales, dealings.left, size_of)
    return instalments.parts(dealings.records, dealings.sales, shipped, dealings.arrived)


def _settled(
    dealings: Dealings, owed: pl.DataFrame, asked: pl.DataFrame, offered: pl.DataFrame
) -> pl.DataFrame:
    """Settle the offered payments."""
    named = (
        dealings.found.in_payment.join(owed.select("vin", *allocations.INSTALMENT), on="vin")
        .join(offered.select("entry_no", "contract_no"), on=["entry_no", "contract_no"])
        .join(asked.select("instalment", *allocations.INSTALMENT), on=allocations.INSTALMENT)
        .select("entry_no", "instalment")
        .unique(maintain_order=True)
    )
    return allocations.settlements(
        offered, asked, named, receipts.usual_charges(dealings.paid), dealings.as_of,
        memory=dealings.memory,
    )  # fmt: skip


def _stories(offered: pl.DataFrame) -> dict[str, str]:
    """Return the story that each agreement is told in: the first agreement of its component."""
    return {
        contract_no: contracts[0]
        for contracts, _ in allocations.components(offered)
        for contract_no in contracts
    }


def _of_stories(offered: pl.DataFrame, of_story: dict[str, str], stories: set[str]) -> pl.DataFrame:
    """Return the offers that belong to `stories`."""
    wanted = [contract_no for contract_no, story in of_story.items() if story in stories]
    return offered.filter(pl.col("contract_no").is_in(wanted))
