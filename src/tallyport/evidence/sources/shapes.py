"""What the values of a column look like (取值形态), whatever the column is called.

    LSVCE2BR5N1041664    a vehicle number         940220240000018211   18 digits: a declaration
    2024/3/28  45379     days, in two formats     USD                  a currency

Every share is of the values that are there; an empty column looks like nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.sources import cells, dates, numbers
from tallyport.evidence.sources.vocabulary import Type

DAY_FORMATS = (*dates.SAFE, "DD.MM.YYYY", "D.M.YYYY", "DD.MM.YY", "DD-MMM-YYYY", "DD-MM-YYYY")
SLASHED = ("M/D/YYYY", "D/M/YYYY")  # Which one it is, only a day above 12 tells.
TIME_FORMATS = ("iso", "YYYY-MM-DD hh:mm:ss", "YYYY/M/D h:mm", "DD.MM.YYYY hh:mm", "YYYY-MM-DD")
USED_MIN_PCT = 0.5  # Of the values; an unsafe format that reads fewer is an accident.

_FORMS: Mapping[str, str] = {
    "vin": "^[A-HJ-NPR-Z0-9]{17}$",
    "digits_18": "^[0-9]{18}$",
    "digits_20": "^[0-9]{20}$",
    "credit_code": "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$",
    "currency": "^(CNY|USD|EUR|RUB|KZT|UZS|KGS|TJS|TMT|GBP|JPY|BRL|AED|TRY|HKD)$",
    "bic": "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$",
    "incoterm": "^(EXW|FCA|CPT|CIP|DAP|DPU|DDP|FAS|FOB|CFR|CIF)$",
    "country": "^[A-Z]{2}$",
    "hs": "^[0-9]{8}([0-9]{2})?$",
    "side": "^(CRDT|DBIT)$",
    "year": "^(19[89]|20[0-4])[0-9]$",
}
# Which form belongs to which field, and how much it says without a name.
BELONGS: Mapping[str, tuple[str, float]] = {
    "vin": ("vin", 0.8),
    "declaration_no": ("digits_18", 0.6),
    "invoice_no": ("digits_20", 0.5),
    "seller_tax_no": ("credit_code", 0.4),
    "currency": ("currency", 0.7),
    "incoterm": ("incoterm", 0.8),
    "counterparty_bic": ("bic", 0.5),
    "hs_code": ("hs", 0.4),
    "direction": ("side", 0.9),
    "model_year": ("year", 0.4),
    "country": ("country", 0.4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What was seen in the values of one column; shares are from 0 to 1."""

    filled: int
    forms: Mapping[str, float]
    types: Mapping[Type, float]
    days: tuple[str, ...]  # Formats that read some of the values, the commonest first.
    times: tuple[str, ...]
    comma: bool  # Numbers are written 1.234,50.
    is_slashed_unsure: bool  # Nothing tells day from month.


def see(values: pl.Series) -> Shape:
    """Return the shape of a sample of cells."""
    frame = values.alias("v").to_frame()
    texts = frame.select(cells.text(pl.col("v")))["v"].drop_nulls()
    codes = texts.alias("v").to_frame().select(cells.code(pl.col("v")))["v"]
    count = len(texts)
    forms = {
        name: (int(codes.str.contains(pattern).sum()) / count if count else 0.0)
        for name, pattern in _FORMS.items()
    }
    days, share_days, is_unsure = _days(texts)
    times = _used(texts, TIME_FORMATS, as_time=True)
    read_times = dates.moments(texts, times, "UTC").count() if times else 0
    points = numbers.decimals(texts)
    commas = numbers.decimals(texts, mark=",")
    comma = commas.count() > points.count()
    decimal = commas if comma else points
    types = {
        Type.DATE: share_days,
        Type.MOMENT: _share(read_times, count),
        Type.DECIMAL: _share(decimal.count(), count),
        Type.INTEGER: _share(numbers.whole(decimal).count(), count),
        Type.FLAG: _share(_flags(texts), count),
    }
    return Shape(
        filled=count,
        forms=forms,
        types=types,
        days=days,
        times=times,
        comma=comma,
        is_slashed_unsure=is_unsure,
    )


def _share(part: int, count: int) -> float:
    return part / count if count else 0.0


def _flags(texts: pl.Series) -> int:
    return texts.alias("v").to_frame().select(cells.flag(pl.col("v"))).to_series().count()


def _used(texts: pl.Series, formats: Sequence[str], *, as_time: bool) -> tuple[str, ...]:
    """Return the formats that together read the texts, the commonest first, none in vain."""
    left = texts
    chosen: list[str] = []
    while len(left):
        counts = {name: _reads(left, name, as_time=as_time).sum() for name in formats}
        best = max(counts, key=lambda name: (counts[name], -formats.index(name)))
        least = 0 if best in dates.SAFE else USED_MIN_PCT * len(texts)
        if 100 * counts[best] <= least or dates.conflict([*chosen, best]):
            break
        chosen.append(best)
        left = left.filter(~_reads(left, best, as_time=as_time))
    return tuple(chosen)


def _reads(texts: pl.Series, format_: str, *, as_time: bool) -> pl.Series:
    """Tell of each text whether the format reads it."""
    read = dates.moments(texts, [format_], "UTC") if as_time else dates.days(texts, [format_])
    return read.is_not_null()


def _days(texts: pl.Series) -> tuple[tuple[str, ...], float, bool]:
    """Return the formats of days, the share that they read, and whether slashes are unsure."""
    slashed = {name: int(_reads(texts, name, as_time=False).sum()) for name in SLASHED}
    best = max(slashed, key=lambda name: slashed[name])
    is_unsure = slashed[best] > 0 and len(set(slashed.values())) == 1
    usable = (*DAY_FORMATS, best) if slashed[best] else DAY_FORMATS
    chosen = _used(texts, usable, as_time=False)
    read = dates.days(texts, chosen).count() if chosen else 0
    return chosen, _share(read, len(texts)), is_unsure
