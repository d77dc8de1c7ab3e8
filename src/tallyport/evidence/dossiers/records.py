"""Records (记录): canonical tables as texts with keys, so that they can be filed and signed.

    123.4500000000 ─▶ "123.45"      2024-04-04 ─▶ "2024-04-04"      empty cell ─▶ left out

Keys are those of linkage: the key fields joined by "/". Kinds without a key of their own are given
one from what tells their rows apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tallyport.evidence.dossiers.model import Origin, Record
from tallyport.evidence.sources import convert
from tallyport.evidence.sources.vocabulary import KINDS, LINEAGE, Kind, Type

KEYS: Mapping[str, tuple[str, ...]] = {
    "lock_event": ("waybill_no", "at", "event"),
    "stock_count": ("counted_on", "warehouse", "vin", "place"),
    "tax_rebate": ("invoice_no", "declaration_no", "declaration_line", "batch_no"),
}
DAYS: Mapping[str, str] = {  # When a record of the kind came to be.
    "contract": "signed_on",
    "vehicle": "bought_on",
    "inspection": "inspected_on",
    "service": "done_on",
    "declaration": "declared_on",
    "waybill": "departed_at",
    "leg": "departed_at",
    "lock_event": "at",
    "receipt": "received_on",
    "release": "released_on",
    "stock_count": "counted_on",
    "invoice": "issued_on",
    "tax_rebate": "filed_on",
    "bank_entry": "booked_on",
}


def known(tables: Mapping[str, pl.DataFrame], kind: str, as_of: date) -> pl.DataFrame:
    """Return the table of `kind` with `record` (its key), without records after the as-of day."""
    described = KINDS[kind]
    names = KEYS.get(kind, described.key)
    table = tables.get(kind, pl.DataFrame(schema=convert.schema(described)))
    day = DAYS.get(kind)
    if day is not None:
        moment = pl.col(day)
        if table.schema[day] != pl.Date:
            moment = moment.dt.date()
        table = table.filter(moment.is_null() | (moment <= as_of))
    texts = [_text(name, described).fill_null("") for name in names]
    return table.with_columns(record=pl.concat_str(texts, separator="/")).unique(
        "record", keep="first", maintain_order=True
    )


def _text(name: str, kind: Kind) -> pl.Expr:
    """Return a column as its one spelling."""
    field = kind.field(name)
    column = pl.col(name)
    match field.type if field else Type.TEXT:
        case Type.DECIMAL:
            return column.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
        case Type.MOMENT:
            return column.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        case _:
            return column.cast(pl.String)


def filed(table: pl.DataFrame, kind: str, wanted: set[str]) -> dict[str, Record]:
    """Return the records of a `known` table whose keys are `wanted`, by key."""
    described = KINDS[kind]
    names = sorted(field.name for field in described.fields if field.name in table.columns)
    keys = pl.Series(sorted(wanted), dtype=pl.String)
    texts = table.filter(pl.col("record").is_in(keys.implode())).select(
        "record", *LINEAGE, *(_text(name, described).alias(f"={name}") for name in names)
    )
    return {
        key: Record(
            kind=kind,
            key=key,
            fields=tuple((name, value) for name, value in zip(names, values, strict=True) if value),
            origin=Origin(source=source, file=file, line=line),
        )
        for key, source, file, line, *values in texts.iter_rows()
    }
