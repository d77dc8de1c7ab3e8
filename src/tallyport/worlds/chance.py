"""Chance (随机) that can be repeated: every stage of a world draws from a stream of its own.

A stream depends on the seed and on its own name, on nothing else: not on hash order, not on how
much another stage drew. So more noise in the warehouse never moves a contract, and equal arguments
give equal bytes.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

MILLE = 1000  # Chances are whole per mille, so that they can be read and compared.


class Dice:
    """One stream of chance, named after the stage that draws from it."""

    __slots__ = ("_random",)

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")  # noqa: S311 - A simulation, not a secret.

    def happens(self, per_mille: int) -> bool:
        """Return whether something with a chance of `per_mille` in a thousand came to pass."""
        return self._random.randrange(MILLE) < per_mille

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def days(self, low: int, high: int) -> timedelta:
        """Return from `low` to `high` days, both included."""
        return timedelta(days=self.between(low, high))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`, each as likely as the others."""
        return choices[self._random.randrange(len(choices))]

    def weigh(self, choices: Sequence[tuple[T, int]]) -> T:
        """Return one of `choices`, each as likely as its weight says."""
        marks = list(accumulate(weight for _, weight in choices))
        return choices[bisect_right(marks, self._random.randrange(marks[-1]))][0]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Return `count` different ones of `choices`, or all of them where there are fewer."""
        return self._random.sample(choices, min(count, len(choices)))

    def text(self, alphabet: str, length: int) -> str:
        """Return `length` characters of `alphabet`."""
        return "".join(self.pick(alphabet) for _ in range(length))
