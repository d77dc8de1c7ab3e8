"""Ranking: AUC and KS against counting every pair.

Goal: the figure in the docs is what the words say. Method: brute force over all pairs as an oracle;
the ends of the scale by hand.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallyport.credit.ranking import ranking

OUTCOMES = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40)


@given(OUTCOMES)
def test_it_counts_pairs(outcomes: list[tuple[int, bool]]) -> None:
    """A tie counts half; KS is the widest gap between the two distributions."""
    good = [score for score, went_well in outcomes if went_well]
    bad = [score for score, went_well in outcomes if not went_well]
    found = ranking(outcomes)
    if not good or not bad:
        assert found is None
        return
    assert found is not None
    halves = sum(2 * (g > b) + (g == b) for g in good for b in bad)
    assert found.auc == Fraction(halves, 2 * len(good) * len(bad))
    assert found.gini == 2 * found.auc - 1
    gaps = [
        abs(
            Fraction(sum(g <= cut for g in good), len(good))
            - Fraction(sum(b <= cut for b in bad), len(bad))
        )
        for cut in range(10)
    ]
    assert found.ks == max(gaps)


def test_a_prophet_a_coin_and_a_liar() -> None:
    """1, one half, 0."""
    for good, bad, auc in ((9, 1, 1), (5, 5, Fraction(1, 2)), (1, 9, 0)):
        found = ranking([(good, True), (bad, False)])
        assert found is not None
        assert found.auc == auc
