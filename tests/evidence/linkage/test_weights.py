"""Weights: expectation maximisation finds out by itself which comparison can be trusted.

Goal: on pairs made with known error rates, the right pair of a group wins and probabilities mean
what they say. Method: a small simulation with a fixed seed.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tallyport.evidence.linkage.weights import compete, estimate

GROUPS, RIVALS = 400, 3


def simulated() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return levels, groups and truth: two good comparisons and one that says nothing."""
    chance = np.random.default_rng(7)
    truth = np.tile([True, False, False], GROUPS)
    good = np.where(truth, chance.random(len(truth)) < 0.9, chance.random(len(truth)) < 0.05)
    fair = np.where(truth, chance.random(len(truth)) < 0.8, chance.random(len(truth)) < 0.2)
    noise = chance.random(len(truth)) < 0.5
    levels = np.stack([good, fair, noise], axis=1).astype(np.int64)
    return levels, np.repeat(np.arange(GROUPS), RIVALS), truth


def test_the_right_pair_wins_and_probabilities_are_honest() -> None:
    """From a first guess by one comparison alone."""
    levels, groups, truth = simulated()
    log_odds = estimate(levels, np.where(levels[:, 0] == 1, 0.8, 0.1), groups)
    probability = compete(log_odds, groups)
    winners = np.array([log_odds[groups == one].argmax() for one in range(GROUPS)])
    assert (winners == 0).mean() > 0.9
    sure = probability > 0.9
    assert abs(truth[sure].mean() - probability[sure].mean()) < 0.03


def test_silence_is_not_held_against_a_record() -> None:
    """Records that cite nothing have many rivals; their right pairs are as right as others'."""
    rows, groups, truth = [], [], []
    for group in range(300):
        is_silent = group % 10 == 0
        for rival in range(20 if is_silent else 2):
            is_right = rival == 0
            cited = 0 if is_silent else 1 + is_right
            rows.append((cited, 1 + is_right))
            groups.append(group)
            truth.append(is_right)
    levels, right = np.array(rows), np.array(truth)
    seed = np.where(levels[:, 0] == 2, 0.9, 0.05)
    mute = (levels[:, 0] == 0) & right
    before = compete(estimate(levels, seed, np.array(groups)), np.array(groups))
    after = compete(estimate(levels, seed, np.array(groups), silent=[0]), np.array(groups))
    assert after[mute].min() > 0.99
    assert after[mute].min() > before[mute].min()


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_rivals_share_one(odds: list[float]) -> None:
    """At most one of a group is right, possibly none."""
    shares = compete(np.array(odds), np.zeros(len(odds), dtype=np.int64))
    assert (shares >= 0).all()
    assert shares.sum() <= 1 + 1e-9


def test_no_pairs_no_weights() -> None:
    """Nothing in, nothing out."""
    nothing = np.zeros((0, 2), dtype=np.int64)
    assert len(estimate(nothing, np.zeros(0), np.zeros(0, dtype=np.int64))) == 0
