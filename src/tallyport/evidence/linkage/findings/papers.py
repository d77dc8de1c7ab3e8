"""Findings on papers (单证疑点): the same delivery twice on paper, or a delivery on paper only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from tallyport.evidence.linkage.buyers import BUYER
from tallyport.evidence.linkage.exchange import rates
from tallyport.evidence.linkage.findings.finding import Row, row
from tallyport.evidence.linkage.lots import first_sales
from tallyport.evidence.linkage.trade import Trade

TWICE_WITHIN_DAYS = 60
LIKELY = 0.5
UNIFORM = 0.02  # Lines of one false declaration deviate alike; a slip touches one line.
OVER = (1.15, 1.7)
UNDER = (0.35, 0.85)


def duplicate_invoice(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Two invoices name one vehicle, or one agreement more often than it has such vehicles."""
    invoice = trade.records["invoice"]
    named = (
        trade.found.on_invoice.join(
            invoice.select("invoice_no", "foreign_total", "issued_on"), on="invoice_no"
        )
        .group_by("invoice_no", "foreign_total", "issued_on", maintain_order=True)
        .agg(vins=pl.col("vin").sort().str.join(","))
        .filter(pl.len().over("vins", "foreign_total") > 1)
        .sort("vins", "issued_on", "invoice_no")
    )
    seen = set()
    for _key, group in named.group_by("vins", "foreign_total", maintain_order=True):
        for first, second in pairwise(group["invoice_no"].to_list()):
            seen |= {first, second}
            vin = group["vins"][0].split(",")[0]
            yield row(
                "duplicate_invoice",
                [first, second],
                0.97,
                f"both invoice vehicle {vin} at the same amount",
            )
    yield from _unnamed_twice(trade, seen)


def _unnamed_twice(trade: Trade, seen: set[str]) -> Iterator[Row]:
    """Invoices without VIN: more of one sum than the buyer's agreements have vehicles at it."""
    named = trade.found.on_invoice["invoice_no"].unique().implode()
    alias = trade.alias_of.select(buyer="name", alias="alias")
    sum_of = pl.col("foreign_total").cast(pl.Float64)
    rows = (
        trade.records["invoice"]
        .filter(~pl.col("invoice_no").is_in(sorted(seen)))
        .join(alias, on="buyer", maintain_order="left")
        .select(
            "invoice_no", "issued_on", "seller_tax_no", "alias", "currency", "vehicles", sum=sum_of
        )
        .join(
            _chances(trade),
            on=["seller_tax_no", "alias", "currency", "vehicles", "sum"],
            how="left",
        )
        .with_columns(silent=~pl.col("invoice_no").is_in(named))
    )
    key = ["seller_tax_no", "alias", "currency", "vehicles", "sum"]
    rows = rows.filter(
        pl.col("issued_on").is_not_null()
        & pl.col("sum").is_not_null()
        & (pl.len().over(key) > pl.col("chances").fill_null(1))
    ).sort(*key, "issued_on", "invoice_no")
    for _key, group in rows.group_by(key, maintain_order=True):
        for first, second in pairwise(group.iter_rows(named=True)):
            close = (second["issued_on"] - first["issued_on"]).days <= TWICE_WITHIN_DAYS
            if close and (first["silent"] or second["silent"]):
                yield row(
                    "duplicate_invoice",
                    [first["invoice_no"], second["invoice_no"]],
                    0.8,
                    f"more invoices over {first['sum']:,.2f} than the buyer has such purchases",
                )


def _chances(trade: Trade) -> pl.DataFrame:
    """How many single vehicles at each price a seller has sold to a buyer."""
    sellers = trade.records["seller"].select(prefix="prefix", seller_tax_no="tax_no")
    buyers = trade.names.filter(pl.col("standing") == BUYER).select("contract_no", "alias")
    return (
        trade.records["contract_line"]
        .select("contract_no", "line_no", "currency", sum=pl.col("price").cast(pl.Float64))
        .join(trade.records["contract"].select("contract_no", "prefix"), on="contract_no")
        .join(sellers, on="prefix")
        .join(buyers, on="contract_no")
        .unique(["contract_no", "line_no", "alias"])
        .group_by("seller_tax_no", "alias", "currency", "sum")
        .len("chances")
        .with_columns(vehicles=pl.lit(1, pl.Int64))
    )


