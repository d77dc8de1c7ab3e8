"""Question a reading (质量检查): measure its fields, and try every check on its tables."""

from __future__ import annotations

import polars as pl

from tallyport.evidence.quality import (
    balances,
    formats,
    measure,
    references,
    sequence,
    totals,
    vehicles,
)
from tallyport.evidence.quality.model import FINDINGS, Check, QualityReport, Tables
from tallyport.evidence.sources.reading import Reading

CHECKS: tuple[Check, ...] = (
    *totals.CHECKS,
    *balances.CHECKS,
    *sequence.CHECKS,
    *vehicles.CHECKS,
    *formats.CHECKS,
    *references.CHECKS,
)


def report(reading: Reading) -> QualityReport:
    """Return how good the sources of `reading` are."""
    return QualityReport(
        sources=measure.sources(reading),
        fields=measure.fields(reading),
        findings=findings(reading.tables),
        checks=CHECKS,
    )


def findings(tables: Tables) -> pl.DataFrame:
    """Return what every check finds in `tables`."""
    found = [pl.DataFrame(schema=dict(FINDINGS))]
    for check in CHECKS:
        rows = check.find(tables)
        if len(rows):
            told = rows.with_columns(
                pl.lit(check.rule).alias("rule"),
                pl.lit(check.level.value).alias("level"),
                pl.lit(check.kind).alias("kind"),
            )
            found.append(told.select(pl.col(name).cast(type_) for name, type_ in FINDINGS.items()))
    return pl.concat(found)
