"""Three-document check (三单对碰): do the order, its payments and its delivery tell one story?

    order      items 12.99 + freight 12.79 = 25.78 ─┐
    payment    credit card 25.78                   ─┼─▶ complete
    delivery   handed over 16 Aug, delivered 20 Aug ─┘

An order is `contradicting` when two of the three cannot both be right, `partly` when one is
missing, else `complete`; the reasons say which. Payments may differ from what is owed by a minor
unit for every item and payment, because shops round each of them.

Only what had happened by the as-of day counts, so that the check can be made for any past day.

    orders    one row an order        sellers    one row a seller
    lines     an order and seller     findings   what no order explains
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.evidence.trade import merchants
from tallyport.evidence.trade.amounts import minor, place
from tallyport.evidence.trade.reasons import Effect, Reason, Status, with_effect

REPEAT_HOURS_MAX = 24  # The same basket again on another day is a customer who came back.
DAY = timedelta(days=1)

FINDING: Mapping[str, pl.DataType] = {
    "type": pl.String(),
    "record_ids": pl.String(),
    "probability": pl.Float64(),
    "explanation": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck:
    """Every order, judged. `lines` has each seller's part of each order."""

    as_of: date
    orders: pl.DataFrame
    lines: pl.DataFrame
    sellers: pl.DataFrame
    findings: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Return the number of orders of each status."""
        found = dict(self.orders.group_by("status").len().iter_rows())
        return {status.value: found.get(status.value, 0) for status in Status}


def last_day(tables: Mapping[str, pl.DataFrame]) -> date | None:
    """Return the last day on which the orders show something happen: the day to judge them on."""
    table = tables.get("order", pl.DataFrame(schema=convert.schema(KINDS["order"])))
    moments = ("ordered_at", "approved_at", "handed_to_carrier_at", "delivered_at")
    last = table.select(pl.max_horizontal(moments).max().dt.date()).item()
    return last if isinstance(last, date) else None


def check(tables: Mapping[str, pl.DataFrame], *, as_of: date) -> OrderCheck:
    """Check the orders in `tables` (order, order_item, order_payment, order_customer)."""
    order, item, payment, customer = (
        tables.get(kind, pl.DataFrame(schema=convert.schema(KINDS[kind])))
        for kind in ("order", "order_item", "order_payment", "order_customer")
    )
    known = _until(order, as_of)
    facts = (
        known.join(_owed(item), on="order_no", how="left", maintain_order="left")
        .join(_paid(payment), on="order_no", how="left", maintain_order="left")
        .join(_repeats(known, item, customer), on="order_no", how="left", maintain_order="left")
        .with_columns(
            pl.col("items", "payments").fill_null(0),
            pl.col("goods_minor", "freight_minor", "paid_minor").fill_null(0),
            pl.col("state").fill_null("").str.to_lowercase(),
        )
        .with_columns(owed_minor=pl.col("goods_minor") + pl.col("freight_minor"))
        .with_columns(difference_minor=pl.col("paid_minor") - pl.col("owed_minor"))
    )
    judged = _judged(facts, as_of)
    lines = merchants.lines(item, judged)
    return OrderCheck(
        as_of=as_of,
        orders=judged,
        lines=lines,
        sellers=merchants.sellers(lines),
        findings=_findings(judged, order, item, payment),
    )


def _until(order: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the orders as they stood at the end of the as-of day."""
    end = datetime.combine(as_of, time.max, UTC)
    moments = ("approved_at", "handed_to_carrier_at", "delivered_at")
    return (
        order.filter(pl.col("ordered_at").is_null() | (pl.col("ordered_at") <= end))
        .with_columns(
            # A state of the export says nothing about a day before the delivery.
            state=pl.when((pl.col("delivered_at") <= end) | pl.col("delivered_at").is_null()).then(
                pl.col("status")
            ),
            **{name: pl.when(pl.col(name) <= end).then(pl.col(name)) for name in moments},
        )
        .sort("ordered_at", "order_no", nulls_last=True)
    )


def _owed(item: pl.DataFrame) -> pl.DataFrame:
    return item.group_by("order_no").agg(
        items=pl.len().cast(pl.Int64),
        goods_minor=minor(pl.col("price")).sum(),
        freight_minor=minor(pl.col("freight").fill_null(0)).sum(),
        ship_by=pl.col("ship_by").max(),
    )


def _paid(payment: pl.DataFrame) -> pl.DataFrame:
    """Sum the payments of each order; `twice` is the largest amount that came twice."""
    same = ["order_no", "method", "amount"]
    twice = (
        payment.group_by(same)
        .len()
        .filter(pl.col("len") > 1)
        .group_by("order_no")
        .agg(twice=minor(pl.col("amount")).max())
    )
    return (
        payment.group_by("order_no")
        .agg(payments=pl.len().cast(pl.Int64), paid_minor=minor(pl.col("amount")).sum())
        .join(twice, on="order_no", how="left")
    )


def _repeats(known: pl.DataFrame, item: pl.DataFrame, customer: pl.DataFrame) -> pl.DataFrame:
    """Return `order_no`, `repeats`: the order of the same person and basket shortly before it."""
    baskets = item.group_by("order_no").agg(
        basket=pl.format("{}@{}", pl.col("product_no").fill_null("?"), pl.col("price"))
        .sort()
        .str.join(",")
    )
    persons = customer.select("customer_no", "person_no").unique("customer_no", keep="first")
    group = ["person", "basket"]
    return (
        known.select("order_no", "customer_no", "ordered_at")
        .join(baskets, on="order_no", maintain_order="left")
        .join(persons, on="customer_no", how="left", maintain_order="left")
        .with_columns(person=pl.coalesce("person_no", "customer_no"))
        .filter(pl.col("person").is_not_null())
        .with_columns(
            repeats=pl.col("order_no").shift().over(group),
            gap=pl.col("ordered_at") - pl.col("ordered_at").shift().over(group),
        )
        .filter(pl.col("gap") <= timedelta(hours=REPEAT_HOURS_MAX))
        .select("order_no", "repeats")
    )


