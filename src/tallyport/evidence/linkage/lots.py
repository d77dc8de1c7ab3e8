"""Lots (批次): the shipments of an agreement, counted 1, 2, 3 in the order of its lines.

Sellers ship an agreement in lots of equal size, down its lines: of twelve lines 1-5, 6-10, 11-12. A
lot goes on one declaration, but one declaration may take two lots, and then they are still two
shipments with two balances. So lots are not read off the declarations: a size is plausible if it
splits no lot over two declarations and no waybill over two lots, and leaves room for the highest
shipment that payments name. Of several, that one is right whose instalments the payments fit. Where
no size fits without exception, a shipment is what goes on one declaration.

    declarations   1-4   5-12   13-16 and 21-24   17-20        ─▶  lots of 4: shipments 1 to 6
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from math import ceil

import polars as pl

from tallyport.evidence.linkage.records import Records

SPLIT_COST = 2  # A vehicle out of its lot against a lot more than declarations.
AS_DECLARED = 0  # Instead of a size: a shipment is what goes on one declaration.
AS_DECLARED_COST = 0.5  # Regular lots that fit without exception are preferred.
NOT_LEFT = ""
LATER = 99  # The shipment of what has not left, where shipments are read off declarations.
EXTRA_MAX = 2  # So many lots more than needed are still plausible; payments decide.
SIZES_MAX = 5  # Each is tried with all payments where the first does not fit.
HINT = re.compile(
    r"(?:SHIPMENT|\bLOT|BATCH|ПАРТИЯ|ПОСТАВКА|PARTIYA|АККРЕДИТИВ|第)\s*"
    r"(\d{1,2}(?:\s*[+,&]\s*\d{1,2})*)(?!\d)"
)


def shipment_hints(remittance: str | None) -> tuple[int, ...]:
    """Return the shipments that a remittance text names: "SHIPMENT 4+6" is (4, 6)."""
    match = HINT.search((remittance or "").upper())
    if match is None:
        return ()
    return tuple(int(number) for number in re.findall(r"\d+", match[1]))


def sizes(
    records: Records,
    sales: pl.DataFrame,
    left: pl.DataFrame,
    on_waybill: pl.DataFrame,
    highest: dict[str, int],
) -> dict[str, list[int]]:
    """Return the plausible sizes of lots of each agreement, the most plausible first.

    `highest` is the highest shipment that payments name for an agreement.
    """
    waybill = on_waybill.select("vin", "waybill_no").unique("vin", keep="first")
    rows = (
        _lines(records, sales, left)
        .join(waybill, on="vin", how="left", maintain_order="left")
        .group_by("contract_no", maintain_order=True)
        .agg("line_no", "declaration_no", "waybill_no")
    )
    return {
        contract_no: plausible_sizes(lines, declarations, waybills, highest.get(contract_no, 1))
        for contract_no, lines, declarations, waybills in rows.iter_rows()
    }


def lots(
    records: Records, sales: pl.DataFrame, left: pl.DataFrame, size_of: dict[str, int]
) -> pl.DataFrame:
    """Return `contract_no`, `line_no`, `shipment`, `vin`, `declaration_no`, `released_on`.

    One row a line of the agreements in `size_of`; `vin` and what follows are null while unknown.
    """
    table = pl.DataFrame(
        {"contract_no": list(size_of), "size": list(size_of.values())},
        schema={"contract_no": pl.String, "size": pl.Int64},
    )
    return (
        _lines(records, sales, left)
        .join(table, on="contract_no", maintain_order="left")
        .with_columns(
            turn=pl.struct("declared_on", "declaration_no").rank("dense").over("contract_no")
        )
        .with_columns(
            shipment=pl.when(pl.col("size") == AS_DECLARED)
            .then(pl.when(pl.col("declaration_no").is_not_null()).then("turn").otherwise(LATER))
            .otherwise((pl.col("line_no") - 1) // pl.col("size") + 1)
            .cast(pl.Int64)
        )
    )


def _lines(records: Records, sales: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Return every line of an agreement with its vehicle and how that left."""
    heads = records["declaration"].select("declaration_no", "declared_on", "released_on")
    return (
        records["contract_line"]
        .select("contract_no", "line_no")
        .join(
            first_sales(records, sales),
            on=["contract_no", "line_no"],
            how="left",
            maintain_order="left",
        )
        .join(left.select("vin", "declaration_no"), on="vin", how="left", maintain_order="left")
        .join(heads, on="declaration_no", how="left", maintain_order="left")
        .sort("contract_no", "line_no", maintain_order=True)
    )


def first_sales(records: Records, sales: pl.DataFrame) -> pl.DataFrame:
    """Return the sales under which vehicles leave: of two, the one signed first."""
    signed = records["contract"].select("contract_no", "signed_on")
    return (
        sales.join(signed, on="contract_no", how="left", maintain_order="left")
        .sort("signed_on", "contract_no", maintain_order=True)
        .unique("vin", keep="first", maintain_order=True)
        .select("vin", "contract_no", "line_no")
    )


def plausible_sizes(
    lines: list[int],
    declarations: list[str | None],
    waybills: list[str | None],
    highest: int,
) -> list[int]:
    """Return sizes of lots that fit what is known of an agreement, the best first.

    A lot goes on one declaration, and a waybill carries vehicles of one lot. `AS_DECLARED` stands
    for "what goes on one declaration", whatever the lines.
    """
    count = max(lines)
    # What has not left is together too: a lot does not leave by halves.
    parts = [one or NOT_LEFT for one in declarations]
    groups = len(set(parts))

    def cost(size: int) -> float:
        if size == AS_DECLARED:
            return AS_DECLARED_COST + SPLIT_COST * max(0, highest - groups)
        lot_of = [(line - 1) // size for line in lines]
        split = _split(zip(lot_of, parts, strict=True))
        split += _split(zip(waybills, lot_of, strict=True))
        return SPLIT_COST * split + max(0, ceil(count / size) - groups)

    least = max(1, count // (groups + EXTRA_MAX + 1))
    choice = [size for size in range(count, 0, -1) if ceil(count / size) >= highest] or [1]
    # Lots so small that there would be far too many of them need not be counted.
    choice = [size for size in choice if size >= least or highest > groups]
    choice.append(AS_DECLARED)
    price = {size: cost(size) for size in choice}
    ranked = sorted(choice, key=lambda size: (price[size], -size))
    return [size for size in ranked if price[size] <= price[ranked[0]] + EXTRA_MAX][:SIZES_MAX]


def _split(pairs: Iterable[tuple[Hashable, Hashable]]) -> int:
    """Count pairs (whole, part) whose part differs from the most frequent one of its whole."""
    votes: defaultdict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for whole, part in pairs:
        if whole is not None and part is not None:
            votes[whole][part] += 1
    return sum(vote.total() - max(vote.values()) for vote in votes.values())
