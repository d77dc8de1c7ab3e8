"""Every finding in lines (疑点成行): of vehicles, of other trades, and of the sources themselves.

A finding about a vehicle bears its VIN; one about a phantom declaration or an unknown car in a yard
bears none and is shown all the same. What the quality checks find is a finding too.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tallyport.app.appraisal import Appraisal
from tallyport.app.evidence_lines import finding_id, finding_lines
from tallyport.kernel.form import TEXT_MAX
from tallyport.projections.queries.evidence import FindingLine

BP = 10_000
OF_A_RULE_MAX = 1_000  # A rule that is broken more often is a wrong profile, not a thousand cases.


def all_finding_lines(appraisal: Appraisal) -> Iterator[FindingLine]:
    """Yield every finding once."""
    seen = set()
    for line in finding_lines(appraisal.dossiers):
        seen.add(line.id)
        yield line
    frames = [] if appraisal.matching is None else [appraisal.matching.findings]
    frames += [
        check.findings
        for check in (appraisal.orders, appraisal.receivables, appraisal.freight)
        if check is not None
    ]
    for frame in frames:
        for line in _lines(frame):
            if line.id not in seen:
                seen.add(line.id)
                yield line
    yield from _quality(appraisal.quality.findings)


def _lines(findings: pl.DataFrame) -> Iterator[FindingLine]:
    columns = ("type", "record_ids", "probability", "explanation")
    for kind, names, probability, explanation in findings.select(columns).iter_rows():
        records = tuple(name for name in names.split(";") if name)
        yield FindingLine(
            id=finding_id(kind, records),
            kind=kind,
            records=records,
            vins=(),
            probability_bp=min(max(int(probability * BP + 0.5), 0), BP),
            explanation=(explanation or "")[:TEXT_MAX],
        )


def _quality(findings: pl.DataFrame) -> Iterator[FindingLine]:
    """Yield what the sources contradict each other in; each record by the place it stands at."""
    few = findings.filter(pl.int_range(pl.len()).over("rule") < OF_A_RULE_MAX)
    for row in few.iter_rows(named=True):
        place = f"{row['file']}:{row['line']}"
        text = f"{row['key']}: {row['field']} should be {row['expected']}, came {row['came']}"
        yield FindingLine(
            id=finding_id(row["rule"], (str(row["key"]), place)),
            kind=row["rule"],
            records=(place, *row["related"]),
            vins=(),
            probability_bp=BP,
            explanation=text[:TEXT_MAX],
        )
