"""Summary (汇总): what the dossiers amount to, for the first table and chart that a reader sees.

762 vehicles   593 matched   124 partly   45 contradicting        (a simulated year)
money          what was received, and how much of it is explained by vehicles, by currency
findings       how many of each type
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.dossiers.criteria import SURE_MIN_BP
from tallyport.evidence.dossiers.model import Dossier, State, Status
from tallyport.evidence.linkage.model import Matching
from tallyport.kernel import ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyExplained:
    """Money received in one currency. `explained_bp` is None where none was received."""

    currency: str
    received_minor: int
    explained_minor: int
    explained_bp: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts over all dossiers."""

    dossiers: int
    statuses: Mapping[Status, int]
    matched_bp: int | None
    probability_bp: int | None  # Mean over dossiers that have a declaration or money.
    money: tuple[MoneyExplained, ...]
    findings: Mapping[str, int]  # Of the matching: each finding once, however many vehicles.
    criteria: Mapping[str, Mapping[State, int]]


def summarise(dossiers: Sequence[Dossier], matching: Matching) -> Summary:
    """Return the summary of `dossiers`, which were built from `matching`."""
    statuses = Counter(one.status for one in dossiers)
    answers = Counter((answer.name, answer.state) for one in dossiers for answer in one.criteria)
    names = [answer.name for answer in dossiers[0].criteria] if dossiers else []
    traded = [one.probability_bp for one in dossiers if one.price is not None]
    sure = matching.findings.filter(pl.col("probability") * 10_000 >= SURE_MIN_BP)
    return Summary(
        dossiers=len(dossiers),
        statuses={status: statuses[status] for status in Status},
        matched_bp=_share(statuses[Status.MATCHED], len(dossiers)),
        probability_bp=ratio.half_up(sum(traded), len(traded)) if traded else None,
        money=_money(matching),
        findings=dict(sorted(Counter(sure["type"].to_list()).items())),
        criteria={name: {state: answers[name, state] for state in State} for name in names},
    )


def _share(part: int, whole: int) -> int | None:
    return ratio.half_up(part * 10_000, whole) if whole else None


def _money(matching: Matching) -> tuple[MoneyExplained, ...]:
    """Charges never arrived, so they are not money received."""
    key, amount = "currency", "amount_minor"
    explained = matching.allocations.group_by(key).agg(pl.col(amount).sum())
    rest = matching.unallocated.filter(pl.col("what") != "charges")
    left = rest.group_by(key).agg(pl.col(amount).sum())
    sums: dict[str, list[int]] = {}
    for at, table in enumerate((explained, left)):
        for currency, minor in table.iter_rows():
            sums.setdefault(currency, [0, 0])[at] += minor
    return tuple(
        MoneyExplained(
            currency=currency,
            received_minor=paid + over,
            explained_minor=paid,
            explained_bp=_share(paid, paid + over),
        )
        for currency, (paid, over) in sorted(sums.items())
    )
