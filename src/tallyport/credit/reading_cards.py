"""Read a scorecard from YAML (读取打分卡), with all its mistakes at once.

trade.yaml: roles.buyer: expected weights that sum to 100, came 98; correct them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import yaml

from tallyport.credit.card import (
    POINTS_MAX,
    WEIGHTS_SUM,
    Binned,
    Card,
    Ceiling,
    Grade,
    LimitRule,
    Rounding,
    WhiteListRule,
)
from tallyport.credit.indicators import INDICATORS
from tallyport.credit.indicators.model import Direction
from tallyport.kernel.guard import FaultError

T = TypeVar("T")
SEVERITY_MAX = 10  # The same scale as points: a finding can cost what an indicator can earn.


class CardError(FaultError):
    """The card has mistakes; the message lists all of them."""


def builtin(name: str = "trade") -> Card:
    """Return a card of the package."""
    text = (files("tallyport.credit") / "cards" / f"{name}.yaml").read_text("utf-8")
    return parse(text, origin=f"{name}.yaml")


def load(path: Path) -> Card:
    """Return the card in the file `path`.

    Raises:
        CardError: It cannot be read or has mistakes.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"打分卡无法读取 / expected a readable UTF-8 file at {path}, came: {error}"
        raise CardError(message) from None
    return parse(text, origin=str(path))


def parse(text: str, *, origin: str) -> Card:
    """Return the card in `text`.

    Raises:
        CardError: It has mistakes.
    """
    try:
        root = yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"打分卡格式有误 / {origin}: expected plain YAML, came: {error}"
        raise CardError(message) from None
    checking = _Checking()
    card = checking.card(root)
    if checking.mistakes:
        listed = "\n".join(f"  {mistake}" for mistake in checking.mistakes)
        message = f"打分卡有误 / {origin} is not a usable scorecard:\n{listed}"
        raise CardError(message)
    return card


