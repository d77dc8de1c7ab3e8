"""Findings on stock (盘点疑点): the yard against the books of the overseas warehouses.

    books   received 15 February at ALA-1, place A-275, not released
    yard    counted 31 December at ALA-1, place A-275                   agrees

A vehicle has several receipts only by mistake (`duplicate_receipt` says so); it is right at any of
their warehouses. A warehouse of which nothing was counted on a day was not counted that day.

    missing_from_count       on the books, and not in the yard
    counted_off_books        in the yard, and never received, or not a known vehicle at all
    counted_after_release    in the yard, though handed over
    counted_elsewhere        in the yard of another warehouse
    counted_at_other_place   in the right yard, at another place, where places are kept well
    released_off_books       handed over, and never received
    long_in_stock            on the books for longer than stock may stand
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from tallyport.evidence.linkage import vin_match
from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.fold import compact
from tallyport.evidence.linkage.trade import Trade
from tallyport.evidence.linkage.vin_match import Fit
from tallyport.evidence.sources.naming import ref_of

STOCK_DAYS = 90  # A quarter; by then a sold vehicle is fetched, and one pledged costs money.
PLACES_KEPT = 0.75  # Where fewer of the places agree, nobody keeps them, and a move says nothing.


def stock(trade: Trade, stock_days: int) -> Iterator[Row]:
    """Yield what yard and books do not agree on."""
    received, released = _received(trade), _released(trade)
    counted = _counted(trade, received)
    for (day,), group in counted.group_by("counted_on", maintain_order=True):
        if isinstance(day, date):
            yield from _count(group, received, released, day)
    yield from _never_received(received, released)
    yield from _long(received, released, trade.as_of, stock_days)


def _received(trade: Trade) -> pl.DataFrame:
    """Return `vin`, `receipt_no`, `received_on`, `warehouse`, `place` of every receipt."""
    return trade.found.on_receipt.join(
        trade.records["receipt"].select("receipt_no", "received_on", "warehouse", "place"),
        on="receipt_no",
        maintain_order="left",
    ).filter(pl.col("vin").len().over("receipt_no") == 1)


def _released(trade: Trade) -> pl.DataFrame:
    """Return `vin`, `release_no`, `released_on`; an ending that fits several names none."""
    return trade.found.on_release.join(
        trade.records["release"].select("release_no", "released_on"),
        on="release_no",
        maintain_order="left",
    ).filter(pl.col("vin").len().over("release_no") == 1)


def _counted(trade: Trade, received: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the counts with `vin`: null when no vehicle, or no single one, is meant.

    Of several vehicles that an ending fits, the one that the books have is meant.
    """
    rows = trade.records["stock_count"].with_columns(
        ref=ref_of("stock_count"), token=compact(pl.col("vin"))
    )
    rows = rows.unique("ref", keep="first", maintain_order=True)
    rows = rows.select("ref", "counted_on", "warehouse", "place", "token", typed="vin")
    found = vin_match.candidates(rows.filter(pl.col("token").is_not_null()), trade.found.vehicles)
    known = received.select("vin", on_books=pl.lit(value=True)).unique()
    best = (
        rows.select("ref", "token")
        .join(found, on="token")
        .join(known, on="vin", how="left")
        .with_columns(
            rank=pl.col("on_books").fill_null(value=False).cast(pl.Int8) * int(Fit.EXACT)
            + pl.col("fit")
        )
        .filter(pl.col("rank") == pl.col("rank").max().over("ref"))
        .filter(pl.len().over("ref") == 1)
        .select("ref", "vin")
    )
    several = rows.join(found.select("token").unique(), on="token", how="semi")
    unclear = several.join(best, on="ref", how="anti").select("ref", is_unclear=pl.lit(value=True))
    return (
        rows.join(best, on="ref", how="left", maintain_order="left")
        .join(unclear, on="ref", how="left", maintain_order="left")
        .with_columns(pl.col("is_unclear").fill_null(value=False))
    )


def _count(
    counted: pl.DataFrame, received: pl.DataFrame, released: pl.DataFrame, day: date
) -> Iterator[Row]:
    """Yield what one count shows."""
    before = received.filter(pl.col("received_on").is_null() | (pl.col("received_on") <= day))
    gone = (
        released.filter(pl.col("released_on") <= day)
        .sort("released_on", "release_no")
        .unique("vin", keep="last", maintain_order=True)
    )
    yield from _off_books(counted, before, gone, day)
    books = before.join(gone, on="vin", how="anti", maintain_order="left")
    yards = counted["warehouse"].drop_nulls().unique().implode()
    missing = books.filter(pl.col("warehouse").is_in(yards)).join(
        counted.select("vin").drop_nulls(), on="vin", how="anti", maintain_order="left"
    )
    # A row that may be one of several vehicles may be this one.
    unclear = set(counted.filter("is_unclear")["token"].to_list())
    lengths = {len(token) for token in unclear}
    for vin, receipt_no, on, warehouse in (
        missing.unique("vin", keep="last", maintain_order=True)
        .select("vin", "receipt_no", "received_on", "warehouse")
        .iter_rows()
    ):
        sure = 0.5 if any(vin[-length:] in unclear for length in lengths) else 0.95
        text = f"received on {on} at {warehouse}, not released, and not there on {day}"
        yield row("missing_from_count", [vin, receipt_no], sure, text)
    yield from _moved(counted, books, day)


