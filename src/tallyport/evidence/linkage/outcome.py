"""Outcome (结果): links, triads and allocations with probabilities and reasons in plain words."""

from __future__ import annotations

import polars as pl

from tallyport.evidence.linkage.allocations import INSTALMENT
from tallyport.evidence.linkage.model import CANDIDATES, Matching
from tallyport.evidence.linkage.trade import Trade
from tallyport.evidence.linkage.vin_match import Fit

LEFT_UNDECLARED = 0.3  # It is on a waybill, so it should be on a declaration too.
STAYED = 0.98
UNPAID_DOUBT_MAX = 0.5  # However much is unexplained, a vehicle may well be unpaid.
CANDIDATE_MIN = 0.01  # Less probable pairs that were not chosen are not worth a look.
HERE = 2  # Level of a comparison from which it points to the pair.
FIT_WORDS = {
    Fit.EXACT: "same VIN",
    Fit.ENDING_8: "same last eight characters of the VIN",
    Fit.ENDING_6: "same last six characters of the VIN",
    Fit.CONFUSED: "same VIN but for look-alike characters",
    Fit.NEAR: "VIN one slip away",
    Fit.FAR: "VIN two slips away",
}


def outcome(trade: Trade, parties: pl.DataFrame, findings: pl.DataFrame) -> Matching:
    """Draw the result frames from what was established."""
    allocations = _allocations(trade)
    return Matching(
        links=_links(trade),
        triads=_triads(trade, allocations),
        allocations=allocations,
        unallocated=_unallocated(trade),
        instalments=_instalments(trade),
        parties=parties,
        findings=findings,
        candidates=_candidates(trade),
    )


def _candidates(trade: Trade) -> pl.DataFrame:
    """Every pair that was in question, and whether it was chosen."""
    left = trade.may_have_left.join(
        trade.left.select("vin", "declaration_no", "line_no", is_chosen=pl.lit(value=True)),
        on=["vin", "declaration_no", "line_no"],
        how="left",
        maintain_order="left",
    ).select(
        kind=pl.lit("departure"),
        item="vin",
        place=pl.concat_str("declaration_no", "line_no", separator="/"),
        probability="probability",
        is_chosen="is_chosen",
    )
    taken = trade.payer.select("entry_no", "contract_no", is_chosen=pl.lit(value=True)).unique()
    paid = trade.offered.join(
        taken, on=["entry_no", "contract_no"], how="left", maintain_order="left"
    ).select(
        kind=pl.lit("payment"),
        item="entry_no",
        place="contract_no",
        probability="probability",
        is_chosen="is_chosen",
    )
    both = pl.concat([left, paid]).select(*CANDIDATES)
    return both.with_columns(pl.col("is_chosen").fill_null(value=False)).filter(
        (pl.col("probability") >= CANDIDATE_MIN) | pl.col("is_chosen")
    )


def _allocations(trade: Trade) -> pl.DataFrame:
    """One row a payment, instalment and vehicle."""
    payer = trade.payer.select("entry_no", "contract_no", payer_p="any_p")
    currency = trade.records["contract"].select("contract_no", "currency")
    sale = trade.sales.select("vin", "contract_no", sale_p="probability")
    return (
        trade.spread.join(payer, on=["entry_no", "contract_no"], how="left", maintain_order="left")
        .join(currency, on="contract_no", how="left", maintain_order="left")
        .join(sale, on=["vin", "contract_no"], how="left", maintain_order="left")
        .select(
            payment_id="entry_no",
            contract_no="contract_no",
            item="item",
            shipment="shipment",
            line_no="line_no",
            vin="vin",
            amount_minor="amount_minor",
            currency="currency",
            probability=pl.col("payer_p") * pl.col("sure") * pl.col("sale_p").fill_null(1.0),
            reason=pl.concat_str(
                pl.lit("settles "),
                pl.col("item"),
                pl.when(pl.col("shipment") > 0)
                .then(pl.format(" of shipment {}", pl.col("shipment")))
                .otherwise(pl.lit("")),
            ),
        )
    )


