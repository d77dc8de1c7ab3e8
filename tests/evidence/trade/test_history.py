"""History of shops and invoices: exactly the frames that credit reads.

Goal: what is checked here can be rated there, though neither package knows the other. Method: the
columns against credit's own list; small checks whose trades are known by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import polars as pl

from support.canonical_tables import table
from tallyport.credit.history import history_of
from tallyport.evidence.trade import orders, receivables
from tallyport.evidence.trade.history import of_orders, of_receivables

AS_OF = date(2018, 6, 30)
ORDER: Mapping[str, object] = {
    "order_no": "A",
    "customer_no": "K",
    "status": "delivered",
    "ordered_at": datetime(2018, 5, 1, tzinfo=UTC),
    "delivered_at": datetime(2018, 5, 9, tzinfo=UTC),
    "promised_at": datetime(2018, 5, 5, tzinfo=UTC),
}


def shop(*, paid: str | None) -> dict[str, pl.DataFrame]:
    """Return the history of one order of two sellers."""
    items = [
        {"order_no": "A", "item_no": n, "seller_no": seller, "price": price}
        for n, (seller, price) in enumerate([("S", "60.00"), ("T", "40.00")])
    ]
    payments = [] if paid is None else [{"order_no": "A", "sequence": 1, "amount": paid}]
    checked = orders.check(
        {
            "order": table("order", [ORDER]),
            "order_item": table("order_item", items),
            "order_payment": table("order_payment", payments),
        },
        as_of=AS_OF,
    )
    return of_orders(checked)


def test_credit_takes_both() -> None:
    """Also when there is nothing."""
    for frames in (
        shop(paid="100.00"),
        of_orders(orders.check({}, as_of=AS_OF)),
        of_receivables(receivables.check({}, as_of=AS_OF)),
    ):
        assert history_of(frames, as_of=AS_OF, currency="BRL").currency == "BRL"


def test_an_order_is_a_trade_of_each_seller() -> None:
    """A late order of two sellers: each has its part of the money."""
    trades = shop(paid="100.00")["trades"]
    columns = ("subject", "role", "amount_minor", "evidence_bp", "delivered", "on_time")
    assert trades.select(columns).rows() == [
        ("S", "merchant", 6_000, 10_000, True, False),
        ("T", "merchant", 4_000, 10_000, True, False),
    ]
    assert trades["transit_days"].to_list() == [8, 8]
    assert trades["value_agrees"].to_list() == [True, True]


def test_without_payments_nobody_knows_whether_the_money_agrees() -> None:
    """Unknown is not true; and an order that nobody paid proves nothing."""
    trades = shop(paid=None)["trades"]
    assert trades["value_agrees"].to_list() == [None, None]
    assert trades["evidence_bp"].to_list() == [0, 0]


def test_an_invoice_is_a_trade_and_a_due() -> None:
    """Open on the as-of day; nothing is said about disputes, so nothing is known of them."""
    rows = [
        {"invoice_no": "I1", "customer_no": "K", "issued_on": date(2018, 5, 1), "amount": "12.50",
         "due_on": date(2018, 5, 31), "settled_on": date(2018, 7, 1), "currency": "USD"}
    ]  # fmt: skip
    frames = of_receivables(
        receivables.check({"receivable": table("receivable", rows)}, as_of=AS_OF)
    )
    assert frames["dues"].select("subject", "due_on", "amount_minor", "paid_on").rows() == [
        ("K", date(2018, 5, 31), 1_250, None)
    ]
    assert frames["trades"]["disputed"].to_list() == [None]
    assert frames["subjects"].rows() == [("K", "customer", "K")]


def test_a_finding_is_a_remark_about_whose_record_it_names() -> None:
    """Two invoices that look like one count against their customer, once."""
    rows = [
        {
            "invoice_no": f"I{n}",
            "customer_no": "K",
            "issued_on": date(2018, 5, 1),
            "amount": "12.50",
        }
        for n in range(2)
    ]
    frames = of_receivables(
        receivables.check({"receivable": table("receivable", rows)}, as_of=AS_OF)
    )
    assert frames["remarks"].select("subject", "type", "probability_bp").rows() == [
        ("K", "duplicate_invoice", 5_000)
    ]
