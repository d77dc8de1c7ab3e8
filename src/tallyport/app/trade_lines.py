"""From checked trades to lines (贸易成行): what pages show of orders, invoices, hauls and firms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tallyport.app.appraisal import NO_CURRENCY, Appraisal
from tallyport.evidence.trade.freight.model import FreightCheck
from tallyport.evidence.trade.orders import OrderCheck
from tallyport.evidence.trade.receivables import BUCKETS, ReceivablesCheck
from tallyport.kernel.money import Money
from tallyport.projections.queries.trades import SettlementLine, TradeLine

RECORDS_MAX = 50  # Beside one trade; its page leads to the others.


def trade_lines(appraisal: Appraisal) -> Iterator[TradeLine]:
    """Yield one line an order, invoice and haul."""
    if appraisal.orders is not None:
        yield from _orders(appraisal.orders)
    if appraisal.receivables is not None:
        yield from _invoices(appraisal.receivables)
    if appraisal.freight is not None:
        yield from _hauls(appraisal.freight)


def settlement_lines(appraisal: Appraisal) -> Iterator[SettlementLine]:
    """Yield one line a merchant, customer, shipper and carrier."""
    if appraisal.orders is not None:
        yield from _merchants(appraisal.orders)
    if appraisal.receivables is not None:
        yield from _customers(appraisal.receivables)
    if appraisal.freight is not None:
        yield from _settled(appraisal.freight, "shipper", appraisal.freight.shippers)
        yield from _settled(appraisal.freight, "carrier", appraisal.freight.carriers)


def _orders(check: OrderCheck) -> Iterator[TradeLine]:
    for row in check.orders.iter_rows(named=True):
        yield TradeLine(
            id=f"order:{row['order_no']}",
            kind="order",
            party=row["customer_no"] or "",
            counterparty="",
            status=row["status"],
            reasons=tuple(row["reasons"]),
            agreed=Money(row["owed_minor"], NO_CURRENCY),
            paid=Money(row["paid_minor"], NO_CURRENCY),
            opened_on=row["ordered_on"],
            done_on=row["delivered_on"],
            days_late=row["days_late"],
            records=(),
        )


def _invoices(check: ReceivablesCheck) -> Iterator[TradeLine]:
    for row in check.invoices.iter_rows(named=True):
        late = row["days_late"] > 0
        amount = Money(row["amount_minor"], row["currency"] or NO_CURRENCY)
        yield TradeLine(
            id=f"receivable:{row['invoice_no']}",
            kind="receivable",
            party=row["customer_no"],
            counterparty="",
            status=("overdue" if late else "open")
            if row["is_open"]
            else ("settled_late" if late else "settled"),
            reasons=("disputed",) if row["is_disputed"] else (),
            agreed=amount,
            paid=None if row["is_open"] else amount,
            opened_on=row["issued_on"],
            done_on=row["settled_on"],
            days_late=row["days_late"],
            records=(),
        )


def _hauls(check: FreightCheck) -> Iterator[TradeLine]:
    for row in check.hauls.iter_rows(named=True):
        took = (row["paid_on"] - row["signed_on"]).days if row["paid_on"] else None
        bills = [f"freight_bill:{number}" for number in row["bills"]]
        flows = [f"fund_flow:{number}" for number in row["flows"]]
        yield TradeLine(
            id=f"haul:{row['haul_no']}",
            kind="haul",
            party=row["shipper_no"],
            counterparty=row["carrier_no"],
            status=row["status"],
            reasons=tuple(row["reasons"]),
            agreed=Money(row["agreed_minor"], check.currency),
            paid=Money(row["paid_minor"], check.currency),
            opened_on=row["loaded_on"],
            done_on=row["signed_on"],
            days_late=took,
            records=tuple([*bills, *flows][:RECORDS_MAX]),
        )


def _merchants(check: OrderCheck) -> Iterator[SettlementLine]:
    for row in check.sellers.iter_rows(named=True):
        yield SettlementLine(
            id=f"merchant:{row['seller_no']}",
            role="merchant",
            party=row["seller_no"],
            name=row["seller_no"],
            trades=row["orders"],
            amount=Money(row["turnover_minor"], NO_CURRENCY),
            settled=None,
            open=None,
            late_bp=row["late_bp"],
            days_to_pay_tenths=None,
            ageing=(),
        )


def _customers(check: ReceivablesCheck) -> Iterator[SettlementLine]:
    took = (
        check.invoices.filter(pl.col("settled_on").is_not_null())
        .with_columns(days=(pl.col("settled_on") - pl.col("issued_on")).dt.total_days())
        .group_by("customer_no", "currency")
        .agg(
            days=(
                (pl.col("days") * pl.col("amount_minor")).sum() * 10 // pl.col("amount_minor").sum()
            )
        )
    )
    rows = check.customers.join(took, on=["customer_no", "currency"], how="left", nulls_equal=True)
    for row in rows.sort("customer_no", "currency").iter_rows(named=True):
        yield _settlement(
            row,
            role="customer",
            party=row["customer_no"],
            name=row["customer_no"],
            currency=row["currency"] or NO_CURRENCY,
        )


def _settled(check: FreightCheck, role: str, parties: pl.DataFrame) -> Iterator[SettlementLine]:
    rows = parties.rename({"dues": "invoices", "days_to_pay_tenths": "days"})
    for row in rows.iter_rows(named=True):
        yield _settlement(
            row, role=role, party=row["party_no"], name=row["name"], currency=check.currency
        )


def _settlement(
    row: Mapping[str, Any], *, role: str, party: str, name: str, currency: str
) -> SettlementLine:
    """Return the line of a party whose open amounts are aged."""
    return SettlementLine(
        id=f"{role}:{party}",
        role=role,
        party=party,
        name=name,
        trades=row["invoices"],
        amount=Money(row["amount_minor"], currency),
        settled=Money(row["amount_minor"] - row["open_minor"], currency),
        open=Money(row["open_minor"], currency),
        late_bp=row["late_bp"],
        days_to_pay_tenths=row["days"],
        ageing=tuple(row[bucket] for bucket in BUCKETS),
    )
