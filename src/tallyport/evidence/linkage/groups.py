"""Grouped choices (分组选择): the best place of each item, as far as places have room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from tallyport.evidence.linkage.weights import Floats, Levels

FORBIDDEN = 1e6  # Costs more than any number of good pairs can save.
COMPONENT_MAX = 4_000  # Rows of one assignment problem; larger ones are taken greedily.


def numbered(frame: pl.DataFrame, by: Sequence[str]) -> Levels:
    """Return the group of each row as numbers from 0 without gaps, in order of appearance."""
    if not frame.height:
        return np.zeros(0, dtype=np.int64)
    first = frame.with_row_index("at").select(pl.col("at").first().over(by)).to_series().to_numpy()
    ids: Levels = np.unique(first, return_inverse=True)[1]
    return ids


def assigned(items: Levels, places: Levels, log_odds: Floats, room: Levels) -> Levels:
    """Return the rows to keep: each item at one place at most, each place within its `room`.

    Maximises the sum of `log_odds` among rows above zero, one connected component at a time.
    """
    rows = np.flatnonzero(log_odds > 0)
    if not len(rows):
        return rows
    item, place, gain = items[rows], places[rows], log_odds[rows]
    best = np.full(int(items.max()) + 1, -np.inf)
    np.maximum.at(best, item, gain)
    first = np.flatnonzero(gain == best[item])
    _, once = np.unique(item[first], return_index=True)
    first = first[once]
    load = np.bincount(place[first], minlength=len(room))
    contested = load > room
    size = int(items.max()) + 1
    graph = coo_array(
        (np.ones(len(rows)), (item, place + size)), shape=(size + len(room), size + len(room))
    )
    _, label = connected_components(graph, directed=False)
    hot = np.unique(label[size:][contested])
    in_hot = np.isin(label[item], hot)
    calm = first[~in_hot[first]]
    kept = [rows[calm]]
    hot_rows = np.flatnonzero(in_hot)
    if len(hot_rows):
        order = np.argsort(label[item[hot_rows]], kind="stable")
        hot_rows = hot_rows[order]
        edges = np.flatnonzero(np.diff(label[item[hot_rows]])) + 1
        parts = np.split(hot_rows, edges)
        kept.extend(rows[_solved(part, item, place, gain, room)] for part in parts)
    return np.sort(np.concatenate(kept))


def _solved(part: Levels, item: Levels, place: Levels, gain: Floats, room: Levels) -> Levels:
    """Solve one component: rows are items, columns are the free seats of the places."""
    items, row = np.unique(item[part], return_inverse=True)
    places, column = np.unique(place[part], return_inverse=True)
    seats = np.minimum(room[places], len(items))
    if len(items) > COMPONENT_MAX or int(seats.sum()) > COMPONENT_MAX:
        return _greedy(part, item, place, gain, room)
    start = np.concatenate([[0], np.cumsum(seats)])
    # One more column an item: stay unassigned, at no gain.
    cost = np.full((len(items), int(start[-1]) + len(items)), FORBIDDEN)
    cost[:, int(start[-1]) :] = 0.0
    number = np.full((len(items), len(places)), -1, dtype=np.int64)
    for index, where in enumerate(part):
        number[row[index], column[index]] = where
        cost[row[index], start[column[index]] : start[column[index] + 1]] = -gain[where]
    chosen_rows, chosen_columns = linear_sum_assignment(cost)
    keep = []
    for one, seat in zip(chosen_rows, chosen_columns, strict=True):
        if seat < start[-1] and cost[one, seat] < FORBIDDEN:
            at = int(np.searchsorted(start, seat, side="right")) - 1
            keep.append(number[one, at])
    return np.asarray(keep, dtype=np.int64)


def _greedy(part: Levels, item: Levels, place: Levels, gain: Floats, room: Levels) -> Levels:
    """Take the best pairs first; for components too large to solve exactly."""
    left = {int(where): int(room[where]) for where in np.unique(place[part])}
    done: set[int] = set()
    keep = []
    for where in part[np.argsort(-gain[part], kind="stable")]:
        one, at = int(item[where]), int(place[where])
        if one not in done and left[at] > 0:
            done.add(one)
            left[at] -= 1
            keep.append(int(where))
    return np.asarray(keep, dtype=np.int64)
