"""Law and practice in force (法规参数): the rule lines that contracts decide by.

The lines below are the ones that a contract reads; `compliance` knows the rest. The consortium can
set another line by n-of-m consent (members.propose, `SetRule`): that is how CN-SCF-2 is switched on
without a new release.

LAW-1  known  what a contract asks for exists, from the first day on
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tallyport.kernel.contract import Book
from tallyport.kernel.guard import invariant
from tallyport.kernel.rules import Rule, RuleBook, Standing

TERM = "CN-SCF-1"
LAYERS = "CN-SCF-7"
BAD_PAYER = "CN-SCF-6"

LAW = RuleBook(
    (
        Rule(
            id=TERM,
            source="market practice before 银发〔2025〕77号",
            article="-",
            since=date(2015, 1, 1),
            until=date(2025, 6, 15),
            standing=Standing.PRACTICE,
            parameters={"months_max": 12, "months_without_reason_max": 12},
        ),
        Rule(
            id=TERM,
            source="银发〔2025〕77号",
            article="11",
            since=date(2025, 6, 15),
            standing=Standing.TEXT,
            parameters={"months_max": 12, "months_without_reason_max": 6},
        ),
        Rule(
            id=LAYERS,
            source="guide to 银发〔2025〕77号: no legal number, a setting",
            article="-",
            since=date(2015, 1, 1),
            standing=Standing.OPEN,
            parameters={"generations_max": 16},
        ),
        Rule(
            id=BAD_PAYER,
            source="银发〔2025〕77号; 令〔2022〕4号",
            article="15",
            since=date(2015, 1, 1),
            standing=Standing.REPORT,
            parameters={"misses_max": 0},
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Row: the consortium's own line of a rule's parameter, in force from `since`."""

    TABLE: ClassVar[str] = "setting"

    rule_id: str
    parameter: str
    since: date
    value: int

    @property
    def key(self) -> str:
        """Rule, parameter, day: the last one not after a day is the one in force."""
        return f"{self.rule_id}|{self.parameter}|{self.since.isoformat()}"


def is_known(rule_id: str, parameter: str) -> bool:
    """Return whether a contract reads this parameter of this rule."""
    return any(rule.id == rule_id and parameter in rule.parameters for rule in LAW.lines)


def parameter(book: Book, rule_id: str, name: str, day: date) -> tuple[int, str]:
    """Return the value of a rule's parameter on `day`, and the version of the line it comes from.

    Every rule here has a line from 2015 on, so there is always an answer.
    """
    rule = LAW.on(rule_id, max(day, date(2015, 1, 1)))
    invariant(rule is not None and name in rule.parameters, "LAW-1")
    value, version = (rule.parameters[name], rule.version) if rule else (0, "")
    for setting in book.scan(Setting, f"{rule_id}|{name}|"):
        if setting.since <= day:
            value, version = setting.value, f"{rule_id}@{setting.since.isoformat()}+consent"
    return value, version
