"""Limits for people (额度): the tree of limits, what is used of them and by what."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tallyport.contracts.limit.model import Limit, Occupation, available, is_usable
from tallyport.kernel.money import Money
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.rows import PAGE_MAX, equal, of_member, rows

BP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit in its tree, and how full it is."""

    limit: Limit
    used: Money
    left: Money  # On this limit alone.
    available: Money  # Today, with the limits above it.
    used_bp: int
    is_usable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDetail:
    """A limit with what occupies it."""

    line: LimitLine
    occupations: tuple[Occupation, ...]


def limits(
    views: sqlite3.Connection, today: date, member: str | None = None
) -> tuple[LimitLine, ...]:
    """Return limits, each behind the one it hangs below; of a member those it gives or has."""
    found = rows(views, Limit, of_member(member, "grantor", "subject"))
    book = Mirror(views)
    return tuple(_line(book, limit, today) for limit in _ordered(found))


def _ordered(found: tuple[Limit, ...]) -> Iterator[Limit]:
    known = {limit.id for limit in found}
    below: dict[str | None, list[Limit]] = {}
    for limit in found:
        below.setdefault(limit.parent if limit.parent in known else None, []).append(limit)
    waiting = below.get(None, [])[::-1]
    while waiting:
        limit = waiting.pop()
        yield limit
        waiting += below.get(limit.id, [])[::-1]


def _line(book: Mirror, limit: Limit, today: date) -> LimitLine:
    currency, whole = limit.amount.currency, limit.amount.minor
    return LimitLine(
        limit=limit,
        used=Money(limit.used_minor, currency),
        left=Money(whole - limit.used_minor, currency),
        available=available(book, limit, today),
        used_bp=limit.used_minor * BP // whole if whole else 0,
        is_usable=is_usable(limit, today),
    )


def limit_detail(views: sqlite3.Connection, limit_id: str, today: date) -> LimitDetail | None:
    """Return a limit and its occupations, or None."""
    book = Mirror(views)
    limit = book.get(Limit, limit_id)
    if limit is None:
        return None
    occupations = rows(views, Occupation, equal("limit_id", limit_id), PAGE_MAX)
    return LimitDetail(line=_line(book, limit, today), occupations=occupations)
