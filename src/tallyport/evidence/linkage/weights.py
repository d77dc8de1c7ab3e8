"""Weights of agreement (匹配权重): how much each kind of agreement says, by the data at hand.

A pair of records is compared in several ways; each comparison ends in a level (0, 1, 2, ...). By
Fellegi and Sunter, a level is worth `log(m / u)`: how often it is seen among pairs that belong
together (`m`) against pairs that do not (`u`). Neither is known; both are estimated by expectation
maximisation from a first guess (pairs that an independent key joins), so that no figure here stands
for a particular trade.

    level of "same weight"      m       u      weight
    exact                     0.93    0.004     +5.4
    possible                  0.06    0.30      -1.6
    impossible                0.01    0.69      -4.2
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int64]  # One row a pair, one column a comparison.
Floats = npt.NDArray[np.float64]

ROUNDS_MAX = 25  # Estimates settle after about ten.
SETTLED = 1e-4
PRIOR_COUNT = 0.5  # Keeps a level that was never seen from deciding alone.
LOG_ODDS_MAX = 25.0  # Odds of 7e10: beyond it only rounding speaks.
NONE_FIRST = 0.05  # First guess of the share of records whose partner is not among the candidates.
NONE_MIN = 1e-3
LABELS_MIN = 30  # Fewer decided pairs hold, but teach nothing.


def estimate(
    levels: Levels,
    seed: Floats,
    groups: Levels,
    known: Floats | None = None,
    *,
    silent: Collection[int] = (),
) -> Floats:
    """Return the log odds of each pair against "none of its group", from a first guess `seed`.

    At most one pair of a group is right. How many groups have no right pair is estimated too.
    `groups` holds numbers from 0 without gaps. `known` has 1 or 0 for pairs that somebody decided
    about, NaN for the others. From LABELS_MIN of them on their belief stays, and weights are learnt
    from it; a few, picked because they are odd, would say more about levels than they can know.

    Level 0 of the comparisons in `silent` means that the record says nothing: it is worth nothing.
    How often silence is seen among wrong pairs depends only on how many rivals silent records have.
    """
    if not len(levels):
        return np.zeros(0)
    told = np.full(len(levels), np.nan)
    if known is not None and np.count_nonzero(~np.isnan(known)) >= LABELS_MIN:
        told = known
    belief = _told(np.clip(seed.astype(np.float64), 1e-3, 1 - 1e-3), told)
    patterns, pattern = _patterns(levels)
    seen = np.bincount(pattern).astype(np.float64)
    rivals = np.log(np.bincount(groups))[groups]
    none = NONE_FIRST
    log_odds = np.zeros(len(levels))
    for _ in range(ROUNDS_MAX):
        together = np.bincount(pattern, weights=belief, minlength=len(patterns))
        worth = np.zeros(len(patterns))
        for column, level in enumerate(patterns.T):
            weights = _level_weights(
                np.bincount(level, weights=together).astype(np.float64),
                np.bincount(level, weights=seen - together).astype(np.float64),
                says_nothing=column in silent,
            )
            worth += weights[level]
        log_odds = np.log(1 - none) - np.log(none) - rivals + worth[pattern]
        log_odds = np.clip(log_odds, -LOG_ODDS_MAX, LOG_ODDS_MAX)
        update = _told(compete(log_odds, groups), told)
        found = np.minimum(1.0, np.bincount(groups, weights=update))
        none = float(np.clip(1 - found.mean(), NONE_MIN, 1 - NONE_MIN))
        change = float(np.abs(update - belief).max())
        belief = update
        if change < SETTLED:
            break
    return log_odds


def _patterns(levels: Levels) -> tuple[Levels, Levels]:
    """Return the distinct rows of `levels`, and which of them each row is.

    Millions of pairs show a few hundred patterns, so that counting these is all that costs time.
    """
    sizes = levels.max(axis=0) + 1
    codes, pattern = np.unique(np.ravel_multi_index(levels.T, sizes), return_inverse=True)
    return np.stack(np.unravel_index(codes, sizes), axis=1), pattern


def _told(belief: Floats, told: Floats) -> Floats:
    """Return what is believed, and where somebody decided, that."""
    certain: Floats = np.where(np.isnan(told), belief, told)
    return certain


def _level_weights(together: Floats, apart: Floats, *, says_nothing: bool) -> Floats:
    """Return `log(m / u)` of each level of one comparison, seen so often together and apart.

    Where level 0 `says_nothing`, its weight is 0 and the others are those among pairs that speak.
    """
    together, apart = PRIOR_COUNT + together, PRIOR_COUNT + apart
    if says_nothing:
        together[0] = apart[0] = 0.0
    heard = slice(int(says_nothing), None)
    weights: Floats = np.zeros(len(together))
    weights[heard] = np.log(together[heard] / together.sum()) - np.log(apart[heard] / apart.sum())
    return weights


def sigmoid(log_odds: Floats) -> Floats:
    """Return probabilities for independent `log_odds`."""
    probabilities: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -LOG_ODDS_MAX, LOG_ODDS_MAX)))
    return probabilities


def compete(log_odds: Floats, groups: Levels) -> Floats:
    """Return probabilities when at most one pair of each group is right, possibly none.

    `groups` holds numbers from 0 without gaps. "None" has odds of one.
    """
    if not len(log_odds):
        return np.zeros(0)
    top = np.zeros(int(groups.max()) + 1)
    np.maximum.at(top, groups, log_odds)
    scaled = np.exp(log_odds - top[groups])
    total = np.bincount(groups, weights=scaled) + np.exp(-top)
    shares: Floats = scaled / total[groups]
    return shares
