"""Read dates and moments from text (日期解析).

    YYYY-MM-DD  2024-03-29       D.M.YYYY     9.3.2024        YYYY年M月D日  2013年6月15日
    YYYYMMDD    20240329         M/D/YYYY     3/29/2024       excel         45379
    iso         2024-01-26T03:38:00+08:00, also without seconds, offset or time

`YYYY MM DD hh mm ss` stand for exactly that many digits, `M D h` for one or two, `YY` for a year of
2000 to 2068, `MMM` for an English short name of a month; all else stands for itself. A format is
tried only on a text of its own shape, so the order of formats matters only where two of them read
one text differently: `conflict` finds such pairs, and a profile may not contain one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tallyport.evidence.sources import cells, ways
from tallyport.evidence.sources.ways import Way

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
FORMATS_MAX = 20  # Each costs a pass over what the ones before it could not read.
EPOCHS = {"excel": date(1899, 12, 30), "excel1904": date(1904, 1, 1)}
YEAR_MIN = 1900
MOMENT = pl.Datetime("us", "UTC")

_PARTS = {
    "YYYY": ("[0-9]{4}", "%Y"),
    "YY": ("[0-9]{2}", "%y"),
    "MMM": ("[A-Za-z]{3}", "%b"),
    "MM": ("[0-9]{2}", "%m"),
    "M": ("[0-9]{1,2}", "%m"),
    "DD": ("[0-9]{2}", "%d"),
    "D": ("[0-9]{1,2}", "%d"),
    "hh": ("[0-9]{2}", "%H"),
    "h": ("[0-9]{1,2}", "%H"),
    "mm": ("[0-9]{2}", "%M"),
    "ss": ("[0-9]{2}", "%S"),
}
_TOKEN = re.compile("YYYY|YY|MMM|MM|M|DD|D|hh|h|mm|ss")
_MIDNIGHT = r"[T ]0?0:00(:00(\.0+)?)?$"
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
_ISO_PLAIN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}$"
_OFFSET = "(Z|[+-][0-9]{2}:?[0-9]{2})$"
_SERIAL = r"^[1-9][0-9]{4}(\.[0-9]+)?$"
_TO_MINUTE = 16  # Characters of 2024-01-26T03:38.


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A format taken apart: what its texts look like, and how polars reads them."""

    pattern: str
    directives: str
    is_timed: bool


def shape(format_: str) -> Shape | None:
    """Return the shape of `format_`; None unless it has year, month and day once each."""
    if format_ == "iso" or format_ in EPOCHS:
        return Shape(pattern=_ISO if format_ == "iso" else _SERIAL, directives="", is_timed=True)
    tokens = _TOKEN.findall(format_)
    letters = "".join(sorted("m" if part == "mm" else part[0] for part in tokens))
    if letters not in ("DMY", "DMYhm", "DMYhms"):
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
    return Shape(pattern=pattern, directives=directives, is_timed=letters != "DMY")


def conflict(formats: Sequence[str]) -> tuple[str, str] | None:
    """Return two of `formats` that read some text as two different days, if there are such."""
    shapes = [(name, form) for name in formats if (form := shape(name)) and form.directives]
    for number, (first, one) in enumerate(shapes):
        for second, two in shapes[number + 1 :]:
            # 1 February 2003 and 4 February 2005, two years between which no order can be guessed.
            for sample in (datetime(2003, 2, 1), datetime(2005, 2, 4)):  # noqa: DTZ001
                text = sample.strftime(one.directives)
                if re.match(two.pattern, text) and sample != _parsed(text, two.directives):
                    return first, second
    return None


def _parsed(text: str, directives: str) -> datetime | None:
    try:
        return datetime.strptime(text, directives)  # noqa: DTZ007 - Only compared.
    except ValueError:
        return None


def days(texts: pl.Series, formats: Sequence[str]) -> pl.Series:
    """Return the days in `texts`, each read by the first of `formats` that has its shape."""
    plain = [_day_way(format_) for format_ in formats]
    return ways.read(texts, [*plain, *(_folded(way) for way in plain)], pl.Date())