def _triads(trade: Trade, allocations: pl.DataFrame) -> pl.DataFrame:
    """One row a vehicle, declaration line and payment; either side may be missing."""
    left = trade.left.select(
        "vin", "declaration_no", declaration_line="line_no", left_p="probability"
    )
    first = trade.sales.join(
        trade.records["contract"].select("contract_no", "signed_on"), on="contract_no", how="left"
    ).sort("signed_on", "contract_no", maintain_order=True)
    first = first.unique("vin", keep="first", maintain_order=True).select(
        "vin", "contract_no", is_first=pl.lit(value=True)
    )
    paid = (
        allocations.filter(pl.col("vin").is_not_null() & (pl.col("amount_minor") > 0))
        .group_by("vin", "payment_id", "contract_no", "currency", maintain_order=True)
        .agg(pl.col("amount_minor").sum(), pl.col("probability").min())
        .join(first, on=["vin", "contract_no"], how="left", maintain_order="left")
    )
    # Money for a second sale has no declaration: the vehicle left under the first.
    own = paid.filter("is_first").join(left, on="vin", how="left", maintain_order="left")
    second = paid.filter(pl.col("is_first").is_null()).with_columns(
        declaration_no=pl.lit(None, pl.String),
        declaration_line=pl.lit(None, pl.Int64),
        left_p=pl.lit(None, pl.Float64),
    )
    columns = [
        "vin", "declaration_no", "declaration_line", "payment_id", "amount_minor", "currency",
        "probability",
    ]  # fmt: skip
    gone = pl.col("vin").is_in(trade.found.on_waybill["vin"].unique().implode())
    undeclared = pl.when(gone & pl.col("is_first")).then(LEFT_UNDECLARED).otherwise(STAYED)
    rows = pl.concat([own, second]).with_columns(
        probability=pl.col("probability") * pl.coalesce("left_p", undeclared)
    )
    unpaid = left.join(own.select("vin"), on="vin", how="anti", maintain_order="left")
    unpaid = unpaid.join(_unpaid(trade, unpaid), on="vin", maintain_order="left").select(
        "vin",
        "declaration_no",
        "declaration_line",
        payment_id=pl.lit(None, pl.String),
        amount_minor=pl.lit(None, pl.Int64),
        currency=pl.lit(None, pl.String),
        probability=pl.col("left_p") * pl.col("unpaid_p"),
    )
    return (
        pl.concat([rows.select(columns), unpaid.select(columns)])
        .unique(
            ["vin", "declaration_no", "declaration_line", "payment_id"],
            keep="first",
            maintain_order=True,
        )
        .sort("vin", "payment_id", nulls_last=True)
    )


def _unpaid(trade: Trade, left: pl.DataFrame) -> pl.DataFrame:
    """Return `vin`, `unpaid_p`: how probable it is that a vehicle without payment is unpaid.

    Where nothing of its price is due yet, nobody expects a payment. Of instalments that are due and
    look unpaid, as many were paid as payments are not where they belong: those that found no
    agreement, and of the others what is missing to certainty.
    """
    due = trade.owed.filter(pl.col("due") <= trade.as_of)
    sure = trade.settled.group_by("entry_no").agg(pl.col("sure").min())
    placed = trade.paid.join(sure, on="entry_no", how="left").select(pl.col("sure").fill_null(0.0))
    astray = float((1 - placed["sure"]).sum())
    settled = trade.settled.select(INSTALMENT).unique()
    unpaid = due.select(INSTALMENT).unique().join(settled, on=INSTALMENT, how="anti").height
    doubt = min(UNPAID_DOUBT_MAX, (astray + 0.5) / (unpaid + 1.0))
    early = trade.owed.join(due, on="vin", how="anti").select("vin").unique()
    return left.select(
        "vin", unpaid_p=pl.when(pl.col("vin").is_in(early["vin"].implode())).then(1.0)
        .otherwise(1.0 - doubt),
    )  # fmt: skip


