"""Sales (销售): under which agreement, and on which line of it, each vehicle was sold.

Most lines name the VIN. A line without one ("once assigned", 待定) says model, year and price only;
the vehicle shows later on an invoice with the agreement's number, on a waybill or on a declaration
of that agreement. Among lines of one model and year, the invoice of the single vehicle tells the
price and so the line.

SALE-1  a vehicle without a named line gets one line at most, and a line one vehicle
"""

from __future__ import annotations

import numpy as np
import polars as pl

from tallyport.evidence.linkage.contract_text import Cited
from tallyport.evidence.linkage.fleet import recognised
from tallyport.evidence.linkage.groups import assigned, numbered
from tallyport.evidence.linkage.mentions import Mentions
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.weights import compete, estimate
from tallyport.kernel.guard import invariant

KEY = ["vin", "contract_no"]
LIKELY = 0.5
POINTS_HERE = 2
ANY_LINE = 0.97  # A vehicle put on one of several alike lines without knowing its price.


def named_sales(records: Records, vehicles: pl.DataFrame) -> pl.DataFrame:
    """Return `vin`, `contract_no`, `line_no` for lines that name a vehicle of the fleet."""
    lines = records["contract_line"].select("contract_no", "line_no", "vin", "family")
    return (
        recognised(lines, ["contract_no", "line_no"], vehicles)
        .select("vin", "contract_no", "line_no")
        .unique(KEY, keep="first", maintain_order=True)
    )


def all_sales(
    records: Records,
    found: Mentions,
    *,
    named: pl.DataFrame,
    agreement: pl.DataFrame,
    load: pl.DataFrame,
) -> pl.DataFrame:
    """Return `vin`, `contract_no`, `line_no`, `probability`: named lines and those worked out."""
    named = named.with_columns(probability=pl.lit(1.0))
    blank = records["contract_line"].join(
        named, on=["contract_no", "line_no"], how="anti", maintain_order="left"
    )
    free = found.vehicles.join(named, on="vin", how="anti")
    pairs = _pairs(found, free, blank, agreement, load)
    if not pairs.height:
        return named
    places = pairs.select("contract_no", "family", "model_year")
    groups = numbered(pairs, ["vin"])
    levels = pairs.select("invoice", "waybill", "declaration").cast(pl.Int64).to_numpy()
    seed = np.where((levels == POINTS_HERE).any(axis=1), 0.9, 0.1)
    log_odds = estimate(levels, seed, groups, silent=range(levels.shape[1]))
    probability = compete(log_odds, groups)
    place = numbered(places, places.columns)
    room = np.zeros(int(place.max()) + 1, dtype=np.int64)
    room[place] = pairs["room"].to_numpy()
    kept = assigned(groups, place, np.maximum(log_odds + 5.0, 0.01), room)
    chosen = pairs[kept].with_columns(probability=pl.Series(probability[kept]))
    lines = _lines(records, found, _in_order(records, found, chosen, load), blank)
    invariant(not lines["vin"].is_duplicated().any(), "SALE-1")
    invariant(not lines.select("contract_no", "line_no").is_duplicated().any(), "SALE-1")
    return pl.concat([named, lines])


