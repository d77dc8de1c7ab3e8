"""Rate firms (信用评级): the expert scorecard, with reasons that a banker and the firm can check.

    payment punctuality   91.2%   9 of 10 points   weight 16   ─▶   144 of 160
    ...                                                              ─────
    score                                                            742      ─▶  C2

RATE-1  what the indicators earned and what they cost is 1000; nothing else changes a score
RATE-2  a ceiling changes the grade, never the score, and only for the worse

The reasons name the ceilings that held, then the indicators that cost most points.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from tallyport.credit import reading_cards, wording
from tallyport.credit.card import POINTS_MAX, Card, Grade
from tallyport.credit.history import History
from tallyport.credit.indicators.model import KEY, Past, past
from tallyport.credit.measuring import Measure, Measures, lineage, measured
from tallyport.kernel.guard import invariant

REASONS_MAX = 4  # What a letter of refusal may reasonably list.
SURE_BP = 5_000  # A finding less likely than this decides nothing by itself.
SCORE_MAX = 1_000  # 100 weights of 10 points.


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An indicator as it went into a score: `lost` is what it cost. No measure: nothing known."""

    name: str
    code: str
    measure: Measure | None
    points: int
    weight: int

    @property
    def lost(self) -> int:
        """Return the points of the score that it cost."""
        return self.weight * (POINTS_MAX - self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a rating is not better: a stable code, the points lost, a sentence in both languages."""

    code: str
    lost: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The rating of one firm in one role, as of a day, under a card."""

    subject: str
    role: str
    name: str | None
    as_of: date
    card: str
    score: int
    grade: Grade
    reasons: tuple[Reason, ...]
    indicators: tuple[Weighed, ...]
    trades: int
    severe: tuple[str, ...]  # Types of severe findings that are more likely than not.


def rate(history: History, card: Card | None = None) -> list[Rating]:
    """Return the ratings of all subjects whose role the card knows, by role and subject."""
    card = card or reading_cards.builtin()
    used = {name for weights in card.roles.values() for name in weights}
    seen = _seen(history, card)
    found = measured([one.indicator for name, one in card.binned.items() if name in used], seen)
    trades = {
        (subject, role): count
        for subject, role, count in seen.trades.group_by(KEY).len().iter_rows()
    }
    findings = _findings(history.remarks)
    return [
        _rating(
            (subject, role, name),
            history.as_of,
            card,
            found,
            trades.get((subject, role), 0),
            findings[subject, role],
        )
        for subject, role, name in history.subjects.sort("role", "subject")
        .select("subject", "role", "name")
        .iter_rows()
        if role in card.roles
    ]


def lineage_of(
    history: History, indicator: str, *, subject: str, role: str, card: Card | None = None
) -> pl.DataFrame:
    """Return the records that an indicator of one firm is made of: record, part, whole."""
    card = card or reading_cards.builtin()
    return lineage(card.binned[indicator].indicator, _seen(history, card), subject, role)


def _seen(history: History, card: Card) -> Past:
    return past(history, window_days=card.window_days, severity=_severity(card, history))


def _severity(card: Card, history: History) -> pl.DataFrame:
    """Return the points of every type of finding that occurs, by role."""
    types = sorted({*card.severity, *history.remarks["type"].to_list()} - {"other"})
    rows = [(role, one, card.severity_of(one, role)) for role in card.roles for one in types]
    schema = {"role": pl.String, "type": pl.String, "points": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _findings(remarks: pl.DataFrame) -> Mapping[tuple[str, str], Counter[str]]:
    """Count the types of findings that are more likely than not, by subject and role."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    sure = remarks.filter(pl.col("probability_bp") >= SURE_BP)
    for subject, role, type_ in sure.select(*KEY, "type").iter_rows():
        found[subject, role][type_] += 1
    return found


def _rating(
    who: tuple[str, str, str | None],
    as_of: date,
    card: Card,
    found: Mapping[str, Measures],
    trades: int,
    findings: Counter[str],
) -> Rating:
    subject, role, name = who
    weighed = []
    for indicator, weight in card.roles[role].items():
        measure = found[indicator].get((subject, role))
        binned = card.binned[indicator]
        points = binned.points(None if measure is None else measure.value)
        weighed.append(
            Weighed(name=indicator, code=binned.code, measure=measure, points=points, weight=weight)
        )
    score = card.score(
        role, {one.name: one.measure.value for one in weighed if one.measure is not None}
    )
    invariant(score == SCORE_MAX - sum(one.lost for one in weighed), "RATE-1")
    held = list(_ceilings(card, role, trades, findings))
    earned = card.grade(score)
    grade = max([earned, *(grade for grade, _ in held)], key=lambda one: one.rank)
    invariant(grade.rank >= earned.rank, "RATE-2")
    limiting = [reason for ceiling, reason in held if ceiling.rank > earned.rank]
    severe = [one for one in sorted(findings) if card.severity_of(one, role) >= card.severe_from]
    return Rating(
        subject=subject,
        role=role,
        name=name,
        as_of=as_of,
        card=card.id,
        score=score,
        grade=grade,
        reasons=(*limiting, *_costly(weighed, card))[:REASONS_MAX],
        indicators=tuple(weighed),
        trades=trades,
        severe=tuple(severe),
    )


def _ceilings(
    card: Card, role: str, trades: int, findings: Counter[str]
) -> Iterator[tuple[Grade, Reason]]:
    for one in card.ceilings:
        if one.roles and role not in one.roles:
            continue
        if one.trades_below is not None and trades < one.trades_below:
            zh, en = wording.thin(trades, one.trades_below, one.grade)
            yield one.grade, Reason(code="THIN", lost=0, zh=zh, en=en)
        if one.finding is not None and findings[one.finding]:
            zh, en = wording.ceiling(one.finding, findings[one.finding], one.grade)
            yield one.grade, Reason(code=f"CEIL-{one.finding}", lost=0, zh=zh, en=en)


def _costly(weighed: Sequence[Weighed], card: Card) -> Iterator[Reason]:
    """Yield reasons for what cost points, the dearest first."""
    for one in sorted(weighed, key=lambda one: (-one.lost, one.code)):
        if one.lost > 0:
            zh, en = wording.cost(card.binned[one.name], one.measure, one.lost)
            yield Reason(code=one.code, lost=one.lost, zh=zh, en=en)
