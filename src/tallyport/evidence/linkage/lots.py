"""Lots (批次): the shipments of an agreement, counted 1, 2, 3 in the order of its lines.

Sellers ship an agreement in lots of equal size, down its lines: of twelve lines 1-5, 6-10 and 11-12.
A lot goes on one declaration, but one declaration may take two lots, and then they are still two
shipments with two balances. So the lots are not read off the declarations: the size is the largest
that splits fewest lots over two declarations, leaving room for the highest shipment that payments name.

    declarations   1-4   5-12   13-16 and 21-24   17-20        ─▶  lots of 4: shipments 1 to 6

LOT-1  a lot is a run of consecutive lines of one agreement
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from math import ceil

import polars as pl

from tallyport.evidence.linkage.records import Records

SPLIT_COST = 2  # A vehicle out of its lot against a lot more than declarations.
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


def lots(
    records: Records, sales: pl.DataFrame, left: pl.DataFrame, highest: dict[str, int]
) -> pl.DataFrame:
    """Return `contract_no`, `line_no`, `shipment`, `vin`, `declaration_no`, `released_on`.

    One row a line of an agreement; `vin` and what follows are null while unknown. `highest` is the
    highest shipment that payments name for an agreement.
    """
    first = first_sales(records, sales)
    heads = records["declaration"].select("declaration_no", "released_on")
    rows = (
        records["contract_line"]
        .select("contract_no", "line_no")
        .join(first, on=["contract_no", "line_no"], how="left", maintain_order="left")
        .join(left.select("vin", "declaration_no"), on="vin", how="left", maintain_order="left")
        .join(heads, on="declaration_no", how="left", maintain_order="left")
        .sort("contract_no", "line_no", maintain_order=True)
    )
    sizes = rows.group_by("contract_no", maintain_order=True).agg("line_no", "declaration_no")
    size_of = {
        contract_no: lot_size(lines, declarations, highest.get(contract_no, 1))
        for contract_no, lines, declarations in sizes.iter_rows()
    }
    return rows.with_columns(
        size=pl.col("contract_no").replace_strict(size_of, return_dtype=pl.Int64)
    ).with_columns(shipment=(pl.col("line_no") - 1) // pl.col("size") + 1)


def first_sales(records: Records, sales: pl.DataFrame) -> pl.DataFrame:
    """Return the sales under which vehicles leave: of two, the one signed first."""
    signed = records["contract"].select("contract_no", "signed_on")
    return (
        sales.join(signed, on="contract_no", how="left", maintain_order="left")
        .sort("signed_on", "contract_no", maintain_order=True)
        .unique("vin", keep="first", maintain_order=True)
        .select("vin", "contract_no", "line_no")
    )


def lot_size(lines: list[int], declarations: list[str | None], highest: int) -> int:
    """Return the largest size of lots that fits what is known of an agreement."""
    count = max(lines)
    known = [(line, one) for line, one in zip(lines, declarations, strict=True) if one is not None]
    if len({one for _, one in known}) <= 1 and highest <= 1:
        # One declaration for all that left: what has not left is a lot of its own.
        last = max((line for line, _ in known), default=count)
        rest = count - last
        return count if not rest or last < rest else last
    groups = len({one for _, one in known})
    sizes = [size for size in range(count, 0, -1) if ceil(count / size) >= highest]
    return min(
        sizes or [1],
        key=lambda size: SPLIT_COST * _split(known, size) + max(0, ceil(count / size) - groups),
    )


def _split(known: list[tuple[int, str]], size: int) -> int:
    """Count vehicles that left on another declaration than most of their lot."""
    by_lot: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for line, declaration in known:
        by_lot[(line - 1) // size][declaration] += 1
    return sum(votes.total() - max(votes.values()) for votes in by_lot.values())
