"""A head says what its lines add up to (表头与明细): totals, counts, currencies.

    contract XJYO-2024040401   total 311,560.00   12 vehicles
    its lines                  Σ price            12 lines          must be equal

Where a line has no value, or none of the lines was delivered, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import polars as pl

from tallyport.evidence.quality.model import Check, Level, Tables, number, places, told

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """`field` of a `head` is what its records of `line` sum up to, or how many they are."""

    rule: str
    head: str
    field: str
    line: str
    on: tuple[str, ...]
    of: str | None  # The field of the lines that is summed; None counts them.
    zh: str
    en: str


TOTALS = (
    Total(
        rule="contract_total_is_not_sum_of_lines",
        head="contract",
        field="total",
        line="contract_line",
        on=("contract_no",),
        of="price",
        zh="合同总价与明细之和不符",
        en="the contract total is not the sum of its lines",
    ),
    Total(
        rule="contract_vehicles_are_not_its_lines",
        head="contract",
        field="vehicles",
        line="contract_line",
        on=("contract_no",),
        of=None,
        zh="合同台数与明细行数不符",
        en="the contract names another number of vehicles than it has lines",
    ),
    Total(
        rule="declaration_total_is_not_sum_of_lines",
        head="declaration",
        field="total",
        line="declaration_line",
        on=("declaration_no",),
        of="total",
        zh="报关单总价与商品项之和不符",
        en="the declared total is not the sum of its goods",
    ),
    Total(
        rule="declaration_vehicles_are_not_its_lines",
        head="declaration",
        field="vehicles",
        line="declaration_line",
        on=("declaration_no",),
        of="vehicles",
        zh="报关单件数与商品项数量之和不符",
        en="the declaration names another number of vehicles than its goods",
    ),
    Total(
        rule="waybill_vehicles_are_not_its_lines",
        head="waybill",
        field="vehicles",
        line="waybill_vehicle",
        on=("waybill_no",),
        of=None,
        zh="运单台数与车辆清单不符",
        en="the waybill names another number of vehicles than its list",
    ),
    Total(
        rule="statement_entries_are_not_its_count",
        head="bank_statement",
        field="entries",
        line="bank_entry",
        on=("account_no", "statement_no"),
        of=None,
        zh="对账单笔数与流水不符",
        en="the statement names another number of entries than were delivered",
    ),
)


def _wrong_total(tables: Tables, total: Total) -> pl.DataFrame:
    lines = tables[total.line]
    summed = pl.len() if total.of is None else pl.col(total.of).sum()
    known = pl.lit(value=True) if total.of is None else pl.col(total.of).is_not_null().all()
    sums = lines.group_by(total.on).agg(
        summed.alias("sum"), known.alias("known"), places().alias("related")
    )
    joined = tables[total.head].join(sums, on=total.on, how="inner", maintain_order="left")
    gap = (pl.col(total.field) - pl.col("sum").cast(joined.schema[total.field])).abs()
    wrong = joined.filter(pl.col("known"), gap >= CENT)
    return told(
        wrong,
        key=pl.concat_str(total.on, separator=" "),
        field=total.field,
        expected=number(pl.col("sum")),
        came=number(pl.col(total.field)),
        related=pl.col("related"),
    )


def _other_currency(tables: Tables, head: str, line: str, on: str) -> pl.DataFrame:
    """Find heads one of whose lines is in another currency."""
    lines = tables[line].select(on, pl.col("currency").alias("other"), "file", "line")
    lines = lines.group_by(on, "other", maintain_order=True).agg(places().alias("related"))
    joined = tables[head].join(lines, on=on, how="inner", maintain_order="left")
    wrong = joined.filter(pl.col("currency") != pl.col("other"))
    return told(
        wrong,
        key=on,
        field="currency",
        expected=pl.col("other"),
        came=pl.col("currency"),
        related=pl.col("related"),
    )


def _wrong_line(tables: Tables) -> pl.DataFrame:
    """Find goods whose value is not price times number; a price is rounded to the cent."""
    product = pl.col("unit_price") * pl.col("vehicles")
    gap = (pl.col("total") - product).abs()
    wrong = tables["declaration_line"].filter(gap > CENT * pl.col("vehicles"))
    return told(
        wrong,
        key=pl.concat_str("declaration_no", "line_no", separator=" "),
        field="total",
        expected=number(product),
        came=number(pl.col("total")),
    )


def _wrong_invoice(tables: Tables) -> pl.DataFrame:
    total = pl.col("net_cny") + pl.col("tax_cny")
    wrong = tables["invoice"].filter((pl.col("total_cny") - total).abs() >= CENT)
    return told(
        wrong,
        key="invoice_no",
        field="total_cny",
        expected=number(total),
        came=number(pl.col("total_cny")),
    )


RATE_PLACE = Decimal("0.000001")  # Invoices show six places of a rate.


def _wrong_exchange(tables: Tables) -> pl.DataFrame:
    """Find invoices whose amount is not the foreign one at the rate that they show."""
    product = pl.col("foreign_total") * pl.col("exchange_rate")
    slack = CENT + pl.col("foreign_total").abs() * RATE_PLACE
    wrong = tables["invoice"].filter((pl.col("net_cny") - product).abs() > slack)
    return told(
        wrong,
        key="invoice_no",
        field="net_cny",
        expected=number(product.round(2)),
        came=number(pl.col("net_cny")),
    )


CHECKS: Sequence[Check] = (
    *(
        Check(
            rule=total.rule,
            level=Level.CONTRADICTION,
            kind=total.head,
            zh=total.zh,
            en=total.en,
            find=partial(_wrong_total, total=total),
        )
        for total in TOTALS
    ),
    Check(
        rule="contract_currency_is_not_that_of_lines",
        level=Level.CONTRADICTION,
        kind="contract",
        zh="合同币种与明细不符",
        en="the contract has another currency than one of its lines",
        find=partial(_other_currency, head="contract", line="contract_line", on="contract_no"),
    ),
    Check(
        rule="declaration_currency_is_not_that_of_lines",
        level=Level.CONTRADICTION,
        kind="declaration",
        zh="报关单币制与商品项不符",
        en="the declaration has another currency than one of its goods",
        find=partial(
            _other_currency, head="declaration", line="declaration_line", on="declaration_no"
        ),
    ),
    Check(
        rule="goods_value_is_not_price_times_number",
        level=Level.CONTRADICTION,
        kind="declaration_line",
        zh="商品项总价不等于单价乘数量",
        en="the value of the goods is not their price times their number",
        find=_wrong_line,
    ),
    Check(
        rule="invoice_total_is_not_net_and_tax",
        level=Level.CONTRADICTION,
        kind="invoice",
        zh="价税合计不等于金额加税额",
        en="the invoice total is not net amount and tax",
        find=_wrong_invoice,
    ),
    Check(
        rule="invoice_amount_is_not_at_its_rate",
        level=Level.CONTRADICTION,
        kind="invoice",
        zh="发票金额与汇率折算不符",
        en="the invoice amount is not the foreign one at the rate it shows",
        find=_wrong_exchange,
    ),
)
