"""Read dates and moments from text (日期解析).

    YYYY-MM-DD  2024-03-29       D.M.YYYY     9.3.2024        YYYY年M月D日  2013年6月15日
    YYYYMMDD    20240329         M/D/YYYY     3/29/2024       excel         45379
    iso         2024-01-26T03:38:00+08:00, also without seconds, offset or time

`YYYY MM DD hh mm ss` stand for exactly that many digits, `M D h` for one or two, `YY` for a year of
2000 to 2099, `MMM` for an English short name of a month; all else stands for itself. A format
is tried only on a text of its own shape, so the order of formats matters only where two of them
read one text differently: `conflict` finds such pairs, and a profile may not contain one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.evidence.sources import cells

# Each of them reads a text only one way, whoever wrote it.
SAFE = (
    "YYYY-MM-DD",
    "YYYY-M-D",
    "YYYY/M/D",
    "YYYY.M.D",
    "YYYYMMDD",
    "YYYY年M月D日",
    "iso",
    "excel",
)
FORMATS_MAX = 20  # Each costs a pass over the column.
EPOCHS = {"excel": date(1899, 12, 30), "excel1904": date(1904, 1, 1)}
YEAR_MIN = 1900
MOMENT = pl.Datetime("us", "UTC")

_PARTS = {
    "YYYY": (r"\d{4}", "%Y"),
    "YY": (r"\d{2}", "%y"),
    "MMM": (r"[A-Za-z]{3}", "%b"),
    "MM": (r"\d{2}", "%m"),
    "M": (r"\d{1,2}", "%m"),
    "DD": (r"\d{2}", "%d"),
    "D": (r"\d{1,2}", "%d"),
    "hh": (r"\d{2}", "%H"),
    "h": (r"\d{1,2}", "%H"),
    "mm": (r"\d{2}", "%M"),
    "ss": (r"\d{2}", "%S"),
}
_TOKEN = re.compile("YYYY|YY|MMM|MM|M|DD|D|hh|h|mm|ss")
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?$"
_ISO = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
_OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"
_SERIAL = r"^[1-9]\d{4}(\.\d+)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A format taken apart: what its texts look like, and how polars reads them."""

    pattern: str
    directives: str
    timed: bool


def shape(format_: str) -> Shape | None:
    """Return the shape of `format_`; None if it lacks year, month or day."""
    if format_ == "iso" or format_ in EPOCHS:
        return Shape(pattern=_ISO if format_ == "iso" else _SERIAL, directives="", timed=True)
    tokens = _TOKEN.findall(format_)
    letters = sorted("m" if token == "mm" else token[0] for token in tokens)
    timed = letters in (["D", "M", "Y", "h", "m"], ["D", "M", "Y", "h", "m", "s"])
    if letters != ["D", "M", "Y"] and not timed:
        return None
    pattern, directives, end = "^", "", 0
    for token in _TOKEN.finditer(format_):
        fixed = format_[end : token.start()]
        digits, directive = _PARTS[token[0]]
        pattern += re.escape(fixed) + digits
        directives += fixed.replace("%", "%%") + directive
        end = token.end()
    pattern += re.escape(format_[end:]) + "$"
    directives += format_[end:].replace("%", "%%")
    return Shape(pattern=pattern, directives=directives, timed=timed)


def conflict(formats: Sequence[str]) -> tuple[str, str] | None:
    """Return two of `formats` that read some text as two different days, if there are such."""
    samples = ("2003-04-05", "20030405", "03040506", "2003/4/5", "2003.4.5")
    days = [("2003", "04", "05"), ("03", "04", "05")]
    del samples
    for number, first in enumerate(formats):
        for second in formats[number + 1 :]:
            one, two = shape(first), shape(second)
            if one is None or two is None or not one.directives or not two.directives:
                continue
            for year, month, day in days:
                text = one.directives
                for directive, value in (
                    ("%Y", year.rjust(4, "2")),
                    ("%y", year[-2:]),
                    ("%m", month),
                    ("%d", day),
                    ("%H", "01"),
                    ("%M", "02"),
                    ("%S", "03"),
                ):
                    text = text.replace(directive, value)
                if re.match(two.pattern, text) and one.directives != two.directives:
                    return first, second
    return None


def day(cleaned: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """Return the day in `cleaned`, read by the first of `formats` that has its shape."""
    text = cells.folded(cleaned)
    text = pl.when(text.str.len_chars() > 10).then(text.str.replace(_MIDNIGHT, "")).otherwise(text)  # noqa: PLR2004
    return pl.coalesce([_day(text, format_) for format_ in formats])


def _day(text: pl.Expr, format_: str) -> pl.Expr:
    if format_ in EPOCHS:
        serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
        return pl.lit(EPOCHS[format_]) + pl.duration(days=serial.floor().cast(pl.Int64))
    if format_ == "iso":
        iso = pl.when(text.str.contains(_ISO)).then(text.str.head(10))
        return iso.str.to_date("%Y-%m-%d", strict=False)
    form = shape(format_)
    if form is None:
        return pl.lit(None, pl.Date)
    shaped = pl.when(text.str.contains(form.pattern)).then(text)
    if form.timed:
        return shaped.str.to_datetime(form.directives, strict=False, time_unit="us").dt.date()
    return shaped.str.to_date(form.directives, strict=False)


def moment(cleaned: pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Return the moment in `cleaned` in UTC; one without an offset is of `zone`."""
    text = cells.folded(cleaned)
    return pl.coalesce([_moment(text, format_, zone) for format_ in formats])


def _moment(text: pl.Expr, format_: str, zone: str) -> pl.Expr:
    if format_ == "iso":
        return _iso(text, zone)
    if format_ in EPOCHS:
        serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
        seconds = (serial * 86_400).round().cast(pl.Int64)  # Excel keeps no smaller part.
        start = pl.lit(EPOCHS[format_]).cast(pl.Datetime("us"))
        return _placed(start + pl.duration(seconds=seconds), zone)
    form = shape(format_)
    if form is None:
        return pl.lit(None, MOMENT)
    if not form.timed:
        return _placed(_day(text, format_).cast(pl.Datetime("us")), zone)
    shaped = pl.when(text.str.contains(form.pattern)).then(text)
    return _placed(shaped.str.to_datetime(form.directives, strict=False, time_unit="us"), zone)


def _iso(text: pl.Expr, zone: str) -> pl.Expr:
    """Read ISO 8601 with or without seconds, fraction and offset."""
    whole = text.str.contains(_ISO + f"({_OFFSET[:-1]})?$")
    offset = text.str.extract(r"(?:\d)" + _OFFSET, 1).str.replace("Z", "+00:00", literal=True)
    clock = text.str.extract("(" + _ISO + ")", 1).str.replace(" ", "T", literal=True)
    clock = clock.str.replace(",", ".", literal=True)
    clock = pl.when(clock.str.len_chars() == 16).then(clock + ":00").otherwise(clock)  # noqa: PLR2004
    naive = pl.when(whole & offset.is_null()).then(clock)
    naive = naive.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    placed = pl.when(whole & offset.is_not_null()).then(
        pl.concat_str(clock, offset.str.replace(r"^(...)(\d\d)$", "$1:$2"))
    )
    aware = placed.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC"
    )
    return pl.coalesce(aware, _placed(naive, zone))


def _placed(naive: pl.Expr, zone: str) -> pl.Expr:
    """Return the wall-clock time `naive` of `zone` in UTC; null in the hour that spring skips."""
    placed = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC")
