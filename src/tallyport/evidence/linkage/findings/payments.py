"""Findings on payments (资金疑点): late, missing, from oneself, from strangers, or sent back."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tallyport.evidence.linkage.allocations import INSTALMENT
from tallyport.evidence.linkage.bank_text import Money
from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.exchange import in_dollars
from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.receipts import worth
from tallyport.evidence.linkage.trade import Trade

LATE_DAYS, DEFAULT_DAYS = 30, 60
SHARE_MIN = 0.2
ROUND_TRIP_DAYS = 21  # From the seller to its friend and back as a "payment".
ROUND_TRIP_LOSS = 0.05  # Fees on the way.
MOST = 0.5  # "Most of its money".
SURE = 0.9  # A payment placed with less may belong elsewhere.
ALIKE = 0.01  # Charges and rounding between a payment and what it is for.
UNLIKELY = 0.4


def late_payment(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """A fifth or more of an instalment came more than 30 days after it was due."""
    days = trade.paid.select("entry_no", "booked_on")
    rows = (
        trade.settled.join(days, on="entry_no", maintain_order="left")
        .join(trade.asked, on=INSTALMENT, maintain_order="left")
        .with_columns(late=(pl.col("booked_on") - pl.col("due")).dt.total_days())
        .filter(pl.col("late") > LATE_DAYS)
        .group_by("contract_no", "item", "shipment", maintain_order=True)
        .agg(
            pl.col("settled_minor").sum(),
            pl.col("amount_minor").first(),
            pl.col("late").max(),
            pl.col("entry_no"),
        )
        .filter(pl.col("settled_minor") >= SHARE_MIN * pl.col("amount_minor"))
        .unique("contract_no", keep="first", maintain_order=True)
    )
    for one in rows.iter_rows(named=True):
        yield row(
            "late_payment",
            [one["contract_no"], *one["entry_no"][:3]],
            0.9,
            f"{one['settled_minor'] / one['amount_minor']:.0%} of the {one['item']} came up to"
            f" {one['late']} days late",
        )


def payment_default(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """A fifth or more of an instalment is unpaid 60 days after it was due.

    Where a payment that nobody could place for sure may have paid it, that is less likely than not.
    """
    settled = trade.settled.group_by(INSTALMENT).agg(pl.col("settled_minor").sum())
    rows = (
        trade.asked.join(settled, on=INSTALMENT, how="left", maintain_order="left")
        .with_columns(
            unpaid=pl.col("amount_minor") - pl.col("settled_minor").fill_null(0),
            days=(pl.lit(trade.as_of) - pl.col("due")).dt.total_days(),
        )
        .filter(
            (pl.col("days") > DEFAULT_DAYS)
            & (pl.col("amount_minor") > 0)
            & (pl.col("unpaid") >= SHARE_MIN * pl.col("amount_minor"))
        )
        .join(_banked(trade), on="contract_no", how="semi", maintain_order="left")
    )
    doubts = dict(_may_be_paid(trade, rows).iter_rows())
    for one in rows.unique("contract_no", keep="first", maintain_order=True).iter_rows(named=True):
        entry_no = doubts.get(one["contract_no"])
        yield row(
            "payment_default",
            [one["contract_no"], entry_no],
            UNLIKELY if entry_no else 0.9,
            f"{one['unpaid'] / one['amount_minor']:.0%} of the {one['item']} is unpaid"
            f" {one['days']} days after it was due"
            + (f", unless {entry_no} is for it" if entry_no else ""),
        )


def _may_be_paid(trade: Trade, unpaid: pl.DataFrame) -> pl.DataFrame:
    """Return `contract_no` and the first payment, placed nowhere for sure, that may be for it.

    It is one that is offered to the agreement, or is worth what is unpaid of it.
    """
    sure = trade.settled.group_by("entry_no").agg(pl.col("sure").min())
    loose = (
        trade.paid.select("entry_no", "prefix", "booked_on")
        .join(sure, on="entry_no", how="left", maintain_order="left")
        .filter(pl.col("sure").fill_null(0.0) < SURE)
    )
    offered = loose.join(trade.offered, on="entry_no").select("contract_no", "entry_no")
    signed = trade.records["contract"].select("contract_no", "prefix", "signed_on")
    pairs = (
        unpaid.select("contract_no", "unpaid", end=pl.col("due") + pl.duration(days=DEFAULT_DAYS))
        .join(signed, on="contract_no")
        .join(loose.drop("sure"), on="prefix")
        .filter(pl.col("booked_on").is_between("signed_on", "end").fill_null(value=True))
        .select("contract_no", "entry_no", "unpaid")
    )
    gap = (pl.col("gross_minor") - pl.col("unpaid")).abs()
    alike = worth(pairs, trade.records, trade.paid).filter(gap <= ALIKE * pl.col("unpaid"))
    both = pl.concat([offered, alike.select("contract_no", "entry_no")])
    return both.group_by("contract_no").agg(pl.col("entry_no").min())


def _banked(trade: Trade) -> pl.DataFrame:
    """Return the agreements of sellers whose bank statements are there; others cannot be judged.

    Where nothing says whose accounts they are, they are everybody's.
    """
    prefixes = trade.records["bank_entry"]["prefix"].drop_nulls().unique().implode()
    if trade.records["bank_entry"].height and not len(prefixes[0]):
        return trade.records["contract"].select("contract_no")
    return trade.records["contract"].filter(pl.col("prefix").is_in(prefixes)).select("contract_no")


def circular_payment(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """The seller sent nearly the same sum to the payer, or to its account, shortly before."""
    pairs = _out_and_back(trade)
    days = (pl.col("booked_on") - pl.col("booked_on_out")).dt.total_days()
    ratio = pl.col("amount").cast(pl.Float64) / pl.col("amount_out").cast(pl.Float64)
    rows = (
        pairs.filter(
            days.is_between(0, ROUND_TRIP_DAYS) & ratio.is_between(1 - ROUND_TRIP_LOSS, 1.005)
        )
        .sort("entry_no", "booked_on_out", descending=[False, True])
        .unique("entry_no", keep="first", maintain_order=True)
        .join(
            trade.payer.select("entry_no", "contract_no").unique("entry_no"),
            on="entry_no",
            how="left",
        )
        .sort("entry_no")
    )
    for one in rows.iter_rows(named=True):
        yield row(
            "circular_payment",
            [one["entry_no"], one["entry_no_out"], one["contract_no"]],
            0.95,
            f"{one['amount_out']:,.2f} {one['currency']} went to the payer on"
            f" {one['booked_on_out']} and came back as {one['amount']:,.2f}",
        )


def _out_and_back(trade: Trade) -> pl.DataFrame:
    """Return payments beside money that the seller sent to the same name or the same account."""
    columns = ["entry_no", "prefix", "booked_on", "amount", "currency", "counterparty_account"]
    out = trade.records["bank_entry"].join(
        trade.entries.filter(pl.col("money").is_in([Money.EXPENSE, Money.OTHER])), on="entry_no"
    )
    out = out.join(
        trade.alias_of, left_on="counterparty", right_on="name", how="left", maintain_order="left"
    ).select(*columns, "alias")
    back = trade.paid.select(*columns, "alias")
    sides = []
    for whom in ("alias", "counterparty_account"):
        key = ["prefix", "currency", whom]
        pairs = back.drop_nulls(whom).join(out, on=key, suffix="_out", nulls_equal=True)
        shared = ("entry_no", "booked_on", "amount")
        sides.append(pairs.select("currency", *shared, *(f"{name}_out" for name in shared)))
    return pl.concat(sides)


def third_party_high_risk(trade: Trade, parties: pl.DataFrame) -> Iterator[Row]:
    """A payer in a high-risk country is not the buyer of the agreement."""
    risky = trade.records["high_risk_country"].select(counterparty_country="country", since="since")
    cluster = dict(parties.select("mention", "cluster").iter_rows())
    rows = (
        trade.paid.join(risky, on="counterparty_country")
        .filter((pl.col("since") <= pl.col("booked_on")).fill_null(value=True))
        .join(
            trade.payer.select("entry_no", "contract_no").unique("entry_no"),
            on="entry_no",
            how="left",
        )
        .sort("entry_no")
    )
    for one in rows.iter_rows(named=True):
        own = cluster.get(f"contract:{one['contract_no']}")
        if own is not None and cluster.get(f"payment:{one['entry_no']}") == own:
            continue
        yield row(
            "third_party_high_risk",
            [one["entry_no"], one["contract_no"]],
            0.95,
            f"paid by {one['counterparty']} in {one['counterparty_country']}, not by the buyer",
        )


def refund_after_financing(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Most of what the buyer paid went back to it after a bank had lent on the agreement."""
    entries = trade.records["bank_entry"].join(trade.entries, on="entry_no")
    cited = trade.found.payment_cites.filter(pl.col("cited") >= Cited.NEAR)
    refunds = entries.filter(pl.col("money") == Money.REFUND).join(cited, on="entry_no")
    loans = (
        entries.filter(pl.col("money") == Money.LOAN)
        .join(cited, on="entry_no")
        .select("contract_no", loan_no="entry_no", lent_on="booked_on")
    )
    paid = trade.paid.join(trade.payer.select("entry_no", "contract_no"), on="entry_no")
    received = (
        in_dollars(paid, trade.records)
        .group_by("contract_no")
        .agg(received=pl.col("dollars").sum())
    )
    rows = (
        in_dollars(refunds, trade.records)
        .join(loans, on="contract_no")
        .filter(pl.col("lent_on") <= pl.col("booked_on"))
        .join(received, on="contract_no")
        .filter(pl.col("dollars") >= MOST * pl.col("received"))
        .unique("entry_no", keep="first", maintain_order=True)
        .sort("entry_no")
    )
    for one in rows.iter_rows(named=True):
        yield row(
            "refund_after_financing",
            [one["entry_no"], one["contract_no"], one["loan_no"]],
            0.95,
            f"{one['amount']:,.2f} {one['currency']} went back after the loan of {one['lent_on']}",
        )
