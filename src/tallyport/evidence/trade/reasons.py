"""Reasons (理由): what a three-document check can say about an order, and what follows from it.

contradicts   two documents cannot both be right        the order is `contradicting`
lacks         a document that must be there is missing  the order is `partly`
notes         worth knowing; the documents agree        the order stays `complete`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Status(StrEnum):
    """How the three documents of an order fit together."""

    COMPLETE = "complete"  # 一致
    PARTLY = "partly"  # 部分一致
    CONTRADICTING = "contradicting"  # 矛盾


@unique
class Effect(StrEnum):
    """What a reason does to the status."""

    CONTRADICTS = "contradicts"
    LACKS = "lacks"
    NOTES = "notes"


@unique
class Reason(StrEnum):
    """What is the matter with an order, the graver first."""

    DELIVERED_UNPAID = "delivered_but_not_paid"
    PAID_TWICE = "one_payment_came_twice"
    UNDERPAID = "paid_less_than_owed"
    OVERPAID = "paid_more_than_owed"
    CANCELLED_DELIVERED = "cancelled_but_delivered"
    TIMES = "times_out_of_order"
    NO_ITEMS = "no_items"
    CANCELLED_PAID = "cancelled_but_paid"
    CANCELLED = "cancelled"
    UNPAID = "not_paid"
    UNDELIVERED = "paid_but_not_delivered_in_time"
    ON_THE_WAY = "not_delivered_yet"
    UNDATED = "delivered_without_a_date"
    DELIVERED_LATE = "delivered_after_promise"
    SHIPPED_LATE = "handed_over_after_limit"
    REPEATED = "repeats_an_earlier_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A reason in both languages."""

    effect: Effect
    zh: str
    en: str


def _contradicts(zh: str, en: str) -> Text:
    return Text(effect=Effect.CONTRADICTS, zh=zh, en=en)


def _lacks(zh: str, en: str) -> Text:
    return Text(effect=Effect.LACKS, zh=zh, en=en)


def _notes(zh: str, en: str) -> Text:
    return Text(effect=Effect.NOTES, zh=zh, en=en)


TEXTS: Mapping[Reason, Text] = {
    Reason.DELIVERED_UNPAID: _contradicts(
        "已交付但无付款", "delivered, though no payment is recorded"
    ),
    Reason.PAID_TWICE: _contradicts(
        "同一付款重复", "one payment came twice, and the order is overpaid by just that amount"
    ),
    Reason.UNDERPAID: _contradicts("付款少于应付", "payments are below items plus freight"),
    Reason.OVERPAID: _contradicts("付款多于应付", "payments are above items plus freight"),
    Reason.CANCELLED_DELIVERED: _contradicts(
        "已取消却显示交付", "cancelled, though a delivery is recorded"
    ),
    Reason.TIMES: _contradicts(
        "时间顺序矛盾", "delivered before it was handed over, or handed over before it was ordered"
    ),
    Reason.NO_ITEMS: _lacks("无订单明细", "the order has no items"),
    Reason.CANCELLED_PAID: _lacks(
        "已取消但无退款记录", "cancelled and paid; no refund is recorded"
    ),
    Reason.CANCELLED: _lacks("已取消", "cancelled: there is no trade"),
    Reason.UNPAID: _lacks("未付款", "no payment is recorded"),
    Reason.UNDELIVERED: _lacks(
        "已付款但逾期未交付", "paid; the promised day has passed without a delivery"
    ),
    Reason.ON_THE_WAY: _lacks("尚未交付", "not delivered yet; the promised day has not passed"),
    Reason.UNDATED: _lacks(
        "交付无日期", "said to be delivered, but no day of delivery is recorded"
    ),
    Reason.DELIVERED_LATE: _notes("晚于承诺日交付", "delivered after the promised day"),
    Reason.SHIPPED_LATE: _notes("晚于期限发货", "handed to the carrier after the limit"),
    Reason.REPEATED: _notes(
        "疑似重复订单", "same person, same goods, same prices within a day of an earlier order"
    ),
}


def with_effect(effect: Effect) -> list[str]:
    """Return the reasons that have `effect`."""
    return [reason.value for reason in Reason if TEXTS[reason].effect is effect]
