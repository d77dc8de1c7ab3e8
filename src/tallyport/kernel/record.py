"""Copies of frozen records, without the detours of `dataclasses`.

A record is a frozen dataclass with slots. `dataclasses.replace` looks up every field in a table of
descriptions, and the constructor of a frozen class takes a detour for every field: for a
certificate of eleven fields that costs more than judging its transfer. Here an open twin of the
class, with the same fields, is filled, and then becomes one of the class itself: frozen, like all.

    changed(certificate, stage=Stage.OPEN, offered_to=None)      a third of what `replace` takes

RECORD-1  plain  only records that check nothing when they are made are made so
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from tallyport.kernel.guard import invariant

R = TypeVar("R")


class _Way(NamedTuple):
    """How the records of a class are copied."""

    twin: Callable[..., Any]
    values: Callable[[Any], tuple[Any, ...]]


def changed(record: R, **changes: object) -> R:
    """Return `record` with other values in some fields."""
    kind = type(record)
    twin, values = _way(kind)
    copy = twin(*values(record))
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.__class__ = kind
    return copy  # type: ignore[no-any-return]


def made(kind: type[R], values: Sequence[object]) -> R:
    """Return a record whose fields have `values`, in the order of their declaration."""
    record = _way(kind).twin(*values)
    record.__class__ = kind
    return record  # type: ignore[no-any-return]


def _make_way(kind: type) -> _Way:
    invariant(is_plain(kind), "RECORD-1")
    names = tuple(field.name for field in dataclasses.fields(kind))
    if hasattr(kind, "__opened__"):  # In compiled code (ADR 14): it is its own twin.
        return _Way(kind, reader(names))
    return _Way(dataclasses.make_dataclass(kind.__name__, names, slots=True), reader(names))


_way: Callable[[type], _Way] = cache(_make_way)


def is_plain(kind: type) -> bool:
    """Return whether a record checks nothing when it is made."""
    return not hasattr(kind, "__post_init__")


def reader(paths: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads `paths`, fields or fields of fields, of a value."""
    if len(paths) > 1:
        several: Callable[[Any], tuple[Any, ...]] = attrgetter(*paths)
        return several
    return lambda value: tuple([attrgetter(path)(value) for path in paths])
