"""Turn raw rows into canonical records, column by column (标准化).

    raw row ──▶ every field read ──▶ required ones there?  yes: record      no: quarantine
                     │
                     └─ a cell that cannot be read: null in the record, and a `cell` finding

Expressions work on whole columns; nothing here looks at one cell at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tallyport.evidence.sources import cells, dates, numbers, raw, ways
from tallyport.evidence.sources.profile import Column, Source
from tallyport.evidence.sources.rules import Rule, Severity
from tallyport.evidence.sources.vocabulary import Field, Kind, Type

DTYPES: Mapping[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.CODE: pl.String(),
    Type.DECIMAL: numbers.DECIMAL,
    Type.INTEGER: pl.Int64(),
    Type.DATE: pl.Date(),
    Type.MOMENT: dates.MOMENT,
    Type.FLAG: pl.Boolean(),
}
PROBLEM: Mapping[str, pl.DataType] = {  # A row of the quarantine, but for its source and file.
    "line": pl.Int64(),
    "field": pl.String(),
    "rule": pl.String(),
    "severity": pl.String(),
    "expected": pl.String(),
    "came": pl.String(),
}
_RULES: Mapping[Type, tuple[Rule, str]] = {
    Type.TEXT: (Rule.NOT_THE_PATTERN, "a text with the pattern"),
    Type.CODE: (Rule.NOT_THE_PATTERN, "a code with the pattern"),
    Type.DECIMAL: (Rule.NOT_A_NUMBER, "a number"),
    Type.INTEGER: (Rule.NOT_A_WHOLE_NUMBER, "a whole number"),
    Type.DATE: (Rule.NOT_A_DATE, "a date as"),
    Type.MOMENT: (Rule.NOT_A_MOMENT, "a date and time as"),
    Type.FLAG: (Rule.NOT_A_FLAG, "yes or no"),
}
TOTALS = ("合计", "总计", "小计", "共计", "итого", "всего", "total", "subtotal", "sum")
_TEXT = "\x00text:"  # Columns with the cleaned text of a field, beside the field itself.
_RAW = "\x00raw:"


def schema(kind: Kind) -> dict[str, pl.DataType]:
    """Return the columns of a table of `kind` with their types."""
    fields = {field.name: DTYPES[field.type] for field in kind.fields}
    return {**fields, "source": pl.String(), "file": pl.String(), "line": pl.Int64()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """Records of one chunk. `held` are the lines of rows that lack a required value."""

    records: pl.DataFrame  # The columns of the kind, and raw.LINE.
    problems: pl.DataFrame  # PROBLEM; one of severity `row` for each line of `held`.


def convert(
    frame: pl.DataFrame, source: Source, found: Mapping[str, Sequence[str]], as_of: date
) -> Converted:
    """Return the records in `frame`. `found` names the columns that were found for each field."""
    columns = {column.field.name: column for column in source.columns}
    texts = frame.select(
        pl.col(raw.LINE),
        *(
            _taken(column, found.get(name, ())).alias(_TEXT + name)
            for name, column in columns.items()
        ),
    )
    read = texts.with_columns(
        _read(texts[_TEXT + name], column).alias(name) for name, column in columns.items()
    )
    problems: list[pl.DataFrame] = []
    for column in columns.values():
        read, wrong = _checked(read, column, as_of)
        problems.extend(wrong)
    required = [field for field in source.kind.fields if field.required]
    missing = (
        pl.any_horizontal(
            pl.col(field.name).is_null() if field.name in columns else pl.lit(value=True)
            for field in required
        )
        if required
        else pl.lit(value=False)
    )
    held = read.filter(missing)
    good = read.filter(~missing) if len(held) else read
    typed = schema(source.kind)
    records = good.select(
        pl.col(raw.LINE),
        *(
            pl.col(field.name)
            if field.name in columns
            else pl.lit(None, typed[field.name]).alias(field.name)
            for field in source.kind.fields
        ),
    )
    return Converted(records=records, problems=_held(held, required, problems))


def _taken(column: Column, names: Sequence[str]) -> pl.Expr:
    """Return the cleaned text of the field: the first filled of its columns, or its constant."""
    filled = [cells.text(pl.col(name)) for name in names]
    if column.constant is not None:
        filled.append(pl.lit(column.constant))
    if not filled:
        return pl.lit(None, pl.String)
    return pl.coalesce(filled)


def _read(texts: pl.Series, column: Column) -> pl.Series:
    """Return the values of the field in its type; null where a text is none."""
    if column.extract:
        texts = texts.str.extract(column.extract, 1)
    if column.values:
        texts = texts.replace(dict(column.values))
    values = texts
    match column.field.type:
        case Type.TEXT:
            pass
        case Type.CODE:
            values = ways.read(texts, [cells.plain_code, cells.code], pl.String())
        case Type.DECIMAL:
            values = numbers.decimals(texts, mark=column.decimal, times=column.times)
        case Type.INTEGER:
            read = numbers.decimals(texts, mark=column.decimal, times=column.times)
            values = numbers.whole(read)
        case Type.DATE:
            values = dates.days(texts, column.dates)
        case Type.MOMENT:
            values = dates.moments(texts, column.dates, column.zone)
        case Type.FLAG:
            values = ways.read(texts, [cells.flag], pl.Boolean())
    return values


def _checked(
    read: pl.DataFrame, column: Column, as_of: date
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Note what is wrong in one field, and empty the cells that hold it."""
    name, type_ = column.field.name, column.field.type
    text, value = pl.col(_TEXT + name), pl.col(name)
    problems: list[pl.DataFrame] = []
    if read[name].null_count() != read[_TEXT + name].null_count():
        rule, expected = _RULES[type_]
        if type_ in (Type.DATE, Type.MOMENT):
            expected = f"{expected} {', '.join(column.dates)}"
        is_lost = text.str.contains(cells.LOST, literal=True)
        digits = text.str.contains(f"^{cells.LOST}-?\\d+$")
        named = (
            pl.when(digits)
            .then(pl.lit(Rule.LOST_DIGITS.value))
            .when(is_lost)
            .then(pl.lit(Rule.LOST_CHARACTERS.value))
            .otherwise(pl.lit(rule.value))
        )
        problems.append(
            _wrong(read.filter(text.is_not_null() & value.is_null()), name, named, expected)
        )
    if type_ is Type.TEXT:
        lost = read.filter(text.str.contains(cells.LOST, literal=True))
        if len(lost):
            named = pl.lit(Rule.LOST_CHARACTERS.value)
            problems.append(_wrong(lost, name, named, "text without lost characters"))
    if column.field.required and type_ is Type.CODE:
        is_total = text.str.to_lowercase().str.strip_chars(": ：").is_in(TOTALS)
        totals = read.filter(is_total)
        if len(totals):
            named = pl.lit(Rule.NOT_A_RECORD.value)
            problems.append(_wrong(totals, name, named, "an identifier"))
            read = read.with_columns(pl.when(~is_total).then(value).alias(name))
    for beyond, rule, expected in _bounds(column.field, as_of):
        outside = read.filter(beyond)
        if len(outside):
            problems.append(_wrong(outside, name, pl.lit(rule.value), expected))
            read = read.with_columns(pl.when(~beyond).then(value).alias(name))
    return read, problems