def _off_books(
    counted: pl.DataFrame, before: pl.DataFrame, gone: pl.DataFrame, day: date
) -> Iterator[Row]:
    """Yield what stands in the yard and should not."""
    known = before.select("vin").unique()
    for ref, vin, typed, warehouse in (
        counted.filter(~pl.col("is_unclear"))
        .join(known, on="vin", how="anti", maintain_order="left")
        .select("ref", "vin", "typed", "warehouse")
        .iter_rows()
    ):
        what = "it was never received" if vin else "no such vehicle is known"
        text = f"{vin or typed or 'a vehicle without number'} stood at {warehouse} on {day}; {what}"
        yield row("counted_off_books", [vin, ref], 0.95 if vin else 0.9, text)
    late = counted.join(gone.filter(pl.col("released_on") < day), on="vin", maintain_order="left")
    for ref, vin, release_no, on, warehouse in late.select(
        "ref", "vin", "release_no", "released_on", "warehouse"
    ).iter_rows():
        text = f"handed over on {on}, and still at {warehouse} on {day}"
        yield row("counted_after_release", [vin, release_no, ref], 0.95, text)


def _moved(counted: pl.DataFrame, books: pl.DataFrame, day: date) -> Iterator[Row]:
    """Yield what stands in another yard, or at another place."""
    pairs = counted.select("ref", "vin", yard="warehouse", spot="place").join(
        books, on="vin", maintain_order="left"
    )
    right = (pl.col("yard") == pl.col("warehouse")).any().over("vin")
    elsewhere = pairs.filter(~right).unique("vin", keep="last", maintain_order=True)
    for ref, vin, receipt_no, yard, warehouse in elsewhere.select(
        "ref", "vin", "receipt_no", "yard", "warehouse"
    ).iter_rows():
        text = f"received at {warehouse}, and at {yard} on {day}"
        yield row("counted_elsewhere", [vin, receipt_no, ref], 0.95, text)
    here = pairs.filter(
        (pl.col("yard") == pl.col("warehouse"))
        & pl.col("spot").is_not_null()
        & pl.col("place").is_not_null()
    )
    agrees = (pl.col("spot") == pl.col("place")).any().over("vin")
    moved = here.filter(~agrees).unique("vin", keep="last", maintain_order=True)
    kept = here["vin"].n_unique()
    if not kept or moved.height > (1 - PLACES_KEPT) * kept:
        return
    for ref, vin, receipt_no, spot, place in moved.select(
        "ref", "vin", "receipt_no", "spot", "place"
    ).iter_rows():
        text = f"received at place {place}, and at {spot} on {day}"
        yield row("counted_at_other_place", [vin, receipt_no, ref], 0.9, text)


def _never_received(received: pl.DataFrame, released: pl.DataFrame) -> Iterator[Row]:
    """Yield what was handed over without having been received."""
    if received.is_empty():
        return
    lost = released.join(received.select("vin"), on="vin", how="anti", maintain_order="left")
    for vin, release_no, on in lost.select("vin", "release_no", "released_on").iter_rows():
        text = f"handed over on {on}; no receipt shows that it came"
        yield row("released_off_books", [vin, release_no], 0.9, text)


def _long(
    received: pl.DataFrame, released: pl.DataFrame, as_of: date, stock_days: int
) -> Iterator[Row]:
    """Yield what has stood too long."""
    first = (
        received.filter(pl.col("received_on").is_not_null())
        .sort("received_on", "receipt_no")
        .unique("vin", keep="first", maintain_order=True)
        .join(released.select("vin"), on="vin", how="anti", maintain_order="left")
        .with_columns(days=(pl.lit(as_of) - pl.col("received_on")).dt.total_days())
        .filter(pl.col("days") > stock_days)
    )
    for vin, receipt_no, days, warehouse in first.select(
        "vin", "receipt_no", "days", "warehouse"
    ).iter_rows():
        text = f"has stood at {warehouse} for {days} days"
        yield row("long_in_stock", [vin, receipt_no], 0.95, text)
