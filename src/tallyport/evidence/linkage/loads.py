"""Loads (运单对报关单): under which declaration the vehicles of a waybill left.

A declaration leaves on one or several waybills; a waybill belongs to one declaration. The shipper
cites the declaration on about half of them. For the rest speak the vehicles named in the
declaration, the agreement, the models, the gross weight and the days from release to departure.

    declaration 9402…11235   5 cars, 9,965 kg, released 23 January
      waybill R240100003     3 cars, 6,055 kg, departed 24 January     agreement and models fit
      waybill R240100009     2 cars, 3,995 kg, departed 25 January     85 kg above: as usual

What days and weight differences are usual is learned from the pairs at hand.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tallyport.evidence.linkage.groups import numbered
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.weights import compete, estimate

KEY = ["waybill_no", "declaration_no"]
AGREEMENT_MIN = 0.002  # Less probable agreements of a declaration bring no candidates.
AGREEMENT_SURE = 0.9
DAYS_BEFORE, DAYS_AFTER = 10, 30  # Departure against release, for candidates.
DAYS_FINE = 5  # Up to here each day is a level of its own.


def loads(
    records: Records, found: Mentions, sold: pl.DataFrame, agreement: pl.DataFrame
) -> pl.DataFrame:
    """Return `waybill_no`, `declaration_no`, `probability` for every plausible pair.

    `agreement` has the probability of each (declaration, agreement).
    """
    cars = found.on_waybill.select("waybill_no", "vin").unique(maintain_order=True)
    cars = cars.filter(pl.len().over("waybill_no", "vin") == 1)
    named = (
        cars.join(found.on_line.select("declaration_no", "vin").unique(), on="vin")
        .group_by(KEY, maintain_order=True)
        .agg(named=pl.col("vin").n_unique())
    )
    by_agreement = _by_agreement(found, cars, sold, agreement)
    cited = records["waybill"].select("waybill_no", declaration_no="declaration_ref").drop_nulls()
    pairs = (
        pl.concat([cited, named.select(KEY), by_agreement.select(KEY)])
        .unique(maintain_order=True)
        .pipe(_described, records)
    )
    fit = _models_fit(pairs, records, found, cars)
    for side in (named, by_agreement, fit):
        pairs = pairs.join(side, on=KEY, how="left", maintain_order="left")
    naming = found.on_line["declaration_no"].unique().implode()
    levels = pairs.select(
        cited=pl.when(pl.col("declaration_ref") == pl.col("declaration_no"))
        .then(2)
        .otherwise(pl.col("declaration_ref").is_not_null().cast(pl.Int32)),
        named=pl.when(pl.col("named") >= pl.col("cars"))
        .then(3)
        .when(pl.col("named") > 0)
        .then(2)
        .otherwise(pl.col("declaration_no").is_in(naming).cast(pl.Int32)),
        agreement=pl.when(pl.col("agreed").is_null())
        .then(0)
        .when(pl.col("agreed") < AGREEMENT_SURE)
        .then(1)
        .otherwise(2),
        models=pl.col("models").fill_null(0),
        weight=_weight_level(pairs),
        days=pl.when(pl.col("days").is_null())
        .then(2 * DAYS_FINE + 1)
        .otherwise(pl.col("days").clip(-DAYS_FINE, DAYS_FINE) + DAYS_FINE),
    )
    seed = pairs.select(
        pl.when((pl.col("declaration_ref") == pl.col("declaration_no")) | (pl.col("named") > 0))
        .then(0.9)
        .otherwise(0.1)
    )
    groups = numbered(pairs, ["waybill_no"])
    log_odds = estimate(levels.cast(pl.Int64).to_numpy(), seed.to_series().to_numpy(), groups)
    return pairs.select(
        *KEY, pl.Series("probability", compete(log_odds, groups)), pl.Series("log_odds", log_odds)
    )


def _by_agreement(
    found: Mentions, cars: pl.DataFrame, sold: pl.DataFrame, agreement: pl.DataFrame
) -> pl.DataFrame:
    """Pairs of one agreement; `agreed` is how probable it is that the declaration is under it."""
    by_car = cars.join(sold.select("vin", "contract_no"), on="vin").select(
        "waybill_no", "contract_no"
    )
    citing = found.waybill_cites.select("waybill_no", "contract_no")
    unsold = citing.join(by_car, on="waybill_no", how="anti")
    of_waybill = pl.concat([by_car, unsold]).unique(maintain_order=True)
    likely = agreement.filter(pl.col("probability") >= AGREEMENT_MIN)
    return (
        of_waybill.join(likely, on="contract_no")
        .group_by(KEY, maintain_order=True)
        .agg(agreed=pl.col("probability").max())
    )


def _described(pairs: pl.DataFrame, records: Records) -> pl.DataFrame:
    """Add what both sides say about day, weight and number; drop pairs far apart in time."""
    days = (pl.col("departed_at").dt.date() - pl.col("released_on")).dt.total_days()
    waybill = records["waybill"].select(
        "waybill_no", "declaration_ref", "departed_at", cars="vehicles", kg="gross_kg"
    )
    known = records["declaration"].select("declaration_no").with_columns(known=pl.lit(value=True))
    waybill = (
        waybill.join(known, left_on="declaration_ref", right_on="declaration_no", how="left")
        .with_columns(declaration_ref=pl.when("known").then("declaration_ref"))
        .drop("known")
    )
    declaration = records["declaration"].select(
        "declaration_no", "released_on", declared="vehicles", declared_kg="gross_kg"
    )
    return (
        pairs.join(waybill, on="waybill_no", maintain_order="left")
        .join(declaration, on="declaration_no", maintain_order="left")
        .with_columns(days=days)
        .filter(
            pl.col("days").is_between(-DAYS_BEFORE, DAYS_AFTER).fill_null(value=True)
            & (pl.col("cars") <= pl.col("declared")).fill_null(value=True)
        )
    )


def _models_fit(
    pairs: pl.DataFrame, records: Records, found: Mentions, cars: pl.DataFrame
) -> pl.DataFrame:
    """1 where some model of the waybill is not declared or in too few numbers, 2 where all fit."""
    families = found.vehicles.select("vin", "family")
    carried = (
        cars.join(families, on="vin").group_by("waybill_no", "family", maintain_order=True).len("n")
    )
    declared = records["declaration_line"].select("declaration_no", "vehicles", "family")
    declared = declared.unique(["declaration_no", "family"], keep="first", maintain_order=True)
    room = (pl.col("n") <= pl.col("vehicles")).fill_null(value=False)
    return (
        pairs.select(KEY)
        .join(carried, on="waybill_no", maintain_order="left")
        .join(declared, on=["declaration_no", "family"], how="left", maintain_order="left")
        .group_by(KEY, maintain_order=True)
        .agg(models=pl.when(room.all()).then(2).otherwise(1))
    )


def _weight_level(pairs: pl.DataFrame) -> pl.Expr:
    """3: differs as single waybills usually do; 2: room for more; 1: too heavy; 0: unknown."""
    difference = (pl.col("kg") - pl.col("declared_kg")).cast(pl.Float64).round(0)
    alone = pairs.filter(
        (pl.col("declaration_ref") == pl.col("declaration_no"))
        & (pl.col("cars") == pl.col("declared"))
    ).select(difference=difference)
    counts = alone.drop_nulls().group_by("difference", maintain_order=True).len("n")
    usual = counts.filter(pl.col("n") > max(1.0, 0.02 * alone.height))["difference"].to_list()
    heaviest = max([*usual, 0.0])
    return (
        pl.when(difference.is_null())
        .then(0)
        .when(difference.is_in(usual) & (pl.col("cars") == pl.col("declared")))
        .then(3)
        .when((difference <= heaviest) & (pl.col("cars") < pl.col("declared")))
        .then(2)
        .otherwise(1)
    )


def best_declaration(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the most probable declaration of each waybill."""
    order = np.argsort(-pairs["probability"].to_numpy(), kind="stable")
    return pairs[order].unique("waybill_no", keep="first", maintain_order=True)
