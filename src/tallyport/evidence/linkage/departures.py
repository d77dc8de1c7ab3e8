"""Departures (出口): on which line of which declaration each vehicle left.

A declaration has one goods line a model, so the line follows from the declaration and the model.
For a vehicle and a declaration that has a line of its model speak

    text       how well a number typed on the line or in the note fits the VIN
    waybill    the vehicle's waybill left under this declaration, under another one, or nobody knows
    agreement  the declaration is under the vehicle's agreement
    invoice    the vehicle's invoice was claimed against this line, or against another declaration

Each vehicle leaves once, and a line has room for as many as it declares: an assignment problem.

DEP-1  a vehicle is on one declaration at most
DEP-2  a line carries no more vehicles than it declares
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tallyport.evidence.linkage import vin_match
from tallyport.evidence.linkage.decided import beliefs, held, right
from tallyport.evidence.linkage.groups import assigned, numbered
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.vin_match import Fit
from tallyport.evidence.linkage.weights import compete, estimate
from tallyport.kernel.guard import invariant

KEY = ["vin", "declaration_no", "line_no"]
LIKELY_MIN = 0.01
UNCOUNTED = 1_000  # Room of a line that does not say how many vehicles it declares.
SURE = 0.9
TEXT_FITS = Fit.ENDING_6 + 2  # Levels of `text` and `waybill` that make a first guess.
WAYBILL_SURE = 3


def departures(scored: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of `candidates` to keep: each vehicle once, each line within its room."""
    groups, place = numbered(scored, ["vin"]), numbered(scored, ["declaration_no", "line_no"])
    room = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    room[place] = scored["vehicles"].fill_null(UNCOUNTED).to_numpy()
    kept = scored[assigned(groups, place, scored["log_odds"].to_numpy(), room)]
    load_of = kept.group_by("declaration_no", "line_no").agg(
        pl.len(), pl.col("vehicles").first().fill_null(UNCOUNTED)
    )
    invariant(not kept["vin"].is_duplicated().any(), "DEP-1")
    invariant(bool((load_of["len"] <= load_of["vehicles"]).all()), "DEP-2")
    return kept.drop("vehicles")


def candidates(  # Five kinds of evidence come in, each computed by a module of its own.
    records: Records,
    found: Mentions,
    *,
    sales: pl.DataFrame,
    agreement: pl.DataFrame,
    load: pl.DataFrame,
    decided: pl.DataFrame,
) -> pl.DataFrame:
    """Return `vin`, `declaration_no`, `line_no`, `probability` and the level of each comparison.

    `decided` has what people said of (vin, declaration_no).
    """
    lines = records["declaration_line"].select("declaration_no", "line_no", "vehicles", "family")
    lines = lines.unique(["declaration_no", "family"], keep="first", maintain_order=True)
    families = found.vehicles.select("vin", "family")
    pairs = _pairs(found, lines, families, sales, agreement, load, right(decided))
    pairs = _with_levels(pairs, records, found)
    names = ["text", "waybill", "agreement", "invoice"]
    levels = pairs.select(names).cast(pl.Int64).to_numpy()
    sure = pairs.select(
        pl.when((pl.col("text") >= TEXT_FITS) | (pl.col("waybill") == WAYBILL_SURE))
        .then(0.95)
        .otherwise(0.05)
    )
    groups = numbered(pairs, ["vin"])
    known = beliefs(pairs, decided)
    log_odds = held(estimate(levels, sure.to_series().to_numpy(), groups, known), known)
    probability = compete(log_odds, groups)
    return pairs.with_columns(
        probability=pl.Series(probability, dtype=pl.Float64),
        log_odds=pl.Series(log_odds, dtype=pl.Float64),
    ).select(*KEY, "vehicles", "probability", "log_odds", *names)