def _judged(facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Add `reasons` and `status`."""
    found = [
        pl.when(condition.fill_null(value=False)).then(pl.lit(reason.value))
        for reason, condition in _conditions(as_of).items()
    ]
    reasons = pl.concat_list(found).list.drop_nulls()
    says = {
        effect: pl.col("reasons").list.set_intersection(with_effect(effect)).list.len() > 0
        for effect in (Effect.CONTRADICTS, Effect.LACKS)
    }
    late_days = (pl.col("delivered_at") - pl.col("promised_at")).dt.total_days()
    return facts.with_columns(reasons=reasons).select(
        "order_no",
        "customer_no",
        "state",
        status=pl.when(says[Effect.CONTRADICTS])
        .then(pl.lit(Status.CONTRADICTING.value))
        .when(says[Effect.LACKS])
        .then(pl.lit(Status.PARTLY.value))
        .otherwise(pl.lit(Status.COMPLETE.value)),
        reasons="reasons",
        items="items",
        payments="payments",
        goods_minor="goods_minor",
        freight_minor="freight_minor",
        owed_minor="owed_minor",
        paid_minor="paid_minor",
        difference_minor="difference_minor",
        ordered_on=pl.col("ordered_at").dt.date(),
        promised_on=pl.col("promised_at").dt.date(),
        delivered_on=pl.col("delivered_at").dt.date(),
        days_late=late_days.clip(lower_bound=0),
        transit_days=(pl.col("delivered_at") - pl.col("ordered_at")).dt.total_days(),
        handed_to_carrier_at="handed_to_carrier_at",
        repeats="repeats",
        place=place(),
    )


def _conditions(as_of: date) -> dict[Reason, pl.Expr]:
    """Return when each reason holds. A promise for a day is kept until that day is over."""
    end = datetime.combine(as_of, time.max, UTC)
    col = pl.col
    is_delivered = col("delivered_at").is_not_null()
    is_cancelled = col("state").str.starts_with("cancel") | (col("state") == "unavailable")
    is_paid = col("payments") > 0
    is_due = col("promised_at") + DAY <= end
    is_over = col("difference_minor") > col("items") + col("payments")
    is_under = -col("difference_minor") > col("items") + col("payments")
    is_twice = is_over & (col("difference_minor") - col("twice")).abs().le(col("items"))
    is_open = ~is_delivered & ~is_cancelled & (col("state") != "delivered")
    has_items = col("items") > 0
    return {
        Reason.DELIVERED_UNPAID: is_delivered & ~is_paid,
        Reason.PAID_TWICE: has_items & is_twice,
        Reason.UNDERPAID: is_paid & is_under,
        Reason.OVERPAID: has_items & is_over & ~is_twice.fill_null(value=False),
        Reason.CANCELLED_DELIVERED: is_cancelled & is_delivered,
        Reason.TIMES: (col("delivered_at") < col("handed_to_carrier_at"))
        | (col("delivered_at") < col("ordered_at"))
        | (col("handed_to_carrier_at") < col("ordered_at")),
        Reason.NO_ITEMS: ~has_items,
        Reason.CANCELLED_PAID: is_cancelled & ~is_delivered & is_paid,
        Reason.CANCELLED: is_cancelled & ~is_delivered & ~is_paid,
        Reason.UNPAID: ~is_paid & ~is_delivered & ~is_cancelled,
        Reason.UNDELIVERED: is_open & is_paid & is_due,
        Reason.ON_THE_WAY: is_open & ~is_due.fill_null(value=False),
        Reason.UNDATED: ~is_delivered & (col("state") == "delivered"),
        Reason.DELIVERED_LATE: col("delivered_at") >= col("promised_at") + DAY,
        Reason.SHIPPED_LATE: col("handed_to_carrier_at") > col("ship_by"),
        Reason.REPEATED: col("repeats").is_not_null(),
    }


def _findings(
    judged: pl.DataFrame, order: pl.DataFrame, item: pl.DataFrame, payment: pl.DataFrame
) -> pl.DataFrame:
    """Return what belongs to no order, and orders that look like one."""
    found = [
        judged.filter(pl.col("repeats").is_not_null()).select(
            type=pl.lit("duplicate_order"),
            record_ids=pl.format("{};{}", "repeats", "order_no"),
            probability=pl.lit(0.5),
            explanation=pl.lit(
                f"同一人{REPEAT_HOURS_MAX}小时内下了相同订单 / same person and basket within"
                f" {REPEAT_HOURS_MAX} hours"
            ),
        )
    ]
    for type_, table in (("payment_without_order", payment), ("item_without_order", item)):
        orphans = table.join(order, on="order_no", how="anti").select("order_no").unique()
        found.append(
            orphans.sort("order_no").select(
                type=pl.lit(type_),
                record_ids="order_no",
                probability=pl.lit(1.0),
                explanation=pl.lit("订单不存在 / there is no order of this number"),
            )
        )
    return pl.concat([pl.DataFrame(schema=dict(FINDING)), *found])