def _unallocated(trade: Trade) -> pl.DataFrame:
    """Say where the rest of each payment went."""
    settled = trade.settled.group_by("entry_no", maintain_order=True).agg(
        pl.col("settled_minor").sum(), pl.col("gross_minor").first()
    )
    worth = trade.payer.unique("entry_no", keep="first", maintain_order=True).join(
        trade.records["contract"].select("contract_no", agreed="currency"),
        on="contract_no",
        how="left",
    )
    known = worth.join(settled, on="entry_no", how="left", suffix="_settled", maintain_order="left")
    gross = pl.coalesce("gross_minor_settled", "gross_minor")
    charges = known.filter((pl.col("how") != "rate") & (gross > pl.col("arrived_minor"))).select(
        "entry_no",
        "contract_no",
        what=pl.lit("charges"),
        amount_minor=gross - pl.col("arrived_minor"),
        currency="agreed",
    )
    over = known.filter(gross > pl.col("settled_minor").fill_null(0)).select(
        "entry_no", "contract_no", what=pl.lit("overpayment"),
        amount_minor=gross - pl.col("settled_minor").fill_null(0), currency="agreed",
    )  # fmt: skip
    lost = trade.paid.join(trade.payer, on="entry_no", how="anti", maintain_order="left").select(
        "entry_no", contract_no=pl.lit(None, pl.String), what=pl.lit("unexplained"),
        amount_minor="net_minor", currency="currency",
    )  # fmt: skip
    return pl.concat([charges, over, lost]).rename({"entry_no": "payment_id"})


def _instalments(trade: Trade) -> pl.DataFrame:
    """Every instalment with what has been settled of it."""
    settled = trade.settled.group_by(INSTALMENT).agg(pl.col("settled_minor").sum())
    return (
        trade.asked.join(settled, on=INSTALMENT, how="left", maintain_order="left")
        .join(
            trade.records["contract"].select("contract_no", "currency"),
            on="contract_no",
            how="left",
            maintain_order="left",
        )
        .select(
            "contract_no",
            "item",
            "shipment",
            "due",
            "amount_minor",
            pl.col("settled_minor").fill_null(0),
            "currency",
        )
    )


def _links(trade: Trade) -> pl.DataFrame:
    """Every link of a vehicle to a record, with its reasons."""
    fit = pl.col("fit").replace_strict(
        {int(k): v for k, v in FIT_WORDS.items()}, default="VIN found", return_dtype=pl.String
    )
    found = trade.found
    plain = [
        frame.select(
            "vin",
            kind=pl.lit(kind),
            record=pl.concat_str(*keys, separator="/"),
            probability=pl.when(pl.len().over(keys) == 1)
            .then(0.999)
            .otherwise(1 / pl.len().over(keys)),
            reasons=fit,
        )
        for frame, kind, keys in (
            (found.on_waybill, "waybill_vehicle", ["waybill_no", "position"]),
            (found.on_receipt, "receipt", ["receipt_no"]),
            (found.on_release, "release", ["release_no"]),
            (found.on_inspection, "inspection", ["report_no"]),
            (found.on_service, "service", ["order_no"]),
        )
    ]
    invoices = found.on_invoice.select(
        "vin", kind=pl.lit("invoice"), record="invoice_no", probability=pl.lit(0.999), reasons=fit
    )
    sold = trade.sales.select(
        "vin",
        kind=pl.lit("contract_line"),
        record=pl.concat_str("contract_no", "line_no", separator="/"),
        probability="probability",
        reasons=pl.when(pl.col("probability") == 1)
        .then(pl.lit("VIN on the line"))
        .otherwise(pl.lit("documents of the agreement name the VIN; same model and year")),
    )
    waybill = pl.lit("left on a waybill of this declaration")
    text = pl.col("text") - 2
    departed = trade.left.select(
        "vin",
        kind=pl.lit("declaration_line"),
        record=pl.concat_str("declaration_no", "line_no", separator="/"),
        probability="probability",
        reasons=pl.concat_str(
            pl.when(text > 0).then(
                text.replace_strict(
                    {int(k): v for k, v in FIT_WORDS.items()}, default=None, return_dtype=pl.String
                )
            ),
            pl.when(pl.col("waybill") >= HERE).then(waybill),
            pl.when(pl.col("agreement") >= HERE).then(pl.lit("same agreement")),
            pl.when(pl.col("invoice") == HERE).then(pl.lit("its invoice was claimed against it")),
            pl.lit("same model"),
            separator="; ",
            ignore_nulls=True,
        ),
    )
    return pl.concat([sold, departed, *plain, invoices])
