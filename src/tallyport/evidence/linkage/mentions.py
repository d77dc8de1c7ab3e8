"""Mentions (提及): which vehicles and agreements each record names in its texts.

One frame a relation, all with the key of the record, what it names, and how well that fits:

    on_waybill       waybill_no, position, vin, fit
    on_line          declaration_no, line_no (0: in the header's note), token, vin, fit
    on_invoice       invoice_no, vin
    on_receipt       receipt_no, vin, fit      (likewise on_release, on_inspection, on_service)
    in_payment       entry_no, token, vin, fit
    waybill_cites, declaration_cites, invoice_cites, payment_cites    key, contract_no, cited
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyport.evidence.linkage import contract_text, vin_match
from tallyport.evidence.linkage.fleet import recognised
from tallyport.evidence.linkage.fold import compact, folded
from tallyport.evidence.linkage.records import Records
from tallyport.evidence.linkage.vin_match import Fit
from tallyport.evidence.linkage.vin_text import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What the texts name."""

    vehicles: pl.DataFrame  # fleet: vin, family, model, model_year
    on_waybill: pl.DataFrame
    on_line: pl.DataFrame
    line_tokens: pl.DataFrame  # declaration_no, line_no, token: everything that looks like a VIN.
    on_invoice: pl.DataFrame
    on_receipt: pl.DataFrame
    on_release: pl.DataFrame
    on_inspection: pl.DataFrame
    on_service: pl.DataFrame
    in_payment: pl.DataFrame
    waybill_cites: pl.DataFrame
    declaration_cites: pl.DataFrame
    invoice_cites: pl.DataFrame
    payment_cites: pl.DataFrame
    payment_references: pl.DataFrame  # entry_no, reference, contract_no, cited


def mentions(records: Records, vehicles: pl.DataFrame) -> Mentions:
    """Read all texts; `vehicles` has `vin`, `family` and `model` of every vehicle known."""
    numbers = line_tokens(records)
    agreements = contract_text.numbers(records["contract"])
    on_waybill = _coded(
        records["waybill_vehicle"], ["waybill_no", "position"], vehicles, "description"
    )
    on_receipt = _carried(
        _coded(records["receipt"], ["receipt_no"], vehicles, "model"),
        records["receipt"].select("receipt_no", waybill_no="waybill_ref"),
        on_waybill.select("waybill_no", "vin"),
    )
    on_release = _carried(
        _coded(records["release"], ["release_no"], vehicles, None),
        records["release"].select("release_no", receipt_no="receipt_ref"),
        on_receipt.select("receipt_no", "vin"),
    )
    references = contract_text.matched(
        contract_text.references(records["bank_entry"], owner="entry_no", text="remittance"),
        agreements,
        owner="entry_no",
    )
    return Mentions(
        vehicles=vehicles,
        on_waybill=on_waybill,
        on_line=_on_line(records, numbers, vehicles),
        line_tokens=numbers,
        on_invoice=_on_invoice(records, vehicles),
        on_receipt=on_receipt,
        on_release=on_release,
        on_inspection=recognised(records["inspection"], ["report_no"], vehicles),
        on_service=recognised(records["service"], ["order_no"], vehicles),
        in_payment=_in_payment(records, vehicles),
        waybill_cites=_cites(records, agreements, "waybill", "waybill_no", "contract_ref"),
        declaration_cites=_cites(
            records, agreements, "declaration", "declaration_no", "contract_ref"
        ),
        invoice_cites=_cites(records, agreements, "invoice", "invoice_no", "note"),
        payment_cites=contract_text.best(references, owner="entry_no"),
        payment_references=references,
    )


