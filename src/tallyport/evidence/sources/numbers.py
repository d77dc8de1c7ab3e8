"""Read numbers from text, exactly (数字解析).

    "1,234.50"  "１２３４．５"  "¥1234.5"  "(1234.5)" ──▶ 1234.5, -1234.5     decimal: "."
    "1.234,50"  "1 234,50 руб"                        ──▶ 1234.5              decimal: ","
    "13.2934" with unit 万元                           ──▶ 132934             exactly

No float is ever involved, but for `1.2E-5` with at most fifteen digits, where it is exact. A comma
is a separator of thousands only where three digits follow each time; `1,5` is not a number unless
the profile says that the decimal sign is a comma.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from tallyport.evidence.sources import cells
from tallyport.evidence.sources.vocabulary import DECIMAL_SCALE

DECIMAL = pl.Decimal(38, DECIMAL_SCALE)
INTEGER_MAX = 2**63 - 1

UNITS: Mapping[str, Decimal] = {  # A unit of the source, in units of the field.
    "万元": Decimal(10_000),
    "千元": Decimal(1_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
    "元": Decimal(1),
    "分": Decimal("0.01"),
    "cent": Decimal("0.01"),
    "thousand": Decimal(1_000),
    "million": Decimal(1_000_000),
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "t": Decimal(1_000),
    "吨": Decimal(1_000),
    "km": Decimal(1),
    "公里": Decimal(1),
    "万公里": Decimal(10_000),
    "mile": Decimal("1.609344"),
    "mL": Decimal(1),
    "L": Decimal(1_000),
    "percent": Decimal(1),
    "ratio": Decimal(100),  # 0.963 of a battery is 96.3 per cent.
}

_SIGNS = r"[\s'’_￥¥$€₽₸]|CNY|USD|EUR|RUB|KZT|UZS|RMB|BRL"
_TAIL = r"(?i)\s*(元|руб\.?|сум|тенге|km|км|公里|kg|кг|千克|公斤|mL|°C|℃|%|辆|台|шт\.?|pcs)$"
_PLAIN = r"^[+-]?\d{1,27}(\.\d*)?$|^[+-]?\.\d+$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3}){1,8}(\.\d*)?$"
_POWER = r"^[+-]?\d(\.\d{1,14})?[eE][+-]?\d{1,2}$"


def decimal(cleaned: pl.Expr, *, mark: str = ".", times: Decimal = Decimal(1)) -> pl.Expr:
    """Return the number in `cleaned` times `times`; null where there is none."""
    plain = cleaned.str.contains(_PLAIN) if mark == "." else pl.lit(value=False)
    text = pl.when(plain).then(cleaned).otherwise(_tidy(cleaned, mark))
    number = (
        pl.when(text.str.contains(_PLAIN))
        .then(text.str.strip_chars_start("+").cast(DECIMAL, strict=False))
        .when(text.str.contains(_POWER))
        .then(text.cast(pl.Float64, strict=False).cast(DECIMAL, strict=False))
    )
    return number if times == 1 else (number * pl.lit(times, DECIMAL)).cast(DECIMAL)


def integer(value: pl.Expr) -> pl.Expr:
    """Return the whole number that the decimal `value` is; null where it has a fraction."""
    fits = value.is_between(-INTEGER_MAX, INTEGER_MAX)
    whole = pl.when(fits).then(value).cast(pl.Int64, strict=False)
    return pl.when(whole.cast(DECIMAL, strict=False) == value).then(whole)


def _tidy(cleaned: pl.Expr, mark: str) -> pl.Expr:
    """Return the number as digits with a point, or some text that is no number."""
    text = cells.folded(cleaned).str.replace_all("[−–—]", "-")
    text = text.str.replace(_TAIL, "").str.replace_all(_SIGNS, "")
    if mark == ",":
        text = _point(text)
    negative = text.str.contains(r"^\(.+\)$|^[^-]+-$")
    bare = text.str.replace_all(r"[()]|-$", "")
    text = pl.when(negative).then(pl.concat_str(pl.lit("-"), bare)).otherwise(text)
    grouped = text.str.contains(_GROUPED)
    return pl.when(grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)


def _point(text: pl.Expr) -> pl.Expr:
    """Swap the two signs: what was written `1.234,50` becomes `1,234.50`."""
    held = text.str.replace_all(",", "\0", literal=True)
    return held.str.replace_all(".", ",", literal=True).str.replace_all("\0", ".", literal=True)
