"""Values of any declared type, for properties that must hold for every form."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from tallyport.kernel.canonical import INTEGER_MAX
from tallyport.kernel.form import YEAR_MAX, YEAR_MIN
from tallyport.kernel.ids import ID_PATTERN
from tallyport.kernel.money import MINOR_MAX, Money

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.from_regex(ID_PATTERN, fullmatch=True).filter(lambda text: len(text) <= 20)
days = st.dates(date(YEAR_MIN, 1, 1), date(YEAR_MAX, 12, 31))
moments = st.datetimes(
    datetime(YEAR_MIN, 1, 1),  # noqa: DTZ001 - Hypothesis wants it naive.
    datetime(YEAR_MAX, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
moneys = st.builds(
    Money, st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from(["CNY", "USD", "UZS"])
)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: st.integers(-INTEGER_MAX, INTEGER_MAX),
    bool: st.booleans(),
    date: days,
    datetime: moments,
    Money: moneys,
    types.NoneType: st.none(),
}


def values(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - Of whatever type.
    """Return a strategy for the values of a type that a field of a form may have."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, typing.NewType):
        return ids
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([values(argument) for argument in arguments])
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if issubclass(annotation, StrEnum):
        return st.sampled_from(list(annotation))
    hints = typing.get_type_hints(annotation)
    fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(annotation)}
    return st.builds(annotation, **fields)
