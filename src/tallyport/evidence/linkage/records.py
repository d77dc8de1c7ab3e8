"""Records (记录): the canonical tables as linkage wants them: one row a key, sellers comparable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.linkage.fold import compact, folded
from tallyport.evidence.sources.vocabulary import DECIMAL_SCALE, KINDS, LINEAGE, Type

Tables = Mapping[str, pl.DataFrame]

_DTYPES: Mapping[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.CODE: pl.String(),
    Type.DECIMAL: pl.Decimal(38, DECIMAL_SCALE),
    Type.INTEGER: pl.Int64(),
    Type.DATE: pl.Date(),
    Type.MOMENT: pl.Datetime("us", "UTC"),
    Type.FLAG: pl.Boolean(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The tables of one delivery; a kind that nobody sent is an empty table."""

    tables: Mapping[str, pl.DataFrame]

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """Return the table of `kind`."""
        return self.tables[kind]


def prepared(tables: Tables) -> Records:
    """Return every kind once, without the second copies of a key, plus these columns.

    `contract.prefix`, `declaration.prefix`, `bank_entry.prefix`: the seller's letters;
    `vehicle.family`, `contract_line.family`, `declaration_line.family`: brand and model in a form
    that can be compared; of a goods line the part between bars that names a brand (牌);
    amounts as floating numbers, because scores are not money (allocation counts in minor units).
    """
    all_kinds = {name: _one_each(tables, name) for name in KINDS}
    sellers = all_kinds["seller"]
    all_kinds["contract"] = _with_seller(
        all_kinds["contract"], sellers, "seller", "name_cn"
    ).with_columns(prefix=pl.coalesce("prefix", pl.col("contract_no").str.extract(r"^([A-Z]+)")))
    all_kinds["declaration"] = _with_seller(
        all_kinds["declaration"], sellers, "exporter_code", "customs_code"
    )
    accounts = all_kinds["seller_account"].select("account_no", "prefix")
    all_kinds["bank_entry"] = (
        all_kinds["bank_entry"]
        .join(accounts, on="account_no", how="left", maintain_order="left")
        .with_columns(booked_on=pl.coalesce("booked_on", "value_on"))
    )
    families = {
        "vehicle": pl.concat_str("brand", "model", ignore_nulls=True),
        "contract_line": pl.col("model"),
        "declaration_line": pl.col("specification").str.extract(r"([^|]*牌[^|]*)"),
    }
    for kind, text in families.items():
        all_kinds[kind] = _with_family(all_kinds[kind], text)
    return Records(tables=all_kinds)


def _with_family(table: pl.DataFrame, text: pl.Expr) -> pl.DataFrame:
    """Add `family`: a brand and model without blanks, signs and the character for "brand" (牌)."""
    said = table.select(said=text)
    distinct = said.unique(maintain_order=True).with_columns(
        family=folded(pl.col("said")).str.replace_all(r"[^A-Z0-9\p{Han}]|牌", "")
    )
    known = said.join(distinct, on="said", how="left", maintain_order="left", nulls_equal=True)
    return table.with_columns(known["family"])


def _one_each(tables: Tables, name: str) -> pl.DataFrame:
    """Return the table of a kind with all its fields; of equal keys the first record stays."""
    kind = KINDS[name]
    table = tables.get(name)
    if table is None:
        schema = {field.name: _DTYPES[field.type] for field in kind.fields}
        lineage = {"source": pl.String(), "file": pl.String(), "line": pl.Int64()}
        return pl.DataFrame(schema={**schema, **lineage})
    lacking = [field for field in kind.fields if field.name not in table.columns]
    table = table.with_columns(
        pl.lit(None, _DTYPES[field.type]).alias(field.name) for field in lacking
    )
    columns = list(kind.key) or [name for name in table.columns if name not in LINEAGE]
    if table.select(pl.struct(columns).hash().n_unique()).item() == table.height:
        return table  # Each is there once; copying a million rows would say the same.
    return table.unique(columns, keep="first", maintain_order=True)


def _with_seller(
    table: pl.DataFrame, sellers: pl.DataFrame, column: str, seller_column: str
) -> pl.DataFrame:
    """Add `prefix`, the letters of the seller that `column` names."""
    known = (
        sellers.filter(pl.col(seller_column).is_not_null())
        .select("prefix", key=compact_or_text(pl.col(seller_column)))
        .unique("key", keep="first", maintain_order=True)
    )
    return (
        table.with_columns(key=compact_or_text(pl.col(column)))
        .join(known, on="key", how="left", maintain_order="left")
        .drop("key")
    )


def compact_or_text(text: pl.Expr) -> pl.Expr:
    """Return letters and digits of `text`, or for Chinese its folded characters."""
    return (
        pl.when(text.str.contains(r"\p{Han}"))
        .then(folded(text).str.replace_all(r"\s", ""))
        .otherwise(compact(text))
    )
