"""A clerk (录入员): somebody at a keyboard who slips, keys late, keys twice, gives up half-way.

Every slip has a chance per mille at noise 1; noise scales them all. At noise 0 nothing is mistyped,
missing, late, doubled or torn, and what remains of a system's habits is its format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from tallyport.worlds.chance import MILLE, Dice
from tallyport.worlds.files import Cell, Row, Table
from tallyport.worlds.reality.period import AS_OF

T = TypeVar("T")

_TORN_PER_MILLE = 4
_KEYED_LATE_PER_MILLE = 60
_PERCENT = 100


class Clerk:
    """The clerk of one system. `noise_percent` is 100 for an ordinary one."""

    __slots__ = ("_noise_percent", "dice")

    def __init__(self, dice: Dice, noise_percent: int) -> None:
        self.dice = dice
        self._noise_percent = noise_percent

    def slips(self, per_mille: int) -> bool:
        """Return whether something happened that an ordinary clerk does so often in a thousand."""
        return self.dice.happens(per_mille * self._noise_percent // _PERCENT)

    def keyed(self, day: date) -> date:
        """Return the day on which something of `day` was keyed in: soon, or weeks later."""
        if self.slips(_KEYED_LATE_PER_MILLE):
            return min(AS_OF, day + self.dice.days(28, 60))
        return min(AS_OF, day + self.dice.days(0, 2)) if self._noise_percent else day

    def doubled(self, rows: Sequence[T], per_mille: int) -> list[T]:
        """Return `rows` with some of them once more at the end, as a second delivery."""
        return [*rows, *(row for row in rows if self.slips(per_mille))]

    def torn(self, rows: Sequence[T], damage: Sequence[Callable[[T], T]]) -> list[T]:
        """Return `rows` where some stand twice: the good one, then a second try broken off.

        Every sort of damage occurs at least once at ordinary noise, so that a quarantine has
        something to show. Nothing is lost: the good row is always there, and comes first.
        """
        if not rows or not damage or not self._noise_percent:
            return list(rows)
        ordinary = len(rows) * _TORN_PER_MILLE // MILLE
        count = max(len(damage), ordinary) * self._noise_percent // _PERCENT
        chosen = self.dice.some(range(len(rows)), max(1, count))
        tries = {at: damage[number % len(damage)](rows[at]) for number, at in enumerate(chosen)}
        result: list[T] = []
        for at, row in enumerate(rows):
            result.append(row)
            if at in tries:
                result.append(tries[at])
        return result

    def worked(
        self, table: Table, *, doubled: int = 0, torn: Sequence[tuple[str, Cell]] = ()
    ) -> Table:
        """Return `table` as the clerk left it: rows doubled, rows torn in the named cells."""
        rows = self.torn(table.rows, [_spoil(table.columns, *cell) for cell in torn])
        return Table(table.columns, self.doubled(rows, doubled))


def _spoil(columns: tuple[str, ...], column: str, cell: Cell) -> Callable[[Row], Row]:
    """Return a damage that puts `cell` into `column`."""
    at = columns.index(column)
    return lambda row: (*row[:at], cell, *row[at + 1 :])
