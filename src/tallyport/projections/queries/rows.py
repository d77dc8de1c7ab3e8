"""Rows of contracts as the mirror keeps them, a page at a time, in the order of their keys.

A page names its last key; the next one begins behind it. Rows that are added meanwhile shift
nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tallyport.kernel.canonical import decode
from tallyport.kernel.contract import Row
from tallyport.kernel.form import codec
from tallyport.projections.mirror import name_of

PAGE = 50
PAGE_MAX = 200  # More on one page nobody reads, and an answer stays small.

R = TypeVar("R", bound=Row)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of the things, and where to go on; `next` is None on the last page."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A condition in SQL of our own, with the values that it asks for."""

    sql: str = "1"
    values: tuple[str | int, ...] = ()

    def __and__(self, other: Where) -> Where:
        return Where(sql=f"({self.sql}) AND ({other.sql})", values=self.values + other.values)

    def __or__(self, other: Where) -> Where:
        return Where(sql=f"({self.sql}) OR ({other.sql})", values=self.values + other.values)


EVERYTHING = Where()


def equal(column: str, value: str) -> Where:
    """Return the condition that `column` is `value`; an empty value asks nothing."""
    return Where(sql=f'"{column}" = ?', values=(value,)) if value else EVERYTHING


def contains(column: str, text: str) -> Where:
    """Return the condition that `column` holds `text`; an empty text asks nothing."""
    return Where(sql=f'instr("{column}", ?) > 0', values=(text,)) if text else EVERYTHING


def of_member(member: str | None, *columns: str) -> Where:
    """Return the condition that one of `columns` is the member; None is everybody."""
    if member is None:
        return EVERYTHING
    sql = " OR ".join(f'"{column}" = ?' for column in columns)
    return Where(sql=sql, values=(member,) * len(columns))


def rows(
    views: sqlite3.Connection, kind: type[R], where: Where = EVERYTHING, most: int | None = None
) -> tuple[R, ...]:
    """Return the rows of `kind` that `where` asks for, in order of their keys."""
    query = (
        f"SELECT _row FROM {name_of(kind)}"  # noqa: S608 - Names and conditions are ours.
        f" WHERE {where.sql} ORDER BY _key LIMIT ?"
    )
    form = codec(kind)
    found = views.execute(query, (*where.values, -1 if most is None else most)).fetchall()
    return tuple(form.decode(decode(row[0].encode())) for row in found)


def page(
    views: sqlite3.Connection,
    kind: type[R],
    where: Where = EVERYTHING,
    *,
    after: str = "",
    most: int = PAGE,
) -> Page[R]:
    """Return the rows behind the key `after`, at most `most` of them."""
    behind = Where(sql="_key > ?", values=(after,)) & where
    return cut(rows(views, kind, behind, most + 1), most, lambda row: row.key)


def cut(found: Sequence[T], most: int, key: Callable[[T], str]) -> Page[T]:
    """Return a page of `found`, which holds one more than wanted when there is more."""
    items = tuple(found[:most])
    return Page(items=items, next=key(items[-1]) if len(found) > most else None)