def _bounds(field: Field, as_of: date) -> list[tuple[pl.Expr, Rule, str]]:
    value = pl.col(field.name)
    if field.type in (Type.DECIMAL, Type.INTEGER) and not field.signed:
        return [(value < 0, Rule.BELOW_ZERO, "a number of 0 or more")]
    if field.type not in (Type.DATE, Type.MOMENT):
        return []
    after = as_of + timedelta(days=1)  # A moment of the as-of day may be the next one in UTC.
    first = date(dates.YEAR_MIN, 1, 1)
    if field.type is Type.DATE:
        late, early = value > as_of, value < first
    else:
        late = value >= datetime(after.year, after.month, after.day, 23, tzinfo=UTC)
        early = value < datetime(first.year, first.month, first.day, tzinfo=UTC)
    bounds = [(early, Rule.BEFORE_1900, f"a date from {first}")]
    if not field.ahead:
        bounds.append((late, Rule.AFTER_AS_OF, f"a date up to the as-of day {as_of}"))
    return bounds


def _wrong(rows: pl.DataFrame, name: str, rule: pl.Expr, expected: str) -> pl.DataFrame:
    """Return a `cell` problem for each of `rows`."""
    return rows.select(
        pl.col(raw.LINE).alias("line"),
        pl.lit(name).alias("field"),
        rule.alias("rule"),
        pl.lit(Severity.CELL.value).alias("severity"),
        pl.lit(expected).alias("expected"),
        pl.col(_TEXT + name).str.slice(0, raw.SHOWN_MAX).alias("came"),
    )


def _held(
    held: pl.DataFrame, required: Sequence[Field], problems: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """Return all problems, in which every held row has exactly one of severity `row`.

    That one is about its first required field without a value; if the cell had a text, it says what
    is wrong with it instead of `cell`.
    """
    cell = pl.concat([pl.DataFrame(schema=dict(PROBLEM)), *problems])
    if not len(held):
        return cell
    first = pl.coalesce(
        pl.when(
            pl.col(field.name).is_null() if field.name in held.columns else pl.lit(value=True)
        ).then(pl.lit(field.name))
        for field in required
    )
    rows = held.select(pl.col(raw.LINE).alias("line"), first.alias("field"))
    told = rows.join(cell.unique(["line", "field"], keep="first"), on=["line", "field"], how="left")
    row = told.select(
        "line",
        "field",
        pl.col("rule").fill_null(Rule.VALUE_REQUIRED.value),
        pl.lit(Severity.ROW.value).alias("severity"),
        pl.col("expected").fill_null("a value"),
        pl.col("came").fill_null("nothing"),
    )
    others = cell.join(rows, on=["line", "field"], how="anti")
    return pl.concat([row, others]).sort("line", maintain_order=True)