def _pairs(
    found: Mentions,
    lines: pl.DataFrame,
    families: pl.DataFrame,
    sales: pl.DataFrame,
    agreement: pl.DataFrame,
    load: pl.DataFrame,
    decided: pl.DataFrame,
) -> pl.DataFrame:
    """Pairs of a vehicle and a line of its model that any evidence brings together."""
    likely_load = load.filter(pl.col("probability") >= LIKELY_MIN)
    likely_agreement = agreement.filter(pl.col("probability") >= LIKELY_MIN)
    carried = found.on_waybill.select("waybill_no", "vin").join(
        likely_load.select("waybill_no", "declaration_no", waybill_p="probability"),
        on="waybill_no",
    )
    sold = sales.select("vin", "contract_no").join(
        likely_agreement.select("declaration_no", "contract_no", agreement_p="probability"),
        on="contract_no",
    )
    pairs = pl.concat(
        [
            found.on_line.select("vin", "declaration_no"),
            carried.select("vin", "declaration_no"),
            sold.select("vin", "declaration_no"),
            decided,
        ]
    ).unique(maintain_order=True)
    key = ["vin", "declaration_no"]
    on_waybill = carried.group_by(key, maintain_order=True).agg(pl.col("waybill_p").max())
    under = sold.group_by(key, maintain_order=True).agg(pl.col("agreement_p").max())
    return (
        pairs.join(families, on="vin", maintain_order="left")
        .join(lines, on=["declaration_no", "family"], maintain_order="left")
        .join(on_waybill, on=key, how="left", maintain_order="left")
        .join(under, on=key, how="left", maintain_order="left")
        .with_columns(
            has_waybill=pl.col("vin").is_in(found.on_waybill["vin"].implode()),
            has_load=pl.col("vin").is_in(
                carried.filter(pl.col("waybill_p") > SURE)["vin"].unique().implode()
            ),
            has_sale=pl.col("vin").is_in(sales["vin"].implode()),
        )
    )


def _with_levels(pairs: pl.DataFrame, records: Records, found: Mentions) -> pl.DataFrame:
    """Add the level of each comparison."""
    text = _best_fit(pairs, found)
    count = found.line_tokens.group_by("declaration_no", maintain_order=True).len("tokens")
    declared = records["declaration"].select("declaration_no", all_vehicles="vehicles")
    invoice = _claims(records, found)
    claimed = invoice["vin"].unique().implode()
    pairs = (
        pairs.join(text, on=KEY, how="left", maintain_order="left")
        .join(count, on="declaration_no", how="left", maintain_order="left")
        .join(declared, on="declaration_no", how="left", maintain_order="left")
        .join(invoice, on=["vin", "declaration_no"], how="left", maintain_order="left")
    )
    full = pl.col("tokens") >= pl.col("all_vehicles")
    return pairs.with_columns(
        text=pl.when(pl.col("fit") > 0)
        .then(pl.col("fit") + 2)
        .when(pl.col("tokens").is_null())
        .then(1)
        .when(full)
        .then(0)
        .otherwise(2),
        waybill=pl.when(pl.col("waybill_p") > SURE)
        .then(3)
        .when(pl.col("waybill_p").is_not_null())
        .then(2)
        .when(pl.col("has_load"))
        .then(1)
        .otherwise(0),
        agreement=pl.when(pl.col("agreement_p") > SURE)
        .then(3)
        .when(pl.col("agreement_p").is_not_null())
        .then(2)
        .when(pl.col("has_sale"))
        .then(1)
        .otherwise(0),
        invoice=pl.when(pl.col("claimed"))
        .then(2)
        .otherwise(pl.col("vin").is_in(claimed).cast(pl.Int32)),
    )


def _best_fit(pairs: pl.DataFrame, found: Mentions) -> pl.DataFrame:
    """Return the best `fit` of each pair among the numbers typed for it, far ones included."""
    tokens = found.line_tokens
    for_line = pairs.select(KEY).join(
        tokens.filter(pl.col("line_no") > 0), on=["declaration_no", "line_no"]
    )
    for_note = pairs.select(KEY).join(
        tokens.filter(pl.col("line_no") == 0).select("declaration_no", "token"),
        on="declaration_no",
    )
    both = pl.concat([for_line.select(*KEY, "token"), for_note.select(*KEY, "token")])
    same = pl.col("token") == pl.col("vin")
    exact = both.filter(same).with_columns(fit=pl.lit(int(Fit.EXACT), pl.Int8))
    place = ["declaration_no", "token"]
    other = both.filter(~same).join(exact, on=place, how="anti", maintain_order="left")
    judged = other.with_columns(fit=vin_match.fits(other["token"], other["vin"]))
    judged = pl.concat([exact, judged])
    # A number typed for one vehicle says nothing about its neighbours that look alike.
    best_of_token = pl.col("fit").max().over(place)
    judged = judged.filter((pl.col("fit") > Fit.NONE) & (pl.col("fit") == best_of_token))
    return judged.group_by(KEY, maintain_order=True).agg(pl.col("fit").max())


def _claims(records: Records, found: Mentions) -> pl.DataFrame:
    """Return the declarations against which the invoice of a vehicle was claimed."""
    return (
        records["tax_rebate"]
        .filter(pl.col("declaration_no").is_not_null())
        .select("declaration_no", "invoice_no")
        .join(found.on_invoice.select("invoice_no", "vin"), on="invoice_no")
        .select("vin", "declaration_no")
        .unique(maintain_order=True)
        .with_columns(claimed=pl.lit(value=True))
    )