def _coded(
    table: pl.DataFrame, key: list[str], vehicles: pl.DataFrame, model: str | None
) -> pl.DataFrame:
    """Resolve a column that holds a VIN or its end, helped by a `model` in Latin letters."""
    rows = table.filter(pl.col("vin").is_not_null()).with_columns(token=compact(pl.col("vin")))
    found = vin_match.candidates(rows, vehicles)
    pairs = rows.select(*key, "token", *([model] if model else [])).join(found, on="token")
    if model:
        known = vehicles.select("vin", short=compact(pl.col("model")))
        pairs = pairs.rename({model: "said"}).join(known, on="vin", how="left", suffix="_known")
        fits = compact(pl.col("said")).str.ends_with(pl.col("short"))
        pairs = pairs.filter(fits.fill_null(value=True) | (pl.col("fit") == Fit.EXACT))
    best = pl.col("fit").max().over(key)
    return pairs.filter(pl.col("fit") == best).select(*key, "vin", "fit")


def _carried(pairs: pl.DataFrame, cites: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Of several vehicles that an ending fits, keep those that the cited paper names.

    `cites` has the key of the record and of the paper, `named` the key of the paper and `vin`.
    """
    key, paper = cites.columns
    there = cites.join(named, on=paper).select(key, "vin", is_there=pl.lit(value=True)).unique()
    marked = pairs.join(there, on=[key, "vin"], how="left", maintain_order="left")
    is_there = pl.col("is_there").fill_null(value=False)
    return marked.filter(is_there | ~is_there.any().over(key)).drop("is_there")


def line_tokens(records: Records) -> pl.DataFrame:
    """Return every vehicle number typed into goods lines and, as line 0, into header notes."""
    lines = records["declaration_line"].select("declaration_no", "line_no", text="specification")
    heads = records["declaration"].select(
        "declaration_no", pl.lit(0, pl.Int64).alias("line_no"), text="note"
    )
    texts = pl.concat([lines, heads]).with_row_index("owner")
    found = tokens(texts, owner="owner", text="text")
    return found.join(texts, on="owner", maintain_order="left").select(
        "declaration_no", "line_no", "token"
    )


def _on_line(records: Records, numbers: pl.DataFrame, vehicles: pl.DataFrame) -> pl.DataFrame:
    """Return the vehicles that goods lines and notes name, of a model that is declared there."""
    found = vin_match.candidates(numbers, vehicles)
    declared = (
        records["declaration_line"]
        .select("declaration_no", "line_no", "family")
        .unique(["declaration_no", "family"], keep="first", maintain_order=True)
    )
    pairs = numbers.rename({"line_no": "said_on"}).join(found, on="token")
    pairs = pairs.join(vehicles.select("vin", "family"), on="vin").join(
        declared, on=["declaration_no", "family"]
    )
    right_line = (pl.col("said_on") == 0) | (pl.col("said_on") == pl.col("line_no"))
    return pairs.filter(right_line).select("declaration_no", "line_no", "token", "vin", "fit")


def _on_invoice(records: Records, vehicles: pl.DataFrame) -> pl.DataFrame:
    """Return the vehicles that invoice notes name."""
    rows = records["invoice"].select("invoice_no", "note").with_row_index("owner")
    found = tokens(rows, owner="owner", text="note")
    matched = vin_match.candidates(found, vehicles)
    return (
        found.join(matched, on="token")
        .join(rows, on="owner")
        .select("invoice_no", "vin", "fit")
        .unique(["invoice_no", "vin"], maintain_order=True)
    )


def _in_payment(records: Records, vehicles: pl.DataFrame) -> pl.DataFrame:
    """Return the vehicles that remittance texts name; ends of numbers fit several."""
    rows = records["bank_entry"].filter(pl.col("direction") == "CRDT")
    rows = rows.select("entry_no", "remittance").with_row_index("owner")
    named = rows.filter(folded(pl.col("remittance")).str.contains(r"VIN|车架|底盘"))
    found = tokens(named, owner="owner", text="remittance")
    matched = vin_match.candidates(found, vehicles)
    return (
        found.join(matched, on="token")
        .join(rows, on="owner")
        .select("entry_no", "token", "vin", "fit")
    )


def _cites(
    records: Records, numbers: contract_text.Numbers, kind: str, key: str, text: str
) -> pl.DataFrame:
    """Return the agreements that a text column cites."""
    references = contract_text.references(records[kind], owner=key, text=text)
    return contract_text.cited(references, numbers, owner=key)
