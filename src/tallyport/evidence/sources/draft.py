"""Draft a source profile by looking at a file (起草数据源配置).

    tallyport profile vehicle_stock.csv > profile.yaml

    sources:
      vehicle_stock:
        kind: vehicle  # 13 of 13 columns fit; the next best kind is contract_line
        fields:
          vin: 车架号  # sure: its name is like `vin`, 100% of its values look like one
          cost_cny: {from: 收购成本万元, unit: 万元}  # sure: ...; the unit is taken from the name

The draft is a profile that loads as it stands. Every guess has its reason beside it, and what could
not be guessed says so, for whoever checks it.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tallyport.evidence.sources import dates, forms, guessing, looking, shapes, synonyms
from tallyport.evidence.sources.guessing import Guess, Pair
from tallyport.evidence.sources.looking import Table
from tallyport.evidence.sources.numbers import UNITS
from tallyport.evidence.sources.profile import Format
from tallyport.evidence.sources.shapes import Shape
from tallyport.evidence.sources.vocabulary import Type

EXAMPLES = 2  # Of a column that is no field.
COMMENT_MAX = 120  # Characters; a longer reason is not read.
_PLAIN = re.compile(r"[^\W\d_][\w ./-]*(?<! )")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def draft(file: Path) -> str:
    """Return the text of a profile for `file`, with a comment on each guess.

    Raises:
        FaultError: The file cannot be read or holds no table.
    """
    tables = looking.tables(file)
    lines = [
        f"# Drafted by looking at {_comment(file.name)}. Check every line, then save it as",
        "# profile.yaml in the folder of the exports.",
        f"profile: {_scalar(tables[0].name)}",
        f"about: {_scalar(f'Drafted from {file.name}.')}",
        "sources:",
    ]
    for table in tables:
        lines += _source(table, glob.escape(file.resolve().parent.name))
    return "\n".join(lines) + "\n"


def _source(table: Table, folder: str) -> Iterator[str]:
    """Yield the lines of one source."""
    yield f"  {_scalar(table.name)}:"
    if table.form.format is Format.CAMT_053:
        yield f"    kind: {table.name}  # sure: camt.053 says so, and no field need be mapped"
        yield from _files(table, folder)
        return
    seen = {name: shapes.see(table.sample[name]) for name in table.sample.columns}
    guessed = guessing.guess(table, seen)
    fits = f"{len(guessed.pairs)} of {len(seen)} columns fit"
    yield (f"    kind: {guessed.kind.name}  # {fits}; the next best kind is {guessed.second.name}")
    yield from _files(table, folder)
    formats = _formats(guessed, seen)
    if formats:
        yield f"    dates: [{', '.join(map(_scalar, formats))}]"
    if any(pair.field.type is Type.MOMENT for pair in guessed.pairs):
        yield "    zone: UTC  # guess: moments without an offset are of this zone; correct it"
    if any(_is_comma(pair, seen) for pair in guessed.pairs):
        yield '    decimal: ","  # sure: numbers are written 1.234,50'
    yield "    fields:"
    for pair in guessed.pairs:
        yield f"      {pair.field.name}: {_column(pair)}  # {_comment(_why(pair, seen))}"
    yield from _lost(guessed, table)


def _lost(guessed: Guess, table: Table) -> Iterator[str]:
    """Yield what could not be guessed: required fields first, then columns without a field."""
    free = guessing.leftover(guessed, table.sample.columns)
    for each in guessed.missing:
        column = free[0] if free else table.sample.columns[0]
        yield (
            f"      {each.name}: {_scalar(column)}"
            "  # WRONG? The kind needs this field, and no column looks like it."
        )
    for column in free:
        values = table.sample[column].drop_nulls().unique(maintain_order=True)
        shown = [value for value in values.head(10) if value.strip()][:EXAMPLES]
        example = _comment(", ".join(shown)) or "(empty)"
        yield f"      # no field: {_comment(column)}, such as {example}"


def _files(table: Table, folder: str) -> Iterator[str]:
    """Yield the forms: the file may lie beside the profile, or where it lies now."""
    yield "    files:"
    if folder:
        yield f"      - {_form(table, f'{folder}/{table.form.glob}')}"
    yield f"      - {_form(table, table.form.glob)}"


def _form(table: Table, glob: str) -> str:
    """Return the form in one line."""
    form = table.form
    parts = {"file": glob}
    if forms.told_by_ending(form.glob) != form.format.value:
        parts["format"] = form.format.value
    if form.format in (Format.CSV, Format.XML):
        parts["encoding"] = form.encoding
    if form.separator != ",":
        parts["separator"] = "tab" if form.separator == "\t" else form.separator
    if form.header > 1:
        parts["header"] = str(form.header)
    if form.sheet:
        parts["sheet"] = form.sheet
    if form.format is Format.XML:
        parts["record"] = form.record
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in parts.items()) + "}"


def _formats(guessed: Guess, seen: Mapping[str, Shape]) -> list[str]:
    """Return the date formats that the columns of the source need together."""
    formats: dict[str, None] = {}
    for pair in guessed.pairs:
        shape = seen[pair.column]
        if pair.field.type is Type.DATE:
            formats |= dict.fromkeys(shape.days)
        if pair.field.type is Type.MOMENT:
            formats |= dict.fromkeys(shape.times)
    chosen: list[str] = []
    for format_ in formats:
        if not dates.conflict([*chosen, format_]):
            chosen.append(format_)
    return chosen


def _is_comma(pair: Pair, seen: Mapping[str, Shape]) -> bool:
    return pair.field.type is Type.DECIMAL and seen[pair.column].comma


def _unit(pair: Pair) -> str:
    """Return the unit that must be named: one behind the name, other than the field's own."""
    if pair.field.type not in (Type.DECIMAL, Type.INTEGER):
        return ""
    unit = synonyms.unit(pair.column) or ""
    return unit if unit in UNITS and UNITS[unit] != 1 else ""


def _column(pair: Pair) -> str:
    unit = _unit(pair)
    if not unit:
        return _scalar(pair.column)
    return f"{{from: {_scalar(pair.column)}, unit: {unit}}}"


def _why(pair: Pair, seen: Mapping[str, Shape]) -> str:
    words = pair.words()
    if _unit(pair):
        words += "; the unit is taken from the name"
    if pair.field.type is Type.DATE and seen[pair.column].is_slashed_unsure:
        words += "; nothing tells day from month: check `dates`"
    return words


def _scalar(text: str) -> str:
    """Return a text as YAML: bare where that is safe, else in quotation marks."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    """Return a text that fits behind a `#`."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return line if len(line) <= COMMENT_MAX else f"{line[:COMMENT_MAX]}…"
