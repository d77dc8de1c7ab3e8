"""Findings on smart locks (智能锁疑点): what happened between sealing and arrival.

    SEALED 6 Feb 20:24 │ GATE_PASS 7 Feb │ OPENED_UNEXPECTED 9 Feb 03:10 │ OPENED_AUTHORISED 15 Feb
                                           leg 2, Khorgos – Almaty hub, 30 h after it began

An opening counts while the load is sealed: after the seal (or the departure, where the seal was not
reported) and before the authorised opening (or the arrival). Battery and temperature of the locks
are not judged: what they report rises and falls without cause, so it tells nothing of the load.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.trade import Trade
from tallyport.evidence.sources.naming import ref_of

SILENT_DAYS_MAX = 7  # A lock reports at seals, gates and stations; no stretch takes a week.
VINS_MAX = 50  # Of one load; the waybill names the others.
_OPENED, _SEALED, _RELEASED = "OPENED_UNEXPECTED", "SEALED", "OPENED_AUTHORISED"


def locks(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Yield openings on the way, and locks that fell silent."""
    events = _events(trade)
    yield from _opened(trade, events)
    yield from _silent(events)


def _events(trade: Trade) -> pl.DataFrame:
    """Return every event with `since` and `until`: the time in which its load is sealed."""
    events = trade.records["lock_event"].filter(pl.col("waybill_no").is_not_null())
    said = events.group_by("waybill_no").agg(
        sealed=pl.col("at").filter(pl.col("event") == _SEALED).min(),
        released=pl.col("at").filter(pl.col("event") == _RELEASED).max(),
    )
    legs = (
        trade.records["leg"]
        .group_by("waybill_no")
        .agg(
            left=pl.col("departed_at").min(),
            # Under way until every leg has arrived.
            came=pl.when(pl.col("arrived_at").null_count() == 0).then(pl.col("arrived_at").max()),
        )
    )
    return (
        events.with_columns(ref=ref_of("lock_event"))
        .join(said, on="waybill_no", how="left", maintain_order="left")
        .join(legs, on="waybill_no", how="left", maintain_order="left")
        .with_columns(since=pl.coalesce("sealed", "left"), until=pl.coalesce("released", "came"))
        .sort("at", "waybill_no", "ref")
    )


def _opened(trade: Trade, events: pl.DataFrame) -> Iterator[Row]:
    """Yield what was opened while it was sealed, with leg and vehicles."""
    opened = events.filter(
        (pl.col("event") == _OPENED)
        & (pl.col("since").is_null() | (pl.col("at") >= pl.col("since")))
        & (pl.col("until").is_null() | (pl.col("at") < pl.col("until")))
    ).unique(["waybill_no", "at"], keep="first", maintain_order=True)
    cars = trade.found.on_waybill.filter(pl.len().over("waybill_no", "position") == 1)
    cars = cars.join(opened.select("waybill_no"), on="waybill_no", how="semi")
    on_board = {
        waybill: sorted(set(vins))
        for waybill, vins in cars.group_by("waybill_no").agg("vin").iter_rows()
    }
    legs = trade.records["leg"].join(opened.select("waybill_no"), on="waybill_no", how="semi")
    legs_of = legs.partition_by("waybill_no", as_dict=True)
    size = dict(trade.records["waybill"].select("waybill_no", "vehicles").iter_rows())
    for waybill_no, lock_no, at, ref in opened.select(
        "waybill_no", "lock_no", "at", "ref"
    ).iter_rows():
        where = _where(legs_of.get((waybill_no,), legs.clear()), at)
        count = size.get(waybill_no) or len(on_board.get(waybill_no, ()))
        text = f"{lock_no} opened at {at:%Y-%m-%d %H:%M} UTC, {where}; {count} vehicles aboard"
        vins = on_board.get(waybill_no, [])[:VINS_MAX]
        yield row("opened_on_the_way", [waybill_no, ref, *vins], 0.95, text)


def _where(legs: pl.DataFrame, at: datetime) -> str:
    """Return where the load was: on a leg, between two, or before the first."""
    begun = legs.filter(pl.col("departed_at") <= at).sort("departed_at", "leg_no")
    if begun.is_empty():
        return "before the first leg"
    running = begun.filter(pl.col("arrived_at").is_null() | (pl.col("arrived_at") > at))
    last = (begun if running.is_empty() else running).row(-1, named=True)
    hours = int((at - last["departed_at"]).total_seconds() // 3600)
    place = f"leg {last['leg_no']}, {last['origin']} – {last['destination']}"
    if running.is_empty():
        return f"waiting at {last['destination']} after leg {last['leg_no']}"
    return f"{place}, {hours} h after it began"


def _silent(events: pl.DataFrame) -> Iterator[Row]:
    """Yield loads whose lock said nothing for a week between seal and arrival."""
    on_way = events.filter(
        (pl.col("at") >= pl.col("since"))
        & (pl.col("until").is_null() | (pl.col("at") <= pl.col("until")))
    )
    ends = on_way.group_by("waybill_no", maintain_order=True).agg(
        pl.col("lock_no").first(), pl.col("until").first(), last=pl.col("at").max(),
        gap=pl.col("at").diff().max(), at=pl.col("at").get(pl.col("at").diff().arg_max()),
    )  # fmt: skip
    limit = timedelta(days=SILENT_DAYS_MAX)
    for waybill_no, lock_no, gap, at in (
        ends.filter(pl.col("gap") > limit).select("waybill_no", "lock_no", "gap", "at").iter_rows()
    ):
        text = f"{lock_no} said nothing for {gap.days} days before {at:%Y-%m-%d}"
        yield row("lock_silent", [waybill_no], 0.9, text)
