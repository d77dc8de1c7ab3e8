"""Ranking (排序能力): does a higher score really mean less trouble later? Counted over all pairs.

AUC     share of the pairs (one went well, one went badly) in which the better one had the higher
        score; a tie counts half. 0.5 is a coin, 1.0 a prophet.
Gini    2 x AUC - 1
KS      largest distance between the score distributions of good and bad
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How scores ranked `good` outcomes against `bad` ones."""

    auc: Fraction
    ks: Fraction
    good: int
    bad: int

    @property
    def gini(self) -> Fraction:
        """Return 2 x AUC - 1."""
        return 2 * self.auc - 1


def ranking(outcomes: Iterable[tuple[int, bool]]) -> Ranking | None:
    """Return the ranking of (score, went well) pairs; None unless both outcomes occur."""
    good: Counter[int] = Counter()
    bad: Counter[int] = Counter()
    for score, went_well in outcomes:
        (good if went_well else bad)[score] += 1
    if not good or not bad:
        return None
    halves = below = reached = 0
    widest = Fraction(0)
    for score in sorted(good.keys() | bad.keys()):
        halves += good[score] * (2 * below + bad[score])
        below += bad[score]
        reached += good[score]
        gap = Fraction(below, bad.total()) - Fraction(reached, good.total())
        widest = max(widest, abs(gap))
    pairs = 2 * good.total() * bad.total()
    return Ranking(auc=Fraction(halves, pairs), ks=widest, good=good.total(), bad=bad.total())
