"""History of shippers and carriers (货运履约历史), in the frames that credit reads."""

from __future__ import annotations

import polars as pl

from tallyport.evidence.trade.freight.model import FreightCheck
from tallyport.evidence.trade.history import WORTH, filled, remarks_of, subjects_of

_HAUL_CELLS = ("shipper_no", "carrier_no", "loaded_on", "agreed_minor", "carrier_minor")
# What the platform does wrong, such as paying twice, speaks against neither side.
ABOUT_SHIPPERS = (
    "bill_underpaid", "bill_overpaid", "bill_paid_late", "bill_overdue", "deduction_unexplained",
)  # fmt: skip
ABOUT_CARRIERS = ("truck_in_two_places", "paid_to_stranger")
ABOUT_BOTH = ("freight_billed_twice", "billed_without_haul", "billed_freight_differs")


def of_freight(check: FreightCheck) -> dict[str, pl.DataFrame]:
    """Return the history of shippers and carriers; a haul that is partly proven counts half."""
    trades = pl.concat(
        [
            _side(check.hauls, "shipper", "carrier", "agreed_minor"),
            _side(check.hauls, "carrier", "shipper", "carrier_minor"),
        ]
    )
    dues = check.bills.select(
        subject="shipper_no",
        role=pl.lit("shipper"),
        due="bill_no",
        agreement="bill_no",
        due_on="due_on",
        amount_minor="amount_minor",
        paid_on="settled_on",
        place="place",
    )
    known = dict(
        pl.concat([check.shippers, check.carriers]).select("party_no", "name").unique().iter_rows()
    )
    return {
        "subjects": subjects_of(trades).with_columns(
            name=pl.col("subject").replace_strict(
                known, default=pl.col("subject"), return_dtype=pl.String
            )
        ),
        "trades": trades,
        "dues": dues,
        "remarks": _remarks(check.findings, trades, dues),
    }


def _side(hauls: pl.DataFrame, role: str, other: str, amount: str) -> pl.DataFrame:
    """Return every haul as a trade of one side."""
    agreed = (pl.col("billed_minor") == pl.col("agreed_minor")) & (pl.col("bills").list.len() == 1)
    return hauls.select(
        subject=f"{role}_no",
        role=pl.lit(role),
        trade="haul_no",
        agreement=pl.coalesce(pl.col("bills").list.first(), "haul_no"),
        counterparty=f"{other}_no",
        opened_on="loaded_on",
        amount_minor=amount,
        evidence_bp=pl.col("status").replace_strict(WORTH, default=0, return_dtype=pl.Int64),
        delivered=pl.when(pl.col("signed_on").is_not_null()).then(pl.lit(value=True)),
        on_time=pl.lit(None, pl.Boolean),
        transit_days=(pl.col("signed_on") - pl.col("loaded_on")).dt.total_days(),
        value_agrees=pl.when(pl.col("bills").list.len() > 0).then(agreed),
        customs_clean=pl.lit(None, pl.Boolean),
        disputed=pl.col("deduction_minor") > 0,
        wanted=pl.lit(len(_HAUL_CELLS), pl.Int64),
        filled=filled(_HAUL_CELLS),
        place="place",
    )


def _remarks(findings: pl.DataFrame, trades: pl.DataFrame, dues: pl.DataFrame) -> pl.DataFrame:
    """Return the findings that speak for or against a side."""
    own = pl.concat(
        [trades.select("subject", "role", "trade"), dues.select("subject", "role", trade="due")]
    )
    kind, role = pl.col("type"), pl.col("role")
    speaks = (
        kind.is_in(ABOUT_BOTH)
        | (kind.is_in(ABOUT_SHIPPERS) & (role == "shipper"))
        | (kind.is_in(ABOUT_CARRIERS) & (role == "carrier"))
    )
    return remarks_of(findings, own).filter(speaks)
