"""Rules of law and practice as data (规则): chosen by business date, each with its source.

A rule is a number of parameters that hold from a day to a day. Several lines with one id are its
history; `RuleBook.on` picks the line in force. An event that was decided under a rule keeps the
line's `version`, so that a reader years later sees which text applied.

RULE-1  one line   at most one line of a rule is in force on a day
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.kernel.guard import invariant


@unique
class Standing(StrEnum):
    """How well the text is established."""

    TEXT = "text"
    REPORT = "report"
    OPEN = "open"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a rule's history. `until` is the first day on which it no longer holds."""

    id: str
    source: str
    article: str
    since: date
    until: date | None = None
    standing: Standing
    parameters: Mapping[str, int]

    @property
    def version(self) -> str:
        """Name of this line: the rule and the day from which it holds."""
        return f"{self.id}@{self.since.isoformat()}"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All lines of all rules."""

    lines: tuple[Rule, ...]

    def on(self, rule_id: str, day: date) -> Rule | None:
        """Return the line of `rule_id` in force on `day`, or None."""
        hits = [
            rule
            for rule in self.lines
            if rule.id == rule_id and rule.since <= day and (rule.until is None or day < rule.until)
        ]
        invariant(len(hits) <= 1, "RULE-1")
        return hits[0] if hits else None