def _folded(way: Way) -> Way:
    """Return `way` for full-width digits, and for dates with a midnight behind them."""
    return lambda text: way(cells.folded(text).str.replace(_MIDNIGHT, ""))


def _day_way(format_: str) -> Way:
    return lambda text: _day(text, format_)


def _day(text: pl.Expr, format_: str) -> pl.Expr:
    if format_ in EPOCHS:
        serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
        return pl.lit(EPOCHS[format_]) + pl.duration(days=serial.floor().cast(pl.Int64))
    form = shape(format_)
    if form is None:
        return pl.lit(None, pl.Date)
    shaped = pl.when(text.str.contains(form.pattern)).then(text)
    if format_ == "iso":
        return shaped.str.head(10).str.to_date("%Y-%m-%d", strict=False)
    if form.is_timed:
        return shaped.str.to_datetime(form.directives, strict=False, time_unit="us").dt.date()
    return shaped.str.to_date(form.directives, strict=False)


def moments(texts: pl.Series, formats: Sequence[str], zone: str) -> pl.Series:
    """Return the moments in `texts` in UTC; one without an offset is of `zone`."""
    plain = [_moment_way(format_, zone) for format_ in formats]
    if "iso" in formats:
        plain.insert(0, _iso_plain)
    return ways.read(texts, [*plain, *(_folded(way) for way in plain)], MOMENT)


def _moment_way(format_: str, zone: str) -> Way:
    return lambda text: _moment(text, format_, zone)


def _moment(text: pl.Expr, format_: str, zone: str) -> pl.Expr:
    if format_ == "iso":
        return _iso(text, zone)
    if format_ in EPOCHS:
        serial = pl.when(text.str.contains(_SERIAL)).then(text).cast(pl.Float64, strict=False)
        seconds = (serial * 86_400).round().cast(pl.Int64)  # Excel keeps no smaller part.
        start = pl.lit(EPOCHS[format_]).cast(pl.Datetime("us"))
        return _placed(start + pl.duration(seconds=seconds), zone)
    form = shape(format_)
    if form is None or not form.is_timed:
        return _placed(_day(text, format_).cast(pl.Datetime("us")), zone)
    shaped = pl.when(text.str.contains(form.pattern)).then(text)
    return _placed(shaped.str.to_datetime(form.directives, strict=False, time_unit="us"), zone)


def _iso_plain(text: pl.Expr) -> pl.Expr:
    """Read the one form of ISO 8601 that nearly all systems write."""
    whole = pl.when(text.str.contains(_ISO_PLAIN)).then(text)
    return whole.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%:z", strict=False, time_unit="us", time_zone="UTC"
    )


def _iso(text: pl.Expr, zone: str) -> pl.Expr:
    """Read ISO 8601 with or without seconds, fraction and offset."""
    is_whole = text.str.contains(f"{_ISO}({_OFFSET[:-1]})?$")
    offset = text.str.extract(f"[0-9]{_OFFSET}", 1).str.replace("Z", "+00:00", literal=True)
    clock = text.str.extract(f"({_ISO})", 1).str.replace(" ", "T", literal=True)
    clock = clock.str.replace(",", ".", literal=True)
    clock = pl.when(clock.str.len_chars() == _TO_MINUTE).then(clock + ":00").otherwise(clock)
    bare = pl.when(is_whole & offset.is_null()).then(clock)
    naive = bare.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    colon = offset.str.replace("^(...)([0-9][0-9])$", "${1}:${2}")
    placed = pl.when(is_whole & offset.is_not_null()).then(pl.concat_str(clock, colon))
    aware = placed.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC"
    )
    return pl.coalesce(aware, _placed(naive, zone))


def _placed(naive: pl.Expr, zone: str) -> pl.Expr:
    """Return the wall-clock time `naive` of `zone` in UTC; null in the hour that spring skips."""
    placed = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC")
