"""The same paper twice (重复单证): as bytes, by its number, or scanned again.

two files of one digest                    the same bytes
one code and number in two files           the same invoice; it is financed once
one seller, day, total, VIN, no number     probably the same paper, scanned again
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tallyport.evidence.documents.checks import plain_value
from tallyport.evidence.documents.model import Finding, Kind, Paper, Rule, Severity

_CONTENT = ("vin", "seller_tax_no", "issued_on", "registered_on", "total", "tax_no", "plate")
DIGITAL_LENGTH = 20  # Digits of a 数电票.
_CONTENT_MIN = 2  # Fields that agree; one alone is the same firm or the same day.


def marked(papers: Sequence[Paper]) -> list[Paper]:
    """Return the papers; each that repeats an earlier one says which."""
    seen: dict[tuple[Rule, str], str] = {}
    found = []
    for paper in papers:
        added = None
        for key in keys(paper):
            first = seen.setdefault(key, paper.file)
            if first is not paper.file and added is None:
                added = repeat(key[0], f"the same as {first}", paper.file)
        found.append(replace(paper, findings=(*paper.findings, added)) if added else paper)
    return found


def repeat(rule: Rule, came: str, origin: str) -> Finding:
    """Return the finding that a paper was there before."""
    return Finding(
        rule=rule,
        severity=Severity.CONTRADICTION,
        expected="a paper that was not handed in before",
        came=came,
        origin=origin,
    )


def keys(paper: Paper) -> tuple[tuple[Rule, str], ...]:
    """Return by what the paper is known again; by nothing when it is refused."""
    if paper.is_refused:
        return ()
    said = ((rule, key_of(paper)) for rule, key_of in _KEYS)
    return tuple((rule, key) for rule, key in said if key is not None)


def _number(paper: Paper) -> str | None:
    number = paper.value("number")
    if paper.kind not in {Kind.INVOICE, Kind.VEHICLE_INVOICE} or not number:
        return None
    # A digital invoice's number is unique; an older one's is so together with the code.
    return number if len(number) == DIGITAL_LENGTH else f"{paper.value('code')} {number}"


def _content(paper: Paper) -> str | None:
    if paper.kind is Kind.OTHER or _number(paper) is not None:
        return None
    said = [f"{name} {plain_value(paper, name)}" for name in _CONTENT if paper.value(name)]
    return " ".join((paper.kind.value, *said)) if len(said) >= _CONTENT_MIN else None


_KEYS: tuple[tuple[Rule, Callable[[Paper], str | None]], ...] = (
    (Rule.SAME_BYTES, lambda paper: paper.sha256),
    (Rule.SAME_NUMBER, _number),
    (Rule.SAME_CONTENT, _content),
)