@dataclass(slots=True)
class _Checking:
    """Collects mistakes while the parts of a card are built; a part with one is still built."""

    mistakes: list[str] = field(default_factory=list)

    def wrong(self, place: str, expected: str, came: object) -> None:
        self.mistakes.append(f"{place}: expected {expected}, came {str(came)[:80]}; correct it")

    def mapping(self, value: object, place: str) -> Mapping[str, object]:
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
        self.wrong(place, "a mapping", value)
        return {}

    def whole(self, value: object, place: str, *, most: int | None = None) -> int:
        if type(value) is int and value >= 0 and (most is None or value <= most):
            return value
        self.wrong(place, f"a whole number from 0 to {most or 'any'}", value)
        return 0

    def text(self, value: object, place: str) -> str:
        if isinstance(value, str) and value:
            return value
        self.wrong(place, "text", value)
        return "?"

    def grade(self, value: object, place: str) -> Grade:
        if value in list(Grade):
            return Grade(str(value))
        self.wrong(place, f"one of {', '.join(Grade)}", value)
        return Grade.C5

    def items(self, value: object, place: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        if isinstance(value, list):
            return tuple(read(one, f"{place}[{at}]") for at, one in enumerate(value))
        self.wrong(place, "a list", value)
        return ()

    def card(self, root: object) -> Card:
        top = self.mapping(root, "card")
        binned = {
            name: self.binned(name, value)
            for name, value in self.mapping(top.get("indicators"), "indicators").items()
            if self.is_known(name)
        }
        roles = {
            role: self.weights(weights, f"roles.{role}", binned)
            for role, weights in self.mapping(top.get("roles"), "roles").items()
        }
        severity = {
            finding: self.severities(found, f"severity.{finding}")
            for finding, found in self.mapping(top.get("severity"), "severity").items()
        }
        if "other" not in severity:
            self.wrong("severity", "an entry `other` for types not named", sorted(severity))
        limits = self.limits(top.get("limits"))
        if roles.keys() != limits.rounding.keys():
            self.wrong("limits.rounding", f"the roles {sorted(roles)}", sorted(limits.rounding))
        return Card(
            name=self.text(top.get("card"), "card"),
            version=self.whole(top.get("version"), "version"),
            window_days=self.whole(top.get("window_days"), "window_days"),
            grades=self.grades(top.get("grades")),
            binned=binned,
            roles=roles,
            severity=severity,
            severe_from=self.whole(top.get("severe_from"), "severe_from", most=SEVERITY_MAX),
            ceilings=self.items(top.get("ceilings"), "ceilings", self.ceiling),
            limits=limits,
            white_list=self.white_list(top.get("white_list")),
        )

    def is_known(self, name: str) -> bool:
        if name in INDICATORS:
            return True
        self.wrong(f"indicators.{name}", f"one of {', '.join(INDICATORS)}", name)
        return False

    def binned(self, name: str, value: object) -> Binned:
        place = f"indicators.{name}"
        found = self.mapping(value, place)
        bins = self.items(found.get("bins"), f"{place}.bins", self.bin)
        indicator = INDICATORS[name]
        bounds = [bound for bound, _ in bins]
        points = [earned for _, earned in bins]
        ordered = sorted(set(bounds), reverse=indicator.direction is Direction.UP)
        if not bins or bounds != ordered:
            self.wrong(f"{place}.bins", "bounds from best to worst", bounds)
        if points != sorted(points, reverse=True) or points[:1] != [POINTS_MAX]:
            self.wrong(f"{place}.bins", f"points that fall from {POINTS_MAX}", points)
        code = self.text(found.get("code"), f"{place}.code")
        return Binned(indicator=indicator, code=code, bins=bins)

    def bin(self, value: object, place: str) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - Bound and points.
            self.wrong(place, "a pair of bound and points", value)
            return 0, 0
        return self.whole(value[0], place), self.whole(value[1], place, most=POINTS_MAX)

    def weights(self, value: object, place: str, binned: Mapping[str, Binned]) -> Mapping[str, int]:
        weights = {
            name: self.whole(weight, f"{place}.{name}", most=WEIGHTS_SUM)
            for name, weight in self.mapping(value, place).items()
        }
        if unbinned := [name for name in weights if name not in binned]:
            self.wrong(place, "indicators that have bins", ", ".join(unbinned))
        if (total := sum(weights.values())) != WEIGHTS_SUM:
            self.wrong(place, f"weights that sum to {WEIGHTS_SUM}", total)
        return weights

    def severities(self, value: object, place: str) -> Mapping[str, int]:
        return {
            role: self.whole(points, f"{place}.{role}", most=SEVERITY_MAX)
            for role, points in self.mapping(value, place).items()
        }

    def grades(self, value: object) -> tuple[tuple[int, Grade], ...]:
        found = self.mapping(value, "grades")
        least = tuple((self.whole(found.get(one), f"grades.{one}"), one) for one in Grade)
        scores = [score for score, _ in least]
        if scores != sorted(set(scores), reverse=True) or scores[-1] != 0:
            self.wrong("grades", "least scores that fall to 0", scores)
        return least

    def ceiling(self, value: object, place: str) -> Ceiling:
        found = self.mapping(value, place)
        finding, below = found.get("finding"), found.get("trades_below")
        if (finding is None) == (below is None):
            self.wrong(place, "either `finding` or `trades_below`", sorted(found))
        roles = found.get("roles", [])
        return Ceiling(
            grade=self.grade(found.get("grade"), f"{place}.grade"),
            finding=None if finding is None else self.text(finding, f"{place}.finding"),
            roles=frozenset(self.items(roles, f"{place}.roles", self.text)),
            trades_below=None if below is None else self.whole(below, f"{place}.trades_below"),
        )

    def limits(self, value: object) -> LimitRule:
        found = self.mapping(value, "limits")
        shares = self.mapping(found.get("share_bp"), "limits.share_bp")
        share_bp = {one: self.whole(shares.get(one), f"limits.share_bp.{one}") for one in Grade}
        fallen = list(share_bp.values())
        if fallen != sorted(fallen, reverse=True):
            self.wrong("limits.share_bp", "shares that fall from C1 to C5", fallen)
        rounding = self.mapping(found.get("rounding"), "limits.rounding")
        return LimitRule(
            months=self.whole(found.get("months"), "limits.months"),
            share_bp=share_bp,
            rounding={
                role: self.rounding(one, f"limits.rounding.{role}")
                for role, one in rounding.items()
            },
        )

    def rounding(self, value: object, place: str) -> Rounding:
        found = self.mapping(value, place)
        step, floor, ceiling = (
            self.whole(found.get(name), f"{place}.{name}") for name in ("step", "floor", "ceiling")
        )
        if step == 0:
            self.wrong(f"{place}.step", "a step above 0", 0)
        return Rounding(step_minor=step, floor_minor=floor, ceiling_minor=ceiling)

    def white_list(self, value: object) -> WhiteListRule:
        found = self.mapping(value, "white_list")
        return WhiteListRule(
            grades=frozenset(self.items(found.get("grades"), "white_list.grades", self.grade)),
            discount_bp=self.whole(found.get("discount_bp"), "white_list.discount_bp"),
        )
