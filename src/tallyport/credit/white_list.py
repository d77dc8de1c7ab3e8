"""White list (白名单): firms with a preferential rate, 20 basis points below the loan prime rate.

The source's list has 43 firms at LPR - 20 bp. On it stands who is rated C1 or C2 and has no severe
finding; who falls back, or against whom one is found, leaves it with the next rating.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tallyport.credit import reading_cards
from tallyport.credit.card import Card, Grade
from tallyport.credit.rating import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """A firm on the list; its rate is the loan prime rate less `discount_bp`."""

    subject: str
    role: str
    grade: Grade
    discount_bp: int


def preferred(ratings: Iterable[Rating], card: Card | None = None) -> list[Preferred]:
    """Return the firms on the list, in the order of `ratings`."""
    rule = (card or reading_cards.builtin()).white_list
    return [
        Preferred(
            subject=one.subject,
            role=one.role,
            grade=one.grade,
            discount_bp=rule.discount_bp,
        )
        for one in ratings
        if one.grade in rule.grades and not one.severe
    ]
