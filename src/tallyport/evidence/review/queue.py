"""The queue (待核队列): what is doubtful in a matching, the most doubtful first.

    0.97 and no rival above 0.05     not asked
    0.61 with rivals 0.30, 0.09      asked, with all three
    money without an agreement       asked
    a finding                        asked: a suspicion is always somebody's to judge

The two bounds are those of `Bounds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tallyport.evidence.linkage import Matching
from tallyport.evidence.review.model import Candidate, Kind, Question, Row, Side
from tallyport.evidence.review.sides import Record, Register, Tables, digest, rows, side

BP = 10_000
LOW_BP, HIGH_BP = 500, 9_500
CANDIDATES_MAX = 8  # What fits on a page; the rest is less probable than 1 in 100.
RECORDS_MAX = 12  # Of a finding: more are named in its explanation.
NOWHERE = Candidate(place="", probability_bp=0, is_chosen=False)
_ORDER = {Kind.DEPARTURE: 0, Kind.PAYMENT: 1, Kind.UNEXPLAINED: 2, Kind.FINDING: 3}
_KINDS = ("vehicle", "declaration", "contract", "bank_entry", "invoice", "receipt", "waybill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A pair is doubtful from `low_bp` to `high_bp`."""

    low_bp: int = LOW_BP
    high_bp: int = HIGH_BP


def questions(
    matching: Matching, tables: Tables, bounds: Bounds = Bounds()
) -> tuple[Question, ...]:
    """Return what is doubtful, in the order in which it should be looked at."""
    register = Register(tables)
    asked = [
        *_pairs(matching.candidates, register, bounds),
        *_unexplained(matching.unallocated, register),
        *_findings(matching.findings, register),
    ]
    middle = BP // 2
    return tuple(
        sorted(asked, key=lambda one: (_ORDER[one.kind], abs(one.probability_bp - middle), one.id))
    )


def _pairs(candidates: pl.DataFrame, register: Register, bounds: Bounds) -> Iterator[Question]:
    """Yield one question for each item of which some pair is doubtful."""
    in_doubt = (pl.col("probability") * BP).is_between(bounds.low_bp, bounds.high_bp)
    doubtful = candidates.filter(in_doubt.any().over("kind", "item"))
    ordered = doubtful.sort(
        "kind", "item", "is_chosen", "probability", "place",
        descending=[False, False, True, True, False],
    )  # fmt: skip
    for (name, item), group in ordered.group_by("kind", "item", maintain_order=True):
        offered = tuple(
            Candidate(place=place, probability_bp=round(BP * probability), is_chosen=chosen)
            for place, probability, chosen in group.head(CANDIDATES_MAX)
            .select("place", "probability", "is_chosen")
            .iter_rows()
        )
        yield _pair(Kind(str(name)), str(item), offered, register)


def _pair(kind: Kind, item: str, offered: tuple[Candidate, ...], register: Register) -> Question:
    """Return the question whether `item` belongs to the first of the places `offered`."""
    left_kind, right_kind = (
        ("vehicle", "declaration_line") if kind is Kind.DEPARTURE else ("bank_entry", "contract")
    )
    best = offered[0]
    left, right = register.find(left_kind, item), register.find(right_kind, best.place)
    known = [(left_kind, item, left), (right_kind, best.place, right)]
    said = "nothing else is near" if len(offered) == 1 else f"{len(offered) - 1} other places fit"
    return _asked(
        kind, item, best,
        reason=f"{'chosen' if best.is_chosen else 'most probable, not chosen'}; {said}",
        candidates=offered, known=known,
        compared=tuple(rows(left_kind, left, right_kind, right)) if left and right else (),
    )  # fmt: skip


def _unexplained(unallocated: pl.DataFrame, register: Register) -> Iterator[Question]:
    """Yield one question for each payment of which nothing is known."""
    for entry_no in unallocated.filter(pl.col("what") == "unexplained")["payment_id"].unique():
        found = register.find("bank_entry", entry_no)
        yield _asked(
            Kind.UNEXPLAINED, entry_no, NOWHERE,
            reason="no agreement fits its text, payer, day and amount",
            candidates=(), known=[("bank_entry", entry_no, found)],
            compared=tuple(rows("bank_entry", found or {}, "", {})),
        )  # fmt: skip


def _findings(findings: pl.DataFrame, register: Register) -> Iterator[Question]:
    """Yield one question for each finding."""
    for sort, ids, probability, explanation in findings.select(
        "type", "record_ids", "probability", "explanation"
    ).iter_rows():
        known: list[tuple[str, str, Record | None]] = []
        for record in ids.split(";")[:RECORDS_MAX]:
            named = ((one, register.find(one, record)) for one in _KINDS)
            known += [(one, record, found) for one, found in named if found is not None][:1]
        first = [(one, found) for one, _, found in known if found is not None][:2]
        both = [*first, ("", {}), ("", {})]
        yield _asked(
            Kind.FINDING, f"{sort}:{ids}",
            Candidate(place="", probability_bp=round(BP * probability), is_chosen=True),
            reason=explanation, candidates=(), known=known,
            compared=tuple(rows(*both[0], *both[1])),
        )  # fmt: skip


def _asked(
    kind: Kind,
    item: str,
    best: Candidate,
    *,
    reason: str,
    candidates: tuple[Candidate, ...],
    known: list[tuple[str, str, Record | None]],
    compared: tuple[Row, ...],
) -> Question:
    there = [(sort, record, found) for sort, record, found in known if found is not None]
    sides: tuple[Side, ...] = tuple(side(*one) for one in there)
    return Question(
        id=f"{kind.value}:{item}",
        kind=kind,
        item=item,
        place=best.place,
        probability_bp=best.probability_bp,
        reason=reason,
        candidates=candidates,
        sides=sides,
        rows=compared,
        digest=digest(*(found for _, _, found in there)),
    )
