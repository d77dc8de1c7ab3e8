"""Vehicle quality index, VQI (车辆质量指数): the twenty items of an inspection in one figure.

Items weigh by what it costs to be wrong about them:

    3   what cannot be mended or costs as much as the car    frame, flood, fire, engine, gearbox,
                                                             energy
    2   what people trust their lives to                     brakes, steering, suspension, chassis,
                                                             belts, road test
    1   what wears and is replaced                           tyres, electrics, warnings, lights, air
                                                             conditioning, body, paint, interior

The index of one report is the weighted mean of its items, 0 to 100. Under `ITEMS_MIN` items there
is none. A car whose frame, flood or fire item is below 60 is never above 60, however fine the rest.

Several reports give their mean, its standard deviation (the source's "87.6 ± 2.3 over 286 reports")
and an interval that holds the true mean 95 times in 100. Everything is counted in hundredths of a
point, in whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt

import polars as pl

from tallyport.evidence.sources.vocabulary import INSPECTION_ITEMS
from tallyport.kernel import ratio

POINT = 100  # Hundredths in a point.
ITEMS_MIN = 15  # Of twenty; fewer may hide what is bad.
FATAL = ("frame", "flood", "fire")
FATAL_BELOW = 60
_HEAVY = (*FATAL, "engine", "gearbox", "energy")
_SAFETY = ("brakes", "steering", "suspension", "chassis", "belts", "road_test")
WEIGHTS: Mapping[str, int] = {
    item: 3 if item in _HEAVY else 2 if item in _SAFETY else 1 for item in INSPECTION_ITEMS
}

# Student's t for 95%, two-sided, in thousandths, by degrees of freedom 1 to 30; then the normal.
_T = (
    12706, 4303, 3182, 2776, 2571, 2447, 2365, 2306, 2262, 2228, 2201, 2179, 2160, 2145, 2131,
    2120, 2110, 2101, 2093, 2086, 2080, 2074, 2069, 2064, 2060, 2056, 2052, 2048, 2045, 2042,
)  # fmt: skip
_NORMAL = 1960


@dataclass(frozen=True, slots=True, kw_only=True)
class Vqi:
    """The mean of `reports` indices in hundredths; `spread` and `margin` need two reports.

    The true mean lies within `mean` ± `margin` 95 times in 100; single reports vary by `spread`.
    """

    mean: int
    spread: int | None
    margin: int | None
    reports: int

    def sentence(self) -> str:
        """Return it as people read it: 87.61 ± 2.30, mean within ± 0.27 (286 reports)."""
        if self.spread is None or self.margin is None:
            return f"{self.mean / POINT:.2f} (1 report: no interval)"
        return (
            f"{self.mean / POINT:.2f} ± {self.spread / POINT:.2f}, mean within"
            f" ± {self.margin / POINT:.2f} ({self.reports} reports)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An item in an index: its points, its weight, and the hundredths that it takes off 100."""

    item: str
    points: Decimal
    weight: int
    lost: int

    def sentence(self) -> str:
        """Return it as people read it: frame 82 × 3 (-1.42)."""
        return f"{self.item} {self.points.normalize():f} × {self.weight} (-{self.lost / POINT:.2f})"


def index(items: Mapping[str, Decimal | None]) -> int | None:
    """Return the index of one report in hundredths of a point, or None when too little is known."""
    known = {name: value for name in INSPECTION_ITEMS if (value := items.get(name)) is not None}
    if len(known) < ITEMS_MIN:
        return None
    weight = sum(WEIGHTS[name] for name in known)
    hundredths = {name: int(value * POINT) for name, value in known.items()}
    score = sum(WEIGHTS[name] * value for name, value in hundredths.items())
    mean = min(max(ratio.half_up(score, weight), 0), 100 * POINT)
    is_fatal = any(hundredths.get(name, 100 * POINT) < FATAL_BELOW * POINT for name in FATAL)
    return min(mean, FATAL_BELOW * POINT) if is_fatal else mean


def explained(items: Mapping[str, Decimal | None]) -> tuple[Weighed, ...]:
    """Return the items of one report with their weights, what costs most first.

    What they take off sums to 100 less the weighted mean, but for rounding.
    """
    known = {name: value for name in INSPECTION_ITEMS if (value := items.get(name)) is not None}
    whole = sum(WEIGHTS[name] for name in known)
    parts = [
        Weighed(
            item=name,
            points=value,
            weight=WEIGHTS[name],
            lost=ratio.half_up(WEIGHTS[name] * max(100 * POINT - int(value * POINT), 0), whole),
        )
        for name, value in known.items()
    ]
    return tuple(sorted(parts, key=lambda one: (-one.lost, one.item)))


def combined(indices: Sequence[int]) -> Vqi | None:
    """Return the VQI of several reports; none give none."""
    count = len(indices)
    if not count:
        return None
    total = sum(indices)
    mean = ratio.half_up(total, count)
    if count == 1:
        return Vqi(mean=mean, spread=None, margin=None, reports=1)
    squares = count * sum(value * value for value in indices) - total * total
    variance = ratio.half_up(squares * 10_000, count * (count - 1))  # Two more digits for the root.
    spread = isqrt(variance)
    t = _T[count - 2] if count - 2 < len(_T) else _NORMAL
    margin = ratio.half_up(t * isqrt(ratio.half_up(variance * 10_000, count)), 10_000_000)
    return Vqi(mean=mean, spread=ratio.half_up(spread, 100), margin=margin, reports=count)


def of_reports(inspections: pl.DataFrame) -> dict[str, int]:
    """Return the index of each report of the table `inspection` by its number."""
    names = ["report_no", *INSPECTION_ITEMS]
    found = {}
    for report_no, *items in inspections.select(names).iter_rows():
        value = index(dict(zip(INSPECTION_ITEMS, items, strict=True)))
        if value is not None:
            found[report_no] = value
    return found


def fleet(inspections: pl.DataFrame) -> Vqi | None:
    """Return the VQI over all reports of the table `inspection`."""
    return combined([value for _, value in sorted(of_reports(inspections).items())])
