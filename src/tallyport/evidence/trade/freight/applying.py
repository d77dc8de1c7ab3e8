"""Apply money (核销): share a payment out over what is due, the surest explanation first.

    named, and the sum agrees        1,200 for bills of 700 and 500
    named, less than is left         a part: what came first is settled first
    named, more than is left         the rest may settle another due to the cent; else it is over
    not named, one due agrees        to the cent, the nearest in time
    not named, several agree         neighbours in time first, then any two or three

A shipper's payment may be short by what a bank takes; the custody account sends exact sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from tallyport.evidence.trade.freight.model import Due

RUN_MAX = 12  # Dues that one payment settles in a row.
PAIRS_AMONG_MAX = 24  # Open dues of a party among which twos and threes are tried.


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An explanation: how much settles which due, what is left over, how sure that is."""

    parts: tuple[tuple[Due, int], ...]
    rest_minor: int  # Over; below zero: charges that nobody stated.
    probability: float
    reason: str


def named(gross: int, cited: Sequence[Due], others: Sequence[Due], slack: int) -> Share | None:
    """Return how a payment settles the dues that it names; None when nothing of them is left."""
    opened = [due for due in cited if due.left_minor > 0]
    if not opened:
        return None
    one = [due for due in opened if 0 <= due.left_minor - gross <= slack]
    if one:
        best = min(one, key=lambda due: due.left_minor)
        return _whole([best], gross, 0.99, "names it, and the sum agrees")
    left = sum(due.left_minor for due in opened)
    if 0 <= left - gross <= slack:
        return _whole(opened, gross, 0.99, "names all, and the sum agrees")
    if gross < left:
        some = _subset(gross, opened, slack)
        parts = tuple(_oldest(gross, opened))
        a_part = Share(parts=parts, rest_minor=0, probability=0.92, reason="a part")
        return _whole(some, gross, 0.97, "the sum of some that it names") if some else a_part
    extra = _subset(gross - left, others, slack)
    if extra:
        return _whole([*opened, *extra], gross, 0.93, "names some, another agrees with the rest")
    parts = tuple((due, due.left_minor) for due in opened)
    return Share(parts=parts, rest_minor=gross - left, probability=0.95, reason="more than is due")


def unnamed(gross: int, opened: Sequence[Due], slack: int, day: date) -> Share | None:
    """Return how a payment that names nothing settles dues to the cent; None when none agree."""
    same = [due for due in opened if 0 <= due.left_minor - gross <= slack]
    if same:
        best = min(same, key=lambda due: (due.left_minor - gross, _apart(due, day), due.target))
        sure = 0.95 if len(same) == 1 else 0.95 / len(same)
        return _whole([best], gross, sure, "the sum agrees")
    some = _subset(gross, opened, slack)
    return _whole(some, gross, 0.85, "the sum of several agrees") if some else None


def _apart(due: Due, day: date) -> int:
    return abs((due.due_on - day).days)


def _whole(dues: Iterable[Due], gross: int, probability: float, reason: str) -> Share:
    """Settle dues in full; what is short is charges."""
    parts = tuple((due, due.left_minor) for due in dues)
    rest = gross - sum(amount for _, amount in parts)
    return Share(parts=parts, rest_minor=rest, probability=probability, reason=reason)


def _oldest(gross: int, dues: Sequence[Due]) -> Iterable[tuple[Due, int]]:
    """Settle what came first."""
    for due in sorted(dues, key=lambda due: (due.since, due.target)):
        amount = min(gross, due.left_minor)
        if amount > 0:
            yield due, amount
        gross -= amount


def _subset(gross: int, dues: Sequence[Due], slack: int) -> list[Due]:
    """Return dues that sum to `gross`: one, a run in time, or any two or three; or none."""
    if gross <= 0:
        return []
    ordered = sorted(dues, key=lambda due: (due.since, due.target))
    for start in range(len(ordered)):
        total = 0
        for end in range(start, min(start + RUN_MAX, len(ordered))):
            total += ordered[end].left_minor
            if 0 <= total - gross <= slack:
                return ordered[start : end + 1]
            if total > gross + slack:
                break
    recent = ordered[-PAIRS_AMONG_MAX:]
    for size in (2, 3):
        for some in combinations(recent, size):
            if 0 <= sum(due.left_minor for due in some) - gross <= slack:
                return list(some)
    return []
