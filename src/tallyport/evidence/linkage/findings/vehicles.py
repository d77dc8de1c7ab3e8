"""Findings on vehicles (车辆疑点): mileage turned back, sold twice, never arrived.

A mileage below an earlier one has three causes. A digit too many on an old work order (38,060 for
3,806) or one too few in the stock record (5,555 for 55,550) is a slip; the rest was turned back:

    38,318   46,125   51,391  │ bought at 29,017                 turned back
     2,186   2,277   24,770   │ bought at 2,918                  a digit too many at work
    12,237   12,842           │ bought at 1,693, later 16,934    a digit too few at purchase
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.lots import first_sales
from tallyport.evidence.linkage.trade import Trade

TURNED_BACK_MIN = 0.03  # Less than this below an earlier reading is a matter of reading.
LOST_AFTER_DAYS = 60
TEN = 10
Reading = tuple[date, int, str]


def odometer_rollback(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Shown mileage at purchase is below an earlier record, and no slip explains it."""
    stock = (
        trade.records["vehicle"]
        .select("vin", "bought_on", "odometer_km", "first_registered_on")
        .drop_nulls(["vin", "bought_on", "odometer_km"])
    )
    service = trade.found.on_service.join(
        trade.records["service"].drop("vin"), on="order_no", maintain_order="left"
    ).select("vin", day="done_on", km="odometer_km", record="order_no")
    inspected = trade.found.on_inspection.join(
        trade.records["inspection"].drop("vin"), on="report_no", maintain_order="left"
    ).select("vin", day="inspected_on", km="odometer_km", record="report_no")
    one = trade.found.on_receipt.filter(pl.len().over("receipt_no") == 1)
    received = one.join(
        trade.records["receipt"].drop("vin"), on="receipt_no", maintain_order="left"
    ).select("vin", day="received_on", km="odometer_km", record="receipt_no")
    readings = pl.concat([service, inspected, received]).drop_nulls().join(stock, on="vin")
    suspects = readings.filter(
        (pl.col("day") <= pl.col("bought_on"))
        & (pl.col("km") > pl.col("odometer_km") * (1 + TURNED_BACK_MIN))
    )["vin"].unique(maintain_order=True)
    rows = readings.filter(pl.col("vin").is_in(suspects.implode())).sort("vin", "day", "km")
    for (vin,), group in rows.group_by("vin", maintain_order=True):
        shown, bought = int(group["odometer_km"][0]), group["bought_on"][0]
        before = list(
            group.filter(pl.col("day") <= pl.col("bought_on"))
            .select("day", "km", "record")
            .iter_rows()
        )
        after = group.filter(pl.col("day") > pl.col("bought_on"))["km"].to_list()
        proof = turned_back(before, shown, bought, after, new_on=group["first_registered_on"][0])
        if proof:
            peak = max(km for _, km, _ in proof)
            yield row(
                "odometer_rollback",
                [str(vin), *(record for _, _, record in proof)],
                0.95,
                f"bought at {shown:,} km after {peak:,} km had been recorded",
            )


def turned_back(
    before: list[Reading], shown: int, bought: date, after: list[int], new_on: date | None = None
) -> list[Reading]:
    """Return the earlier readings that prove a rollback; none if a slip explains them.

    The vehicle was registered as a new one on `new_on`, if that is known.
    """
    kept = [one for one in before if not _digit_too_many(one, before, shown)]
    above = [one for one in kept if one[1] > shown * (1 + TURNED_BACK_MIN)]
    if not above:
        return []
    peak = max(km for _, km, _ in above)
    if any(km >= peak for km in after if km < TEN * 2 * peak):
        return []  # Later readings go on from the old ones: the stock record has the slip.
    if after:
        return above
    start = [(new_on, 0, "")] if new_on is not None and new_on < min(kept)[0] else []
    return [] if _digit_too_few([*start, *kept], shown, bought) else above


def _digit_too_many(one: Reading, readings: list[Reading], shown: int) -> bool:
    """Tell whether a reading is ten times what its neighbours and the shown mileage allow."""
    day, km, _ = one
    if km % TEN:
        return False
    fitted = km // TEN
    others = [other for other in readings if other is not one]
    floor = max((k for d, k, _ in others if d < day and k <= shown), default=0)
    later = [k for d, k, _ in others if d > day]
    falls_after = any(k < km for k in later)
    return floor * 0.98 <= fitted <= shown and (falls_after or not later or km > TEN * floor / 2)


def _digit_too_few(readings: list[Reading], shown: int, bought: date) -> bool:
    """Tell whether ten times the shown mileage goes on where the readings stopped."""
    last_day, last_km, _ = max(readings)
    first_day, first_km, _ = min(readings)
    days = (last_day - first_day).days
    pace = (last_km - first_km) / days if days > 0 else 0.0
    expected = last_km + pace * (bought - last_day).days
    return last_km <= shown * TEN * 1.05 and shown * TEN <= max(2.0 * expected, 1.6 * last_km)


def double_sale(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """One vehicle stands in two agreements."""
    rows = trade.sales.group_by("vin", maintain_order=True).agg(
        pl.col("contract_no").unique(maintain_order=True), pl.col("probability").min()
    )
    for vin, contracts, probability in rows.filter(
        pl.col("contract_no").list.len() > 1
    ).iter_rows():
        yield row(
            "double_sale", [vin, *contracts], probability, "sold under " + " and ".join(contracts)
        )


def never_arrived(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Left long ago and was never seen at a warehouse, though others were."""
    if not trade.arrived.height:
        return
    # Of several vehicles that an ending fits, the one that left under a declaration is meant.
    is_one = pl.len().over("waybill_no", "position") == 1
    waybill = (
        trade.found.on_waybill.filter(is_one | pl.col("vin").is_in(trade.left["vin"].implode()))
        .select("vin", "waybill_no")
        .unique("vin", keep="first", maintain_order=True)
    )
    departed = trade.records["waybill"].select("waybill_no", day=pl.col("departed_at").dt.date())
    sold = first_sales(trade.records, trade.sales).select("vin", "contract_no")
    rows = (
        waybill.join(departed, on="waybill_no", maintain_order="left")
        .join(trade.arrived, on="vin", how="anti", maintain_order="left")
        .join(sold, on="vin", how="left", maintain_order="left")
        .filter((pl.lit(trade.as_of) - pl.col("day")).dt.total_days() > LOST_AFTER_DAYS)
    )
    for vin, waybill_no, day, contract_no in rows.select(
        "vin", "waybill_no", "day", "contract_no"
    ).iter_rows():
        yield row(
            "never_arrived",
            [vin, waybill_no, contract_no],
            0.95,
            f"left on {day} on waybill {waybill_no}; no receipt, release or stock count shows it",
        )
