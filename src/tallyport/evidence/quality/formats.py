"""Identifiers have a form (编码格式): that of a standard, or that of nearly all the others.

    declaration number   940220240000018211    9 × 18      the other 1,653 look alike
                         94022024000018211     9 × 17      this one is doubtful

Forms are learned from the table itself: where almost every code of a field is built alike, one that
is built otherwise is probably mistyped. Fields without such a form, as shortened vehicle numbers at
a warehouse, say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from tallyport.evidence.quality.model import FINDINGS, Check, Level, Tables, told
from tallyport.evidence.sources.vocabulary import KINDS, Kind, Type

USUAL_PCT = 99  # Of the codes of a field; a habit of one in a hundred is a habit.
RECORDS_MIN = 100  # Fewer say nothing about what is usual.

STANDARDS = (  # Field, pattern, what it is.
    ("currency", "^[A-Z]{3}$", "three letters of ISO 4217"),
    ("instructed_currency", "^[A-Z]{3}$", "three letters of ISO 4217"),
    ("bic", "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$", "8 or 11 characters of ISO 9362"),
    ("counterparty_bic", "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$", "8 or 11 characters of ISO 9362"),
    ("hs_code", "^[0-9]{6}([0-9]{2}){0,2}$", "6, 8 or 10 digits"),
    ("direction", "^(CRDT|DBIT)$", "CRDT or DBIT"),
)


def _name(kind: Kind, field: str) -> pl.Expr:
    names = kind.key or (field,)
    return pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=" ")


def _unlike_the_standard(tables: Tables, kind: Kind) -> pl.DataFrame:
    found = []
    for field, pattern, expected in STANDARDS:
        if kind.field(field) is not None:
            table = tables[kind.name]
            wrong = table.filter(~pl.col(field).str.contains(pattern))
            found.append(
                told(
                    wrong,
                    key=_name(kind, field),
                    field=field,
                    expected=pl.lit(expected),
                    came=pl.col(field),
                )
            )
    return pl.concat(found)


def _form(field: str) -> pl.Expr:
    """Return what a code is built of: 9 for a digit, A for a letter, all else as it is."""
    digits = pl.col(field).str.replace_all("[0-9]", "9")
    return digits.str.replace_all(r"\p{L}", "A")


def _unlike_the_others(tables: Tables, kind: Kind) -> pl.DataFrame:
    table = tables[kind.name]
    columns = {name: type_ for name, type_ in FINDINGS.items() if name not in _ADDED}
    found = [pl.DataFrame(schema=columns)]
    for field in kind.fields:
        if field.type is not Type.CODE or table[field.name].count() < RECORDS_MIN:
            continue
        forms = table.select(_form(field.name).alias("form"), *table.columns)
        usual, count = _most_frequent(forms["form"])
        if 100 * count < USUAL_PCT * table[field.name].count():
            continue
        odd = forms.filter(pl.col("form") != usual)
        found.append(
            told(
                odd,
                key=_name(kind, field.name),
                field=field.name,
                expected=pl.lit(f"{usual}, as {count} others"),
                came=pl.col(field.name),
            )
        )
    return pl.concat(found)


_ADDED = ("rule", "level", "kind")  # Columns that the report adds to a finding.


def _most_frequent(forms: pl.Series) -> tuple[str, int]:
    counts = forms.drop_nulls().value_counts().sort("count", "form", descending=[True, False])
    form, count = counts.row(0)
    return form, count


CHECKS: Sequence[Check] = (
    *(
        Check(
            rule=f"{kind.name}_code_is_not_of_its_standard",
            level=Level.DOUBT,
            kind=kind.name,
            zh="编码不符合标准格式",
            en=f"a code of the {kind.name.replace('_', ' ')} is not as its standard says",
            find=partial(_unlike_the_standard, kind=kind),
        )
        for kind in KINDS.values()
        if any(kind.field(field) for field, _, _ in STANDARDS)
    ),
    *(
        Check(
            rule=f"{kind.name}_code_is_unlike_the_others",
            level=Level.DOUBT,
            kind=kind.name,
            zh="编码格式异常",
            en=f"a code of the {kind.name.replace('_', ' ')} is built otherwise than nearly all",
            find=partial(_unlike_the_others, kind=kind),
        )
        for kind in KINDS.values()
        if any(field.type is Type.CODE for field in kind.fields)
    ),
)
