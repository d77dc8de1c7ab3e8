"""Names of records (记录名称): `kind:key`, by which findings, pages and lineage mean one record.

    contract_line:XJYO-2024040901/1
    lock_event:XJ-CL2024-94230/2024-03-14T04:04:04Z/OPENED_UNEXPECTED

A kind without a key is named by the fields that tell its records apart in practice; two records of
one name say the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tallyport.evidence.sources.vocabulary import KINDS, Type

KEYLESS: Mapping[str, tuple[str, ...]] = {
    "lock_event": ("lock_no", "at", "event"),
    "stock_count": ("counted_on", "warehouse", "place", "vin"),
    "tax_rebate": ("batch_no", "declaration_no", "declaration_line", "invoice_no"),
}


def fields_of(kind: str) -> tuple[str, ...]:
    """Return the fields that name a record of `kind`."""
    # A bank's entry reference is the key that results name.
    return ("entry_no",) if kind == "bank_entry" else KINDS[kind].key or KEYLESS.get(kind, ())


def key_of(kind: str) -> pl.Expr:
    """Return the key of each record of a table of `kind`; null where nothing names it."""
    parts = []
    for name in fields_of(kind):
        field = KINDS[kind].field(name)
        part = pl.col(name)
        if field is not None and field.type is Type.MOMENT:
            part = part.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        part = part.cast(pl.String)
        parts.append(part if KINDS[kind].key else part.fill_null(""))
    return pl.concat_str(parts, separator="/") if parts else pl.lit(None, pl.String)


def ref_of(kind: str) -> pl.Expr:
    """Return `kind:key` of each record of a table of `kind`."""
    return pl.concat_str(pl.lit(f"{kind}:"), key_of(kind))
