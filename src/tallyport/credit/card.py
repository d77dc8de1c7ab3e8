"""The scorecard (打分卡) as data: weights, bins, grades, ceilings and limits, checked when read.

the weights of a role sum to 100       a score lies between 0 and 1000
bins are in order, their points fall   a better value never has fewer points
nothing known gives no points          what a firm does not show never helps it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.credit.indicators.model import Direction, Indicator

POINTS_MAX = 10  # Of one indicator; times weights that sum to 100 makes 1000.
WEIGHTS_SUM = 100
BP_WHOLE = 10_000


@unique
class Grade(StrEnum):
    """The rating (信用等级), best first."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"

    @property
    def rank(self) -> int:
        """Return 1 for the best to 5 for the worst."""
        return int(self.value[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Binned:
    """How an indicator earns points: (bound, points), best first."""

    indicator: Indicator
    code: str
    bins: tuple[tuple[int, int], ...]

    def points(self, value: int | None) -> int:
        """Return the points of `value`; none without one."""
        if value is None:
            return 0
        is_up = self.indicator.direction is Direction.UP
        for bound, points in self.bins:
            if (value >= bound) if is_up else (value <= bound):
                return points
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """No better grade than `grade` where the finding stands, or below so many trades."""

    grade: Grade
    finding: str | None
    roles: frozenset[str]
    trades_below: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """Limits are rounded down to `step`; below `floor` there is none, above `ceiling` no more."""

    step_minor: int
    floor_minor: int
    ceiling_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """How a limit follows from settled turnover and grade."""

    months: int
    share_bp: Mapping[Grade, int]
    rounding: Mapping[str, Rounding]  # By role.


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteListRule:
    """Who gets the preferential rate (白名单), and how far below the loan prime rate it is."""

    grades: frozenset[Grade]
    discount_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A scorecard for several roles."""

    name: str
    version: int
    window_days: int
    grades: tuple[tuple[int, Grade], ...]  # Least score, best first.
    binned: Mapping[str, Binned]
    roles: Mapping[str, Mapping[str, int]]
    severity: Mapping[str, Mapping[str, int]]  # Type of finding, role, points.
    severe_from: int
    ceilings: tuple[Ceiling, ...]
    limits: LimitRule
    white_list: WhiteListRule

    @property
    def id(self) -> str:
        """Return the name and version, as ratings quote it."""
        return f"{self.name}/{self.version}"

    def score(self, role: str, values: Mapping[str, int | None]) -> int:
        """Return the score of indicator values; one that is not there is not known."""
        return sum(
            weight * self.binned[name].points(values.get(name))
            for name, weight in self.roles[role].items()
        )

    def grade(self, score: int) -> Grade:
        """Return the grade of a score."""
        return next((grade for least, grade in self.grades if score >= least), Grade.C5)

    def severity_of(self, finding: str, role: str) -> int:
        """Return how much a type of finding weighs against a role."""
        known = self.severity.get(finding)
        return (self.severity["other"] if known is None else known).get(role, 0)