def _pairs(
    found: Mentions,
    free: pl.DataFrame,
    blank: pl.DataFrame,
    agreement: pl.DataFrame,
    load: pl.DataFrame,
) -> pl.DataFrame:
    """Pairs of a free vehicle and an agreement with a blank line of its model and year."""
    vins = free.select("vin")
    cited = found.invoice_cites.filter(pl.col("cited") >= Cited.NUMBER)
    invoice = _sure(
        found.on_invoice.join(cited, on="invoice_no").join(vins, on="vin", how="semi"), "invoice"
    )
    likely = agreement.filter(pl.col("probability") > LIKELY)
    citing = found.waybill_cites.filter(pl.col("cited") >= Cited.NUMBER).select(
        "waybill_no", "contract_no"
    )
    by_load = load.filter(pl.col("probability") > LIKELY).join(
        likely.select("declaration_no", "contract_no"), on="declaration_no"
    )
    of_waybill = pl.concat([citing, by_load.select("waybill_no", "contract_no")]).unique(
        maintain_order=True
    )
    waybill = _sure(
        found.on_waybill.join(of_waybill, on="waybill_no").join(vins, on="vin", how="semi"),
        "waybill",
    )
    declaration = _sure(
        found.on_line.join(likely, on="declaration_no").join(vins, on="vin", how="semi"),
        "declaration",
    )
    sides = (invoice, waybill, declaration)
    room = blank.group_by("contract_no", "family", "model_year", maintain_order=True).len("room")
    pairs = (
        pl.concat([side.select(KEY) for side in sides])
        .unique(maintain_order=True)
        .join(free.select("vin", "family", "model_year"), on="vin", maintain_order="left")
        .join(room, on=["contract_no", "family", "model_year"], maintain_order="left")
    )
    for side in sides:
        name = side.columns[-1]
        spoken = side["vin"].unique().implode()
        pairs = pairs.join(side, on=KEY, how="left", maintain_order="left").with_columns(
            pl.when(pl.col(name))
            .then(2)
            .otherwise(pl.col("vin").is_in(spoken).cast(pl.Int32))
            .alias(name)
        )
    return pairs


def _sure(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the distinct pairs with a column `name` that is true."""
    return (
        pairs.select(KEY).unique(maintain_order=True).with_columns(pl.lit(value=True).alias(name))
    )


def _in_order(
    records: Records, found: Mentions, chosen: pl.DataFrame, load: pl.DataFrame
) -> pl.DataFrame:
    """Sort vehicles by the day they were declared: agreements are shipped down their lines."""
    days = (
        load.filter(pl.col("probability") > LIKELY)
        .join(records["declaration"].select("declaration_no", "declared_on"), on="declaration_no")
        .join(found.on_waybill.select("waybill_no", "vin"), on="waybill_no")
        .group_by("vin")
        .agg(pl.col("declared_on").min(), pl.col("declaration_no").min())
    )
    return chosen.join(days, on="vin", how="left", maintain_order="left").sort(
        "declared_on", "declaration_no", "vin", nulls_last=True, maintain_order=True
    )


def _lines(
    records: Records, found: Mentions, chosen: pl.DataFrame, blank: pl.DataFrame
) -> pl.DataFrame:
    """Give each chosen vehicle a line of its model and year, by the price where it is known."""
    alone = (
        found.on_invoice.filter(pl.len().over("invoice_no") == 1)
        .join(records["invoice"].select("invoice_no", "foreign_total"), on="invoice_no")
        .select("vin", price="foreign_total")
        .unique("vin", keep="first", maintain_order=True)
    )
    key = ["contract_no", "family", "model_year"]
    wanted = chosen.select("vin", *key, "probability").join(
        alone, on="vin", how="left", maintain_order="left"
    )
    lines = blank.select(*key, "line_no", "price")
    exact = wanted.join(lines, on=[*key, "price"], maintain_order="left")
    exact = exact.unique("vin", keep="first", maintain_order=True).unique(
        ["contract_no", "line_no"], keep="first", maintain_order=True
    )
    rest = wanted.join(exact, on="vin", how="anti", maintain_order="left").with_columns(
        turn=pl.int_range(pl.len()).over(key)
    )
    left = lines.join(exact, on=["contract_no", "line_no"], how="anti", maintain_order="left")
    left = left.with_columns(turn=pl.int_range(pl.len()).over(key))
    in_turn = rest.join(left, on=[*key, "turn"], maintain_order="left")
    columns = ["vin", "contract_no", "line_no", "probability"]
    alike = pl.len().over(key) > 1
    in_turn = in_turn.with_columns(
        probability=pl.col("probability") * pl.when(alike).then(ANY_LINE).otherwise(1.0)
    )
    return pl.concat([exact.select(columns), in_turn.select(columns)])
