"""How a rating explains itself (评级说明): one sentence a reason, in Chinese and English."""

from __future__ import annotations

from tallyport.credit.card import Binned, Grade
from tallyport.credit.indicators.model import Direction, Unit
from tallyport.credit.measuring import Measure
from tallyport.kernel import ratio

FINDINGS = {
    "sanctioned_party": ("涉制裁名单", "on the watch list"),
    "circular_payment": ("资金回流", "the seller's own money came back as payment"),
    "refund_after_financing": ("融资后退款", "money went back after financing"),
    "payment_default": ("付款违约", "payments in default"),
    "bill_overdue": ("账单逾期未付", "bills that were not paid"),
    "truck_in_two_places": ("同车同时承运两单", "a truck in two places at one time"),
}
_UNITS = {
    Unit.DAYS: ("天", " days"),
    Unit.DAYS_TENTHS: ("天", " days"),
    Unit.POINTS: ("分/百笔", " points for 100 trades"),
}


def shown(value: int, unit: Unit) -> tuple[str, str]:
    """Return a value as people read it: 9120 bp is 91.2%, 83 tenths are 8.3 days."""
    match unit:
        case Unit.SHARE_BP:
            permille = ratio.half_up(value, 10)
            text = f"{permille // 10}.{permille % 10}%"
            return text, text
        case Unit.DAYS_TENTHS:
            number = f"{value // 10}.{value % 10}"
        case Unit.DAYS | Unit.POINTS:
            number = str(value)
    zh, en = _UNITS[unit]
    return f"{number}{zh}", f"{number}{en}"


def cost(binned: Binned, measure: Measure | None, lost: int) -> tuple[str, str]:
    """Say what an indicator cost and what would have earned all points."""
    indicator = binned.indicator
    zh_best, en_best = shown(binned.bins[0][0], indicator.unit)
    is_up = indicator.direction is Direction.UP
    zh_bound, en_bound = ("不低于", "at least") if is_up else ("不高于", "at most")
    zh_now, en_now = ("无数据", "no data")
    if measure is not None:
        zh_now, en_now = shown(measure.value, indicator.unit)
    return (
        f"{indicator.zh}：{zh_now}，满分须{zh_bound}{zh_best}，失{lost}分",
        f"{indicator.en}: {en_now}; all points from {en_bound} {en_best}; cost {lost}",
    )


def ceiling(finding: str, count: int, grade: Grade) -> tuple[str, str]:
    """Say which finding holds a grade down."""
    zh, en = FINDINGS.get(finding, (finding, finding.replace("_", " ")))
    return (f"{zh}（{count}项），等级不高于{grade}", f"{en} ({count}); no better than {grade}")


def thin(trades: int, wanted: int, grade: Grade) -> tuple[str, str]:
    """Say that there is too little to judge by."""
    return (
        f"近一年仅{trades}笔交易，少于{wanted}笔，等级不高于{grade}",
        f"{trades} trades in the window, fewer than {wanted}; no better than {grade}",
    )
