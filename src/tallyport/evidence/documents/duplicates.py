"""The same paper twice (重复单证): as bytes, by its number, or scanned again.

two files of one digest                    the same bytes
one code and number in two files           the same invoice; it is financed once
one seller, day, total, VIN, no number     probably the same paper, scanned again
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from tallyport.evidence.documents.checks import plain_value
from tallyport.evidence.documents.model import Finding, Kind, Paper, Rule, Severity

_CONTENT = ("vin", "seller_tax_no", "issued_on", "registered_on", "total", "tax_no", "plate")
_CONTENT_MIN = 2  # Fields that agree; one alone is the same firm or the same day.


def marked(papers: Sequence[Paper]) -> list[Paper]:
    """Return the papers; each that repeats an earlier one says which."""
    seen: dict[tuple[Rule, Hashable], str] = {}
    found = []
    for paper in papers:
        added = None
        for rule, key_of in _KEYS:
            key = None if paper.is_refused else key_of(paper)
            if key is None:
                continue
            first = seen.setdefault((rule, key), paper.file)
            if first is not paper.file and added is None:
                added = Finding(
                    rule=rule,
                    severity=Severity.CONTRADICTION,
                    expected="a paper that was not handed in before",
                    came=f"the same as {first}",
                    origin=paper.file,
                )
        found.append(replace(paper, findings=(*paper.findings, added)) if added else paper)
    return found


def _number(paper: Paper) -> Hashable | None:
    number = paper.value("number")
    if paper.kind not in {Kind.INVOICE, Kind.VEHICLE_INVOICE} or not number:
        return None
    return (paper.value("code"), number)


def _content(paper: Paper) -> Hashable | None:
    if paper.kind is Kind.OTHER or _number(paper) is not None:
        return None
    said = {name: plain_value(paper, name) for name in _CONTENT if paper.value(name)}
    return (paper.kind, *sorted(said.items())) if len(said) >= _CONTENT_MIN else None


_KEYS: tuple[tuple[Rule, Callable[[Paper], Hashable | None]], ...] = (
    (Rule.SAME_BYTES, lambda paper: paper.sha256),
    (Rule.SAME_NUMBER, _number),
    (Rule.SAME_CONTENT, _content),
)
