"""All kinds of findings (全部疑点), in the order in which an analyst reads them."""

from __future__ import annotations

from itertools import chain

import polars as pl

from tallyport.evidence.linkage.findings import locks, papers, payments, persons, stock, vehicles
from tallyport.evidence.linkage.findings.finding import frame
from tallyport.evidence.linkage.trade import Trade

KINDS = (
    vehicles.odometer_rollback,
    vehicles.double_sale,
    vehicles.never_arrived,
    papers.duplicate_invoice,
    papers.duplicate_receipt,
    papers.phantom_declaration,
    papers.wrong_value,
    payments.late_payment,
    payments.payment_default,
    payments.circular_payment,
    payments.third_party_high_risk,
    payments.refund_after_financing,
    persons.sanctioned_party,
    locks.locks,
)


def findings(
    trade: Trade, parties: pl.DataFrame, *, stock_days: int = stock.STOCK_DAYS
) -> pl.DataFrame:
    """Return the findings of every kind; what stands longer than `stock_days` stands too long."""
    usual = (row for kind in KINDS for row in kind(trade, parties))
    return frame(chain(usual, stock.stock(trade, stock_days)))
