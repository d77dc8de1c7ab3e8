"""Check the part of a profile that says which column is which field (字段映射)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

import polars as pl

from tallyport.evidence.sources import dates
from tallyport.evidence.sources.checking import Checking
from tallyport.evidence.sources.marks import Marked
from tallyport.evidence.sources.numbers import UNITS
from tallyport.evidence.sources.profile import Column
from tallyport.evidence.sources.vocabulary import Field, Kind, Type

NAMES_MAX = 20  # Alternative column names of one field.
POWER_MAX = 9  # A factor between units lies between 10^-9 and 10^9.
_KEYS = ("from", "constant", "values", "unit", "times", "decimal", "dates", "zone", "extract")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How somebody writes: said once for a profile or a source, it holds for all below."""

    dates: tuple[str, ...] = dates.SAFE
    zone: str = "UTC"
    decimal: str = "."


def habits(check: Checking, parts: Mapping[str, Marked], place: str, above: Habits) -> Habits:
    """Return the habits that `parts` say, and `above` where they are silent."""
    zone = check.text(parts.get("zone"), f"{place}.zone", above.zone)
    if "zone" in parts and not _is_zone(zone):
        check.wrong(
            parts["zone"],
            f"{place}.zone",
            expected="a time zone such as Asia/Tashkent",
            came=zone,
            remedy="write its IANA name, or UTC",
        )
        zone = "UTC"
    formats = check.texts(parts.get("dates"), f"{place}.dates")
    if formats:
        _dates(check, parts["dates"], f"{place}.dates", formats)
    return Habits(
        dates=formats or above.dates,
        zone=zone,
        decimal=check.choice(parts.get("decimal"), f"{place}.decimal", (".", ","), above.decimal),
    )


def _dates(check: Checking, at: Marked, place: str, formats: tuple[str, ...]) -> None:
    for format_ in formats:
        if dates.shape(format_) is None:
            check.wrong(
                at,
                place,
                expected="date formats such as YYYY-MM-DD, D.M.YYYY, excel, iso",
                came=format_,
                remedy="name year, month and day once each",
            )
    if len(formats) > dates.FORMATS_MAX:
        check.wrong(
            at,
            place,
            expected=f"at most {dates.FORMATS_MAX} formats",
            came=str(len(formats)),
            remedy="remove some",
        )
    pair = dates.conflict(formats)
    if pair is not None:
        check.wrong(
            at,
            place,
            expected="formats that read a text one way only",
            came=f"{pair[0]} and {pair[1]}",
            remedy="keep the one that this source uses",
        )


def _is_zone(name: str) -> bool:
    try:
        pl.Series([datetime(2024, 1, 1)]).dt.replace_time_zone(name)  # noqa: DTZ001 - Any moment.
    except pl.exceptions.ComputeError:
        return False
    return True


def columns(
    check: Checking, at: Marked | None, place: str, kind: Kind, above: Habits, *, is_known: bool
) -> tuple[Column, ...]:
    """Return the columns of a source; with `is_known`, the reader names them as the fields."""
    mapped: dict[str, Column] = {}
    if is_known:
        for each in kind.fields:
            mapped[each.name] = Column(
                field=each, names=(each.name,), dates=above.dates, zone=above.zone
            )
    if at is None:
        return tuple(mapped.values())
    check.keys(at, f"{place}.fields", tuple(each.name for each in kind.fields))
    for name, value in at.entries():
        each_field = kind.field(name)
        if each_field is not None:
            mapped[name] = _column(check, value, f"{place}.fields.{name}", each_field, above)
    for each in kind.fields:
        if each.required and each.name not in mapped:
            check.wrong(
                at,
                f"{place}.fields",
                expected=f"the required field {each.name}",
                came="none",
                remedy=f"add `{each.name}:` with the name of its column",
            )
    return tuple(mapped.values())


def _column(check: Checking, at: Marked, place: str, of: Field, above: Habits) -> Column:
    if not isinstance(at.value, dict):
        at = Marked(value={"from": at}, line=at.line)
    parts = check.keys(at, place, _KEYS)
    names = check.texts(parts.get("from"), f"{place}.from")
    if not 0 < len(names) <= NAMES_MAX and "constant" not in parts:
        check.wrong(
            at,
            place,
            expected=f"`from:` with 1 to {NAMES_MAX} columns, or `constant:`",
            came=f"{len(names)} columns",
            remedy="name the column",
        )
    own = habits(check, parts, place, above)
    constant = parts.get("constant")
    listed = parts["values"].entries() if "values" in parts else ()
    return Column(
        field=of,
        names=names,
        constant=None if constant is None else check.text(constant, f"{place}.constant"),
        values={key: check.text(value, f"{place}.values") for key, value in listed},
        times=_times(check, at, parts, place, of),
        decimal=own.decimal,
        dates=own.dates,
        zone=own.zone,
        extract=_pattern(check, parts.get("extract"), f"{place}.extract"),
    )


def _times(
    check: Checking, at: Marked, parts: Mapping[str, Marked], place: str, of: Field
) -> Decimal:
    """Return the factor that turns the source's unit into the field's."""
    if ("unit" in parts or "times" in parts) and of.type not in (Type.DECIMAL, Type.INTEGER):
        check.wrong(
            at,
            place,
            expected="a unit on a number only",
            came=f"one on a {of.type.value}",
            remedy="remove it",
        )
    unit = check.choice(parts.get("unit"), f"{place}.unit", tuple(UNITS), "元")
    factor = check.text(parts.get("times"), f"{place}.times", "1")
    try:
        times = Decimal(factor)
    except InvalidOperation:
        times = Decimal(0)
    if times.is_finite() and times > 0 and abs(times.adjusted()) <= POWER_MAX:
        return times * UNITS[unit]
    check.wrong(
        at,
        f"{place}.times",
        expected="a number such as 10000 or 0.01",
        came=factor,
        remedy="write how many of the field's units one of the source's is",
    )
    return Decimal(1)


def _pattern(check: Checking, at: Marked | None, place: str) -> str:
    text = check.text(at, place)
    if at is None or _is_pattern(text):
        return text
    check.wrong(
        at,
        place,
        expected="a regular expression with one group",
        came=text,
        remedy="put the part that is the value in brackets, as in ([0-9]{6})$",
    )
    return ""


def _is_pattern(text: str) -> bool:
    try:
        found = pl.Series(["a"]).str.extract_groups(text)
    except pl.exceptions.ComputeError:
        return False
    return len(found.struct.fields) > 0
