"""The nouns of a credit limit (额度): limits that hang below each other, and what occupies them.

An occupation counts on its limit and on every limit above it, at once:

    group      100 000 000, used 70 000 000      30 000 000 left for everybody below
    ├─ port     80 000 000, used 60 000 000      20 000 000 left
    └─ depot    40 000 000, used 10 000 000      30 000 000 left; 20 000 000 were promised to both

LIM-1  exposure  what is used lies between 0 and the amount, on every limit of every chain, always
LIM-2  there     what an event names exists, and stands where the event needs it
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.contract import Book
from tallyport.kernel.guard import InvariantError, invariant
from tallyport.kernel.ids import LimitId, MemberId, OccupationId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed

DEPTH_MAX = 8  # Group, country, company, branch, product: every occupation walks all of them.


@unique
class Stage(StrEnum):
    """Where a limit stands. Freezing is apart: it stops a limit for a while at any stage."""

    GRANTED = "granted"  # 已授信
    EFFECTIVE = "effective"  # 已生效
    CLEARED = "cleared"  # 已清零: for good; what is still occupied comes back but is not lent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Row: `grantor` lets `subject` owe up to `amount`, of which `used_minor` is taken."""

    TABLE: ClassVar[str] = "limit"

    id: LimitId
    parent: LimitId | None
    depth: int  # Limits above this one.
    grantor: MemberId
    subject: MemberId
    amount: Money
    used_minor: int
    stage: Stage
    is_frozen: bool
    valid_from: date
    valid_until: date  # The first day on which it no longer holds.
    product: str

    @property
    def key(self) -> str:
        """The limit's id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation:
    """Row: `amount` was taken from a limit, of which `open_minor` has not come back."""

    TABLE: ClassVar[str] = "occupation"

    limit_id: LimitId
    purpose: Purpose
    id: OccupationId
    amount: Money
    open_minor: int

    @property
    def key(self) -> str:
        """The occupations of a limit stand together; each purpose has ids of its own."""
        return occupation_key(self.limit_id, self.purpose, self.id)


def occupation_key(limit_id: LimitId, purpose: Purpose, occupation_id: OccupationId) -> str:
    """Return the key of an occupation."""
    return f"{limit_id}|{purpose.value}|{occupation_id}"


def chain(book: Book, limit: Limit) -> Iterator[Limit]:
    """Yield `limit` and the limits above it, up to the one that hangs below none."""
    yield limit
    # audit: loop: a limit hangs below older ones, at most DEPTH_MAX deep
    while limit.parent is not None:
        limit = stored(book, limit.parent)
        yield limit


def stored(book: Book, limit_id: LimitId, *stages: Stage) -> Limit:
    """Return a limit that must be there, in one of `stages` if any are given."""
    limit = book.get(Limit, limit_id)
    if limit is None or (stages and limit.stage not in stages):
        raise InvariantError("LIM-2")
    return limit


def is_usable(limit: Limit, today: date) -> bool:
    """Return whether this one limit can be occupied today, if there is room."""
    in_time = limit.valid_from <= today < limit.valid_until
    return limit.stage is Stage.EFFECTIVE and not limit.is_frozen and in_time


def available(book: Book, limit: Limit, today: date) -> Money:
    """Return what can be occupied today: the least that is left on the limit and those above."""
    line = tuple(chain(book, limit))
    if not all(is_usable(one, today) for one in line):
        return Money(0, limit.amount.currency)
    return Money(min(one.amount.minor - one.used_minor for one in line), limit.amount.currency)


def moved(book: Book, limit_id: LimitId, minor: int) -> tuple[Limit, ...]:
    """Return the limit and all above it with `minor` more used; less, when it is negative."""
    after = tuple(
        changed(one, used_minor=one.used_minor + minor)
        for one in chain(book, stored(book, limit_id))
    )
    for limit in after:
        invariant(0 <= limit.used_minor <= limit.amount.minor, "LIM-1")
    return after
