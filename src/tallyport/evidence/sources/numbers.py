"""Read numbers from text, exactly (数字解析).

    "1,234.50"  "１２３４．５"  "¥1234.5"  "(1234.5)" ──▶ 1234.5, -1234.5     decimal: "."
    "1.234,50"  "1 234,50 руб"                        ──▶ 1234.5              decimal: ","
    "13.2934" with unit 万元                           ──▶ 132934             exactly

No float is involved. A comma separates thousands only where three digits follow each time; `1,5` is
no number unless the profile says that the decimal sign is a comma. Digits behind the tenth place
are rounded to the even: they are the dust of somebody's floating-point sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal

import polars as pl

from tallyport.evidence.sources import cells, ways
from tallyport.evidence.sources.vocabulary import DECIMAL_SCALE

DECIMAL = pl.Decimal(38, DECIMAL_SCALE)
NUMBER_MAX = Decimal(10) ** 18  # Beyond it nothing is counted in trade, and sums stay exact.

UNITS: Mapping[str, Decimal] = {  # A unit of the source, in units of the field.
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
    "分": Decimal("0.01"),
    "cent": Decimal("0.01"),
    "thousand": Decimal(1_000),
    "million": Decimal(1_000_000),
    "g": Decimal("0.001"),
    "kg": Decimal(1),
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

_SIGNS = r"['’_￥¥$€₽₸]|CNY|USD|EUR|RUB|KZT|UZS|RMB|BRL|" + cells.INNER
_TAIL = "(元|руб[.]?|сум|тенге|km|КМ|км|公里|kg|KG|кг|千克|公斤|t|mL|ml|L|°C|℃|%|辆|台|шт[.]?|pcs)$"
_PLAIN = r"^[+-]?[0-9]{1,18}(\.[0-9]*)?$|^[+-]?\.[0-9]+$"
_GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]*)?$"
_POWER = r"^[+-]?[0-9]{1,18}(\.[0-9]{1,18})?[eE][+-]?[0-9]{1,2}$"


def decimals(texts: pl.Series, *, mark: str = ".", times: Decimal = Decimal(1)) -> pl.Series:
    """Return the numbers in `texts` times `times`; null where there is none."""
    plain = [_plain] if mark == "." else []
    numbers = ways.read(texts, [*plain, lambda text: _tidy(text, mark), _power], DECIMAL)
    if times == 1:
        return numbers
    number = pl.col("number")
    fits = number.is_between(-NUMBER_MAX / times, NUMBER_MAX / times)
    scaled = pl.when(fits).then(number) * pl.lit(times, DECIMAL)
    return numbers.alias("number").to_frame().select(scaled.cast(DECIMAL))["number"]


def whole(values: pl.Series) -> pl.Series:
    """Return the whole numbers that the decimal `values` are; null where one has a fraction."""
    value = pl.col("value")
    integer = value.cast(pl.Int64, strict=False)
    is_whole = integer.cast(DECIMAL, strict=False) == value
    return values.alias("value").to_frame().select(pl.when(is_whole).then(integer))["value"]


def _plain(text: pl.Expr) -> pl.Expr:
    """Read digits with at most one point."""
    digits = pl.when(text.str.contains(_PLAIN)).then(text)
    return digits.str.strip_chars_start("+").cast(DECIMAL, strict=False)


def _tidy(text: pl.Expr, mark: str) -> pl.Expr:
    """Read a number with signs of thousands or money, a unit behind it, or brackets for minus."""
    bare = cells.folded(text).str.replace_all("[−–—]", "-")
    bare = bare.str.strip_chars(cells.EDGES).str.replace(_TAIL, "").str.replace_all(_SIGNS, "")
    if mark == ",":
        held = bare.str.replace_all(",", "\0", literal=True)
        bare = held.str.replace_all(".", ",", literal=True).str.replace_all("\0", ".", literal=True)
    is_negative = bare.str.contains(r"^\([^()-]+\)$|^[^-]+-$")
    inner = bare.str.replace_all(r"^\(|\)$|-$", "")
    bare = pl.when(is_negative).then(pl.concat_str(pl.lit("-"), inner)).otherwise(bare)
    grouped = bare.str.contains(_GROUPED)
    return _plain(
        pl.when(grouped).then(bare.str.replace_all(",", "", literal=True)).otherwise(bare)
    )


def _power(text: pl.Expr) -> pl.Expr:
    """Read 1.2E-5, which spreadsheets write for small rates."""
    power = pl.when(text.str.contains(_POWER)).then(text)
    return power.map_elements(_exactly, return_dtype=DECIMAL)


def _exactly(text: str) -> Decimal | None:
    """Return the number rounded to the places of a field; such texts are few, no float is exact."""
    number = Decimal(text)
    if abs(number) >= NUMBER_MAX:
        return None
    return number.quantize(Decimal(1).scaleb(-DECIMAL_SCALE), ROUND_HALF_EVEN, Context(prec=38))
