"""Propose limits (额度建议): how much a firm can be trusted with, by what it settles and its grade.

    settled in the last year 27,000,000.00 CNY    ─▶    2,250,000.00 a month
    x 6 months x 60% (C2)                         ─▶    8,100,000.00
    rounded down to 10,000.00; at least 50,000.00 or nothing; at most 1,000,000,000.00

A certificate runs for six months, so a firm can owe six months of its trade at once; the grade
says which share of that a funder should stand behind. Settled is what was paid, not what was
agreed: a buyer's limit grows with its payments and a seller's with what it collected. Where nothing
ever falls due, as in a shop, delivered orders count. This proposes; a member of the ledger grants.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from tallyport.credit import reading_cards
from tallyport.credit.card import BP_WHOLE, Card, Grade
from tallyport.credit.history import History
from tallyport.credit.indicators.model import KEY
from tallyport.credit.rating import Rating

MONTHS_OF_YEAR = 12
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitProposal:
    """A limit in whole minor units, and the figures that it comes from."""

    subject: str
    role: str
    amount_minor: int
    currency: str
    grade: Grade
    settled_minor: int  # In the last year.
    months: int
    share_bp: int
    basis: str


def propose_limits(
    ratings: Iterable[Rating], history: History, card: Card | None = None
) -> list[LimitProposal]:
    """Return a proposal for every rating, those of 0 too; `history` is what was rated."""
    card = card or reading_cards.builtin()
    settled = _settled(history)
    return [
        _proposal(rating, settled.get((rating.subject, rating.role), 0), history.currency, card)
        for rating in ratings
    ]


def _settled(history: History) -> dict[tuple[str, str], int]:
    """Return what each firm settled in the last year."""
    first = history.as_of - timedelta(days=YEAR_DAYS)
    paid = history.dues.filter((pl.col("paid_on") > first) & (pl.col("paid_on") <= history.as_of))
    delivered = (
        history.trades.filter(
            pl.col("delivered")
            & (pl.col("opened_on") > first)
            & (pl.col("opened_on") <= history.as_of)
        )
        .join(history.dues.select("role").unique(), on="role", how="anti")
        .select(*KEY, "amount_minor")
    )
    both = pl.concat([paid.select(*KEY, "amount_minor"), delivered])
    sums = both.group_by(KEY).agg(pl.col("amount_minor").cast(pl.Int128).sum())
    return {(subject, role): minor for subject, role, minor in sums.iter_rows()}


def _proposal(rating: Rating, settled: int, currency: str, card: Card) -> LimitProposal:
    rule = card.limits
    share = rule.share_bp[rating.grade]
    exact = settled * rule.months * share // (MONTHS_OF_YEAR * BP_WHOLE)
    rounding = rule.rounding[rating.role]
    capped = min(exact, rounding.ceiling_minor)
    amount = capped - capped % rounding.step_minor
    if amount < rounding.floor_minor:
        amount = 0
    return LimitProposal(
        subject=rating.subject,
        role=rating.role,
        amount_minor=amount,
        currency=currency,
        grade=rating.grade,
        settled_minor=settled,
        months=rule.months,
        share_bp=share,
        basis=(
            f"{rating.grade}: settled {settled // 100}.{settled % 100:02} {currency} in a year,"
            f" 1/{MONTHS_OF_YEAR} a month x {rule.months} months x {share // 100}%, rounded down to"
            f" {rounding.step_minor // 100}; least {rounding.floor_minor // 100}"
        ),
    )
