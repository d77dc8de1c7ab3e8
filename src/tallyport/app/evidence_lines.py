"""From judgement to lines (成行): what pages show of dossiers, findings, sources, ratings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from tallyport.credit import Rating
from tallyport.credit.card import POINTS_MAX
from tallyport.evidence.dossiers import Dossier
from tallyport.evidence.sources.reading import Reading
from tallyport.kernel.form import TEXT_MAX
from tallyport.projections.queries.evidence import (
    CriterionLine,
    DossierDetail,
    DossierLine,
    FindingLine,
    IndicatorLine,
    LinkLine,
    PaymentLine,
    QuarantineLine,
    RatingLine,
    SourceLine,
)

_DUPLICATES = frozenset({"duplicate_row", "duplicate_key"})
NAMED_MAX = 120  # Letters of records in the name of a finding, which stands in addresses.
DIGEST_LENGTH = 16
_VQI_UNIT = 100  # A VQI is counted in hundredths of a point.


def dossier_lines(dossiers: Iterable[Dossier]) -> Iterator[DossierLine]:
    """Yield one line a dossier."""
    for dossier in dossiers:
        line = next(iter(dossier.of_kind("contract_line")), None)
        sale = next(iter(dossier.of_kind("contract")), None)
        yield DossierLine(
            vin=dossier.vin,
            status=dossier.status.value,
            probability_bp=dossier.probability_bp,
            contract_no="" if line is None else line.record.value("contract_no") or "",
            buyer="" if sale is None else sale.record.value("buyer_name") or "",
            price=dossier.price,
            paid=dossier.paid,
            vqi=None if dossier.vqi is None else dossier.vqi.mean // _VQI_UNIT,
            findings=len(dossier.findings),
        )


def finding_id(kind: str, records: tuple[str, ...]) -> str:
    """Return the name of a finding: its kind and records; of many records a digest."""
    names = "+".join(records)
    if len(names) > NAMED_MAX:
        names = f"{records[0][:NAMED_MAX]}+{sha256(names.encode()).hexdigest()[:DIGEST_LENGTH]}"
    return f"{kind}:{names}"


def finding_lines(dossiers: Iterable[Dossier]) -> Iterator[FindingLine]:
    """Yield every finding once, with all the vehicles that it touches."""
    found: dict[tuple[str, tuple[str, ...]], FindingLine] = {}
    for dossier in dossiers:
        for finding in dossier.findings:
            key = (finding.type, finding.record_ids)
            before = found.get(key)
            found[key] = FindingLine(
                id=finding_id(finding.type, finding.record_ids),
                kind=finding.type,
                records=finding.record_ids,
                vins=((*before.vins, dossier.vin) if before else (dossier.vin,))[:1_000],
                probability_bp=finding.probability_bp,
                explanation=finding.explanation[:TEXT_MAX],
            )
    yield from found.values()


def source_lines(reading: Reading) -> Iterator[SourceLine]:
    """Yield one line a file."""
    twice = reading.quarantine
    for file in reading.files:
        rows = twice.filter(
            (twice["source"] == file.source)
            & (twice["file"] == file.file)
            & twice["rule"].is_in(sorted(_DUPLICATES))
        )
        yield SourceLine(
            source=file.source,
            file=file.file,
            kind=file.kind,
            encoding=file.encoding,
            rows=file.rows,
            quarantined=file.quarantined,
            duplicates=rows.height,
        )


def quarantine_lines(reading: Reading) -> Iterator[QuarantineLine]:
    """Yield one line a row or cell that was set aside, with its place and reason."""
    for number, row in enumerate(reading.quarantine.iter_rows(named=True)):
        yield QuarantineLine(
            id=f"{number:08}",
            source=row["source"],
            file=row["file"],
            line=row["line"] or 0,
            field=row["field"] or "",
            value=str(row["came"] or "")[:TEXT_MAX],
            reason=f"{row['rule']}: expected {row['expected']}"[:TEXT_MAX],
        )


def rating_lines(ratings: Iterable[Rating]) -> Iterator[RatingLine]:
    """Yield one line a rating."""
    for rating in ratings:
        yield RatingLine(
            party=f"{rating.role}:{rating.subject}",
            name=rating.name or rating.subject,
            kind=rating.role,
            grade=rating.grade.value,
            score=rating.score,
            reasons=tuple(f"{one.code}: {one.zh} / {one.en}" for one in rating.reasons),
            indicators=tuple(
                IndicatorLine(
                    name=one.name,
                    value="" if one.measure is None else str(one.measure.value),
                    points=one.weight * one.points,
                    points_max=one.weight * POINTS_MAX,
                )
                for one in rating.indicators
            ),
        )


def detail(line: DossierLine, dossier: Dossier) -> DossierDetail:
    """Return a dossier as its page shows it."""
    return DossierDetail(
        line=line,
        criteria=tuple(
            CriterionLine(name=one.name, state=one.state.value, detail=one.detail)
            for one in dossier.criteria
        ),
        links=tuple(
            LinkLine(
                kind=one.record.kind,
                key=one.record.key,
                probability_bp=one.probability_bp,
                reasons=one.reasons,
                source=one.record.origin.source,
                file=one.record.origin.file,
                line=one.record.origin.line,
                fields=one.record.fields,
            )
            for one in dossier.evidence
        ),
        payments=tuple(
            PaymentLine(
                payment_id=one.payment_id,
                item=one.item,
                amount=one.amount,
                probability_bp=one.probability_bp,
                reason=one.reason,
            )
            for one in dossier.payments
        ),
        findings=tuple(finding_lines([dossier])),
        vqi="" if dossier.vqi is None else dossier.vqi.sentence(),
    )
