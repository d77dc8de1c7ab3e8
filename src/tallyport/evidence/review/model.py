"""The nouns of the work list (待核清单): a question, what speaks for and against, an answer.

departure   did this vehicle leave on this goods line?            item VIN, place declaration/line
payment     did this money come under this agreement?             item entry, place agreement
unexplained under which agreement did this money come?            item entry, no place yet
finding     is this suspicion right?                              item type:records, no place
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Kind(StrEnum):
    """What is asked."""

    DEPARTURE = "departure"
    PAYMENT = "payment"
    UNEXPLAINED = "unexplained"
    FINDING = "finding"


@unique
class Answer(StrEnum):
    """What a person says."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@unique
class Mark(StrEnum):
    """How two fields that lie side by side compare."""

    SAME = "same"
    DIFFERENT = "different"
    ALONE = "alone"  # Nothing to compare it with.


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A record, and where it came from."""

    kind: str
    record: str
    source: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two fields side by side."""

    left: str  # Name of the field of the first record; empty: it has none of the kind.
    left_value: str
    right: str
    right_value: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place where the item may belong."""

    place: str
    probability_bp: int
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something doubtful, with all that is needed to judge it."""

    id: str
    kind: Kind
    item: str
    place: str  # What was chosen, or seems best.
    probability_bp: int
    reason: str
    candidates: tuple[Candidate, ...]
    sides: tuple[Side, ...]  # The records; the first is the item's.
    rows: tuple[Row, ...]
    digest: str  # Of the records' contents: a decision about others of them is asked again.
