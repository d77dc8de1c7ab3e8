"""Guess what a table is and which column is which field (推测映射).

For every kind, each column is compared with each field: by its name, and by whether the values can
be read as the field's type and look like it. Columns and fields are then paired, best first; the
kind with the best pairs wins. A guess says how sure it is and why, since a person will check it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallyport.evidence.sources import shapes, synonyms
from tallyport.evidence.sources.looking import Table
from tallyport.evidence.sources.shapes import Shape
from tallyport.evidence.sources.vocabulary import KINDS, Field, Kind, Type

PAIR_MIN = 0.45  # A worse pair is no guess but a mistake.
SURE, LIKELY = 0.9, 0.7
FIT_MIN = 0.5  # Of the values must be readable as the field's type.
REQUIRED = 0.6  # What a kind loses for a required field that no column fits.
CALLED = 1.5  # What a kind gains when the file or sheet is called like it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A column and the field that it seems to be."""

    column: str
    field: Field
    score: float
    why: str

    def words(self) -> str:
        """Return how sure this is, in a word, and why."""
        sure = "sure" if self.score >= SURE else "likely" if self.score >= LIKELY else "guess"
        return f"{sure}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a table seems to be."""

    kind: Kind
    pairs: tuple[Pair, ...]
    missing: tuple[Field, ...]  # Required, and no column fits.
    second: Kind  # The next best kind.


def guess(table: Table, seen: Mapping[str, Shape]) -> Guess:
    """Return the kind that fits the table best, and its pairs."""
    ranked: list[tuple[float, str, tuple[Pair, ...]]] = []
    for kind in KINDS.values():
        pairs = _pairs(kind, seen)
        taken = {pair.field.name for pair in pairs}
        missing = sum(each.required and each.name not in taken for each in kind.fields)
        called = max(
            synonyms.kind_likeness(name, kind)
            for name in (table.name, table.form.sheet, table.form.record.rpartition("/")[2])
        )
        value = sum(pair.score for pair in pairs) - REQUIRED * missing + CALLED * called
        # Of two kinds that fit alike, the one that asks for fewer columns is meant.
        ranked.append((value - len(kind.fields) / 1_000, kind.name, pairs))
    ranked.sort(key=lambda each: (-each[0], each[1]))
    (_, name, pairs), (_, second, _) = ranked[:2]
    kind = KINDS[name]
    taken = {pair.field.name for pair in pairs}
    lost = tuple(each for each in kind.fields if each.required and each.name not in taken)
    if not pairs and not lost:
        lost = kind.fields[:1]  # Something must stand there for a person to correct.
    return Guess(kind=kind, pairs=pairs, missing=lost, second=KINDS[second])


def _pairs(kind: Kind, seen: Mapping[str, Shape]) -> tuple[Pair, ...]:
    """Pair columns and fields, best first."""
    all_ = [
        pair
        for column, shape in seen.items()
        for each in kind.fields
        if (pair := _pair(column, shape, each)).score >= PAIR_MIN
    ]
    all_.sort(key=lambda pair: -pair.score)
    chosen: dict[str, Pair] = {}
    used: set[str] = set()
    for pair in all_:
        if pair.field.name not in chosen and pair.column not in used:
            chosen[pair.field.name] = pair
            used.add(pair.column)
    order = [each.name for each in kind.fields]
    return tuple(sorted(chosen.values(), key=lambda pair: order.index(pair.field.name)))


def _pair(column: str, shape: Shape, of: Field) -> Pair:
    name = synonyms.likeness(column, of.name)
    fit = shape.types.get(of.type, 1.0) if shape.filled else 1.0
    form, says = shapes.BELONGS.get(of.name, ("", 0.0))
    looks = shape.forms.get(form, 0.0)
    score = name if fit >= FIT_MIN else 0.3 * name
    why = [f"its name is like `{of.name}`"] if name else []
    if looks >= FIT_MIN:
        score = max(min(1.0, score + 0.05), says * looks)
        why.append(f"{looks:.0%} of its values look like one")
    elif shape.filled and of.type not in (Type.TEXT, Type.CODE):
        why.append(f"{fit:.0%} of its values can be read as {of.type.value}")
    if not shape.filled:
        why.append("it is empty here")
    return Pair(column=column, field=of, score=score, why=", ".join(why))


def leftover(guessed: Guess, columns: Sequence[str]) -> list[str]:
    """Return the columns that are no field."""
    used = {pair.column for pair in guessed.pairs}
    return [column for column in columns if column not in used]