def duplicate_receipt(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Two warehouse receipts for one vehicle; an ending that fits several vehicles names none."""
    one = trade.found.on_receipt.filter(pl.len().over("receipt_no") == 1)
    rows = one.join(
        trade.records["receipt"].select("receipt_no", "received_on", "warehouse"), on="receipt_no"
    ).sort("vin", "received_on", "receipt_no")
    by_vin: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for vin, receipt_no, warehouse in rows.select("vin", "receipt_no", "warehouse").iter_rows():
        by_vin[vin].append((receipt_no, warehouse))
    for vin, receipts in by_vin.items():
        for (first, here), (second, there) in pairwise(receipts):
            yield row(
                "duplicate_receipt",
                [first, second, vin],
                0.95,
                f"{vin} was received at {here} and again at {there}",
            )


def phantom_declaration(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """A declaration of vehicles that no record knows and no waybill carried."""
    real = trade.left["declaration_no"].unique().implode()
    carried = trade.load.filter(pl.col("probability") > LIKELY)["declaration_no"].unique().implode()
    best = trade.agreement.sort("probability", descending=True, maintain_order=True).unique(
        "declaration_no", keep="first", maintain_order=True
    )
    rows = (
        trade.records["declaration"]
        .filter(~pl.col("declaration_no").is_in(real) & ~pl.col("declaration_no").is_in(carried))
        .join(best, on="declaration_no", how="left", maintain_order="left")
    )
    for declaration_no, contract_no, vehicles in rows.select(
        "declaration_no", "contract_no", "vehicles"
    ).iter_rows():
        yield row(
            "phantom_declaration",
            [declaration_no, contract_no],
            0.9,
            f"declares {vehicles} vehicle(s) that are in no stock, agreement or waybill",
        )


def wrong_value(trade: Trade, _: pl.DataFrame) -> Iterator[Row]:
    """Declared value far above or below the agreed price, alike on every line."""
    for declaration_no, ratio, least, most, contracts in _ratios(trade).iter_rows():
        if None in (ratio, least, most) or most > least * (1 + UNIFORM):
            continue  # A value without a number says nothing.
        kind = None
        if OVER[0] <= ratio <= OVER[1]:
            kind = "over_invoicing"
        elif UNDER[0] <= ratio <= UNDER[1]:
            kind = "under_invoicing"
        if kind:
            yield row(
                kind,
                [declaration_no, *contracts],
                0.95,
                f"declared at {ratio:.0%} of the agreed price on every line",
            )


def _ratios(trade: Trade) -> pl.DataFrame:
    """Return declared value over agreed price: in all, least and most of a line, by declaration."""
    lines = trade.records["declaration_line"].select(
        "declaration_no", "line_no", "vehicles", "currency", total=pl.col("total").cast(pl.Float64)
    )
    prices = trade.records["contract_line"].select(
        "contract_no", "line_no", agreed="currency", price=pl.col("price").cast(pl.Float64)
    )
    on_line = (
        trade.left.select("vin", "declaration_no", goods_line="line_no")
        .join(first_sales(trade.records, trade.sales), on="vin", maintain_order="left")
        .join(prices, on=["contract_no", "line_no"], maintain_order="left")
        .group_by("declaration_no", "goods_line", maintain_order=True)
        .agg(
            pl.col("price").sum(),
            pl.col("agreed").first(),
            count=pl.len(),
            contracts=pl.col("contract_no").unique(maintain_order=True),
        )
    )
    table = rates(trade.records)
    days = trade.records["declaration"].select("declaration_no", day="declared_on")
    return (
        on_line.join(
            lines,
            left_on=["declaration_no", "goods_line"],
            right_on=["declaration_no", "line_no"],
            maintain_order="left",
        )
        .filter(pl.col("count") == pl.col("vehicles"))
        .join(days, on="declaration_no", how="left", maintain_order="left")
        .join(table, on=["day", "currency"], how="left", maintain_order="left")
        .join(
            table.rename({"currency": "agreed", "units": "agreed_units"}),
            on=["day", "agreed"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            should=pl.when(pl.col("currency") == pl.col("agreed"))
            .then("price")
            .otherwise(pl.col("price") / pl.col("agreed_units") * pl.col("units"))
        )
        .filter((pl.col("should") > 0) & pl.col("total").is_not_null())
        .group_by("declaration_no", maintain_order=True)
        .agg(
            ratio=pl.col("total").sum() / pl.col("should").sum(),
            least=(pl.col("total") / pl.col("should")).min(),
            most=(pl.col("total") / pl.col("should")).max(),
            contracts=pl.col("contracts").explode(empty_as_null=True).unique(maintain_order=True),
        )
    )
