"""A source changes its habits, and somebody hears of it (数据契约与漂移告警).

    last month   odometer_km of receipts   99.8% filled       contract: as last month
    today                                  61.0% filled       alarm: filled

The data contract of a source is what it was like when it was good: how many rows, how much of each
field was filled and readable, what its usual codes look like. It is plain JSON, so that it can be
kept, read and corrected by people. A later delivery is held against it. A share must have moved by
SHARE_POINTS and by more than chance moves a share of so many rows, so small deliveries do not cry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import sqrt

from tallyport.evidence.quality.model import QualityReport
from tallyport.kernel.guard import FaultError

VERSION = 1
SHARE_POINTS = 5.0  # Of 100; less is not worth a call to the partner.
CHANCE = 4.0  # Standard deviations: by chance once in fifteen thousand fields.
ROWS_FACTOR = 3.0  # A delivery with a third of the rows, or with three times as many, is another.


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldHabit:
    """Of 100 rows, how many had the field filled, and how many could not be read."""

    records: int
    filled_pct: float
    unread_pct: float
    distinct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHabit:
    """What a source was like."""

    rows: int
    good_pct: float
    fields: Mapping[str, FieldHabit]


DataContract = Mapping[str, SourceHabit]  # By name of the source.


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is not as it was."""

    source: str
    field: str | None
    what: str  # gone, rows, good, filled, unread, constant
    expected: str
    came: str


def agree(report: QualityReport) -> DataContract:
    """Return the data contract that today's reading keeps."""
    fields: dict[str, dict[str, FieldHabit]] = {}
    for row in report.fields.iter_rows(named=True):
        records = row["records"]
        fields.setdefault(row["source"], {})[row["field"]] = FieldHabit(
            records=records,
            filled_pct=row["filled_pct"],
            unread_pct=round(100 * row["unread"] / max(1, records), 2),
            distinct=row["distinct"],
        )
    return {
        row["source"]: SourceHabit(
            rows=row["rows"], good_pct=row["good_pct"], fields=fields.get(row["source"], {})
        )
        for row in report.sources.iter_rows(named=True)
    }


def drift(contract: DataContract, report: QualityReport) -> list[Alarm]:
    """Return what is not as `contract` says."""
    today = agree(report)
    alarms: list[Alarm] = []
    for name, before in contract.items():
        now = today.get(name)
        if now is None:
            gone = Alarm(
                source=name,
                field=None,
                what="gone",
                expected=f"about {before.rows} rows",
                came="no file",
            )
            alarms.append(gone)
            continue
        alarms += _of_source(name, before, now)
        for field, habit in before.fields.items():
            if field in now.fields:
                alarms += _of_field(name, field, habit, now.fields[field])
    return alarms


def _of_source(name: str, before: SourceHabit, now: SourceHabit) -> Iterator[Alarm]:
    low, high = before.rows / ROWS_FACTOR, before.rows * ROWS_FACTOR
    if not low <= now.rows <= high:
        yield Alarm(
            source=name,
            field=None,
            what="rows",
            expected=f"{low:.0f} to {high:.0f} rows",
            came=f"{now.rows} rows",
        )
    if _has_moved(before.good_pct, before.rows, now.good_pct, now.rows):
        yield Alarm(
            source=name,
            field=None,
            what="good",
            expected=f"about {before.good_pct:.1f}% good rows",
            came=f"{now.good_pct:.1f}%",
        )


def _of_field(name: str, field: str, before: FieldHabit, now: FieldHabit) -> Iterator[Alarm]:
    shares = (
        ("filled", before.filled_pct, now.filled_pct),
        ("unread", before.unread_pct, now.unread_pct),
    )
    for what, then, today in shares:
        if _has_moved(then, before.records, today, now.records):
            yield Alarm(
                source=name,
                field=field,
                what=what,
                expected=f"about {then:.1f}% {what}",
                came=f"{today:.1f}%",
            )
    if before.distinct > CHANCE**2 and now.distinct == 1 and now.records > CHANCE**2:
        yield Alarm(
            source=name,
            field=field,
            what="constant",
            expected=f"about {before.distinct} different values",
            came="one value",
        )


def _has_moved(then_pct: float, then_rows: int, now_pct: float, now_rows: int) -> bool:
    """Tell whether a share moved further than chance moves it."""
    if not then_rows or not now_rows or abs(now_pct - then_pct) < SHARE_POINTS:
        return False
    pooled = (then_pct * then_rows + now_pct * now_rows) / (100 * (then_rows + now_rows))
    spread = sqrt(pooled * (1 - pooled) * (1 / then_rows + 1 / now_rows))
    return abs(now_pct - then_pct) / 100 > CHANCE * spread


def to_json(contract: DataContract) -> str:
    """Return the contract as people and other programs read it."""
    sources = {name: asdict(habit) for name, habit in contract.items()}
    body = {"data_contract": VERSION, "sources": sources}
    return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def from_json(text: str) -> DataContract:
    """Return the contract in `text`.

    Raises:
        FaultError: It is none.
    """
    try:
        body = json.loads(text)
        if body["data_contract"] != VERSION:
            raise _refused(f"version {body['data_contract']}")
        return {
            name: SourceHabit(
                rows=int(habit["rows"]),
                good_pct=float(habit["good_pct"]),
                fields={
                    field: FieldHabit(
                        records=int(each["records"]),
                        filled_pct=float(each["filled_pct"]),
                        unread_pct=float(each["unread_pct"]),
                        distinct=int(each["distinct"]),
                    )
                    for field, each in habit["fields"].items()
                },
            )
            for name, habit in body["sources"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused(f"{type(error).__name__}: {error}") from None


def _refused(came: str) -> FaultError:
    return FaultError(
        f"数据契约有误 / expected a data contract of version {VERSION}, came {came}; write it anew"
        " with the reading that it should describe"
    )
