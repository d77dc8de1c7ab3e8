"""The table of indicators (指标表). A card weighs them by name; their meaning is fixed here."""

from __future__ import annotations

from collections.abc import Mapping

from tallyport.credit.indicators import delivering, paying, proving, trading
from tallyport.credit.indicators.model import Direction, Indicator, Rows, Unit

_SCALES = {Unit.SHARE_BP: 10_000, Unit.DAYS_TENTHS: 10, Unit.DAYS: 1, Unit.POINTS: 1}


def _indicator(name: str, words: str, unit: Unit, direction: Direction, rows: Rows) -> Indicator:
    zh, _, en = words.partition(" / ")
    scale = _SCALES[unit]
    return Indicator(
        name=name, zh=zh, en=en, unit=unit, direction=direction, scale=scale, rows=rows
    )


_SHARE, _TENTHS, _UP, _DOWN = Unit.SHARE_BP, Unit.DAYS_TENTHS, Direction.UP, Direction.DOWN
_TABLE = (
    _indicator(
        "purchase_stability", "采购稳定性 / months with a trade", _SHARE, _UP, trading.months
    ),
    _indicator("order_size_trend", "订单规模趋势 / order size trend", _SHARE, _UP, trading.sizes),
    _indicator(
        "concentration", "集中度 / largest counterparty", _SHARE, _DOWN, trading.counterparties
    ),
    _indicator("experience", "合作时长 / days since first trade", Unit.DAYS, _UP, trading.ages),
    _indicator(
        "payment_punctuality", "付款及时性 / money paid in time", _SHARE, _UP, paying.money_in_time
    ),
    _indicator(
        "prompt_bills", "按期笔数占比 / bills paid in time", _SHARE, _UP, paying.bills_in_time
    ),
    _indicator("days_late", "平均逾期天数 / days late", _TENTHS, _DOWN, paying.days_late),
    _indicator("default_share", "违约占比 / money in default", _SHARE, _DOWN, paying.defaulted),
    _indicator("dispute_share", "争议退款占比 / disputed trades", _SHARE, _DOWN, paying.disputes),
    _indicator(
        "evidence_completeness", "证据完整度 / proven trades", _SHARE, _UP, proving.evidence
    ),
    _indicator(
        "value_consistency",
        "申报与合同一致性 / declared as agreed",
        _SHARE,
        _UP,
        proving.values_agree,
    ),
    _indicator("customs_compliance", "海关合规 / clean declarations", _SHARE, _UP, proving.customs),
    _indicator(
        "findings_severity",
        "风险发现 / findings for 100 trades",
        Unit.POINTS,
        _DOWN,
        proving.findings,
    ),
    _indicator("data_quality", "数据质量 / usual cells filled", _SHARE, _UP, proving.cells),
    _indicator(
        "delivery_success", "交付成功率 / goods that arrived", _SHARE, _UP, delivering.arrived
    ),
    _indicator("logistics_time", "物流时效 / days on the way", _TENTHS, _DOWN, delivering.transit),
    _indicator(
        "delivery_on_time", "准时交付率 / delivered as promised", _SHARE, _UP, delivering.punctual
    ),
)

INDICATORS: Mapping[str, Indicator] = {indicator.name: indicator for indicator in _TABLE}
