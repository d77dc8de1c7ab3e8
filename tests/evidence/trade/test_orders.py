"""Three-document check of orders: what agrees is complete, and every reason is found.

Goal: an order is complete if and only if its money and its delivery agree. Method: random orders
whose payments are cut out of what is owed, then a table with one order for each reason, then the
shared shop data, where the money differs for about 0.3% of the orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.canonical_tables import table
from support.shared import shared
from tallyport.evidence.sources.builtin import builtin
from tallyport.evidence.sources.reading import read
from tallyport.evidence.trade import orders
from tallyport.evidence.trade.reasons import TEXTS, Effect, Reason, Status

AS_OF = date(2018, 6, 30)


def at(day: int, hour: int = 12) -> datetime:
    """Return a moment of May 2018."""
    return datetime(2018, 5, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


DELIVERED: Mapping[str, object] = {
    "order_no": "A",
    "customer_no": "K",
    "status": "delivered",
    "ordered_at": at(1),
    "approved_at": at(1, 13),
    "handed_to_carrier_at": at(3),
    "delivered_at": at(9),
    "promised_at": at(20, 0),
}
OPEN = {**DELIVERED, "status": "shipped", "delivered_at": None}
CANCELLED = {**OPEN, "status": "canceled", "handed_to_carrier_at": None}


def checked(
    order: Mapping[str, object], *, paid: list[str], price: str = "100.00", as_of: date = AS_OF
) -> orders.OrderCheck:
    """Check one order of one item with freight 10 and these payments."""
    items = [
        {"order_no": "A", "item_no": 1, "product_no": "P", "seller_no": "S", "ship_by": at(5),
         "price": price, "freight": "10.00"}
    ]  # fmt: skip
    payments = [
        {"order_no": "A", "sequence": n, "method": "card", "amount": amount}
        for n, amount in enumerate(paid, start=1)
    ]
    return orders.check(
        {
            "order": table("order", [order]),
            "order_item": table("order_item", items if price else []),
            "order_payment": table("order_payment", payments),
            "order_customer": table("order_customer", []),
        },
        as_of=as_of,
    )


CENTS = st.integers(1, 50_000)


@given(st.lists(CENTS, min_size=1, max_size=5), st.integers(1, 4), st.data())
def test_money_that_adds_up_is_complete_and_other_money_is_not(
    prices: list[int], parts: int, data: st.DataObject
) -> None:
    """However the payment is cut, it is complete; a euro more or less contradicts."""
    owed = sum(prices) + 1000 * len(prices)
    cuts = sorted(data.draw(st.lists(st.integers(1, owed), min_size=parts - 1, max_size=parts - 1)))
    paid = [high - low for low, high in zip([0, *cuts], [*cuts, owed], strict=True)]
    off = data.draw(st.sampled_from([0, 100, -100]))
    items = [
        {"order_no": "A", "item_no": n, "product_no": "P", "seller_no": f"S{n % 2}",
         "price": Decimal(price) / 100, "freight": "10"}
        for n, price in enumerate(prices)
    ]  # fmt: skip
    payments = [
        {"order_no": "A", "sequence": n, "method": "card", "amount": Decimal(amount) / 100}
        for n, amount in enumerate([*paid[:-1], max(paid[-1] + off, 0)])
    ]
    found = orders.check(
        {
            "order": table("order", [DELIVERED]),
            "order_item": table("order_item", items),
            "order_payment": table("order_payment", payments),
        },
        as_of=AS_OF,
    )
    row = found.orders.row(0, named=True)
    assert row["owed_minor"] == owed
    assert row["difference_minor"] == row["paid_minor"] - owed
    is_near = abs(row["difference_minor"]) <= len(prices) + len(payments)
    assert (row["status"] == Status.COMPLETE.value) == is_near
    # The sellers' parts are the whole order.
    assert found.lines["amount_minor"].sum() == owed
    assert found.sellers["turnover_minor"].sum() == owed


CASES: list[tuple[Reason, Status, Mapping[str, object], list[str], str]] = [
    (Reason.DELIVERED_UNPAID, Status.CONTRADICTING, DELIVERED, [], "100.00"),
    (Reason.PAID_TWICE, Status.CONTRADICTING, DELIVERED, ["110.00", "110.00"], "100.00"),
    (Reason.UNDERPAID, Status.CONTRADICTING, DELIVERED, ["58.38"], "100.00"),
    (Reason.OVERPAID, Status.CONTRADICTING, DELIVERED, ["118.94"], "100.00"),
    (
        Reason.CANCELLED_DELIVERED,
        Status.CONTRADICTING,
        {**DELIVERED, "status": "cancelled"},
        ["110.00"],
        "100.00",
    ),
    (
        Reason.TIMES,
        Status.CONTRADICTING,
        {**DELIVERED, "handed_to_carrier_at": at(10)},
        ["110.00"],
        "100.00",
    ),
    (Reason.NO_ITEMS, Status.PARTLY, DELIVERED, ["0.00"], ""),
    (Reason.CANCELLED_PAID, Status.PARTLY, CANCELLED, ["110.00"], "100.00"),
    (Reason.CANCELLED, Status.PARTLY, CANCELLED, [], "100.00"),
    (Reason.UNPAID, Status.PARTLY, OPEN, [], "100.00"),
    (Reason.UNDELIVERED, Status.PARTLY, OPEN, ["110.00"], "100.00"),
    (
        Reason.ON_THE_WAY,
        Status.PARTLY,
        {**OPEN, "promised_at": at(100)},
        ["110.00"],
        "100.00",
    ),
    (Reason.UNDATED, Status.PARTLY, {**DELIVERED, "delivered_at": None}, ["110.00"], "100.00"),
    (
        Reason.DELIVERED_LATE,
        Status.COMPLETE,
        {**DELIVERED, "delivered_at": at(21)},
        ["110.00"],
        "100.00",
    ),
    (
        Reason.SHIPPED_LATE,
        Status.COMPLETE,
        {**DELIVERED, "handed_to_carrier_at": at(6)},
        ["110.00"],
        "100.00",
    ),
]


@pytest.mark.parametrize(("reason", "status", "order", "paid", "price"), CASES)
def test_it_says_why(
    reason: Reason, status: Status, order: Mapping[str, object], paid: list[str], price: str
) -> None:
    """One line of CASES: this order has this status, for this reason among others."""
    found = checked(order, paid=paid, price=price).orders.row(0, named=True)
    assert reason.value in found["reasons"]
    assert found["status"] == status.value


def test_every_reason_is_tried_and_worded() -> None:
    """CASES follows the enum; the last reason needs two orders and has its own test."""
    assert [reason for reason, *_ in CASES] == [one for one in Reason if one != Reason.REPEATED]
    assert all(TEXTS[one].zh and TEXTS[one].en for one in Reason)
    assert {TEXTS[one].effect for one in Reason} == set(Effect)


def test_a_promised_day_is_kept_until_midnight() -> None:
    """Promised for the 20th, delivered in the afternoon of the 20th."""
    found = checked({**DELIVERED, "delivered_at": at(20, 15)}, paid=["110.00"]).orders
    assert found["reasons"].to_list() == [[]]
    assert found["days_late"].to_list() == [0]


def test_the_same_basket_within_a_day_is_a_finding() -> None:
    """Same person, goods and price seventy minutes apart; a month apart is a loyal customer."""
    rows = [
        {**DELIVERED, "order_no": name, "customer_no": name, "ordered_at": moment}
        for name, moment in (("A", at(1)), ("B", at(1, 14)), ("C", at(2, 15)))
    ]
    tables = {
        "order": table("order", rows),
        "order_item": table(
            "order_item",
            [{"order_no": n, "item_no": 1, "product_no": "P", "price": "5"} for n in "ABC"],
        ),
        "order_payment": table(
            "order_payment", [{"order_no": n, "sequence": 1, "amount": "5"} for n in "ABC"]
        ),
        "order_customer": table(
            "order_customer", [{"customer_no": n, "person_no": "Z"} for n in "ABC"]
        ),
    }
    found = orders.check(tables, as_of=AS_OF)
    assert found.findings.select("type", "record_ids").rows() == [("duplicate_order", "A;B")]
    assert found.orders["repeats"].to_list() == [None, "A", None]
    assert Reason.REPEATED.value in found.orders["reasons"].to_list()[1]
    assert found.counts() == {"complete": 3, "partly": 0, "contradicting": 0}


def test_documents_of_no_order_are_findings() -> None:
    """A payment and an item whose order nobody sent."""
    found = orders.check(
        {
            "order_payment": table(
                "order_payment", [{"order_no": "X", "sequence": 1, "amount": 1}]
            ),
            "order_item": table("order_item", [{"order_no": "Y", "item_no": 1, "price": 1}]),
        },
        as_of=AS_OF,
    )
    assert found.findings.select("type", "record_ids").rows() == [
        ("payment_without_order", "X"),
        ("item_without_order", "Y"),
    ]


def test_a_past_day_knows_nothing_of_later() -> None:
    """On 5 May the order of 1 May is on its way, and one of 6 May does not exist."""
    early = checked(DELIVERED, paid=["110.00"], as_of=date(2018, 5, 5)).orders
    assert early["reasons"].to_list() == [[Reason.ON_THE_WAY.value]]
    none = checked(DELIVERED, paid=["110.00"], as_of=date(2018, 4, 30))
    assert none.orders.height == 0
    assert none.sellers.height == 0


def test_no_tables_give_empty_frames() -> None:
    """Nothing in, nothing out, with all columns."""
    found = orders.check({}, as_of=AS_OF)
    assert found.counts() == dict.fromkeys((one.value for one in Status), 0)
    assert found.orders.width == checked(DELIVERED, paid=[]).orders.width
    assert orders.last_day({}) is None


def test_the_shared_shop() -> None:
    """Money differs for about 0.3% of real orders; nothing is dropped."""
    tables = read(shared("data", "orders"), builtin()["orders"], as_of=date(2024, 12, 31)).tables
    last = orders.last_day(tables)
    assert last is not None
    found = orders.check(tables, as_of=last)
    assert found.orders.height == tables["order"].height
    wrong = [Reason.UNDERPAID.value, Reason.OVERPAID.value, Reason.PAID_TWICE.value]
    share = found.orders.select(
        (pl.col("reasons").list.set_intersection(wrong).list.len() > 0).mean()
    ).item()
    assert 0.001 < share < 0.006
    assert found.sellers["orders"].sum() == found.lines.height
