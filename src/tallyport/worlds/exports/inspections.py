"""Third-party inspection (第三方检测): XML of the stations, twenty items by XJ/T 302-2024.

Habits: days as eight digits, now and then with slashes; a few VINs mistyped; some reports keyed in
late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tallyport.worlds.files import File, Row, Table, element, xml_file
from tallyport.worlds.habits import keying
from tallyport.worlds.habits.clerk import Clerk
from tallyport.worlds.reality import source_facts
from tallyport.worlds.reality.model import Inspection
from tallyport.worlds.reality.simulate import Reality

_ITEMS = (
    *("Body", "Paint", "Frame", "Flood", "Fire", "Engine", "Gearbox", "Chassis", "Suspension"),
    *("Brakes", "Steering", "Tyres", "Electrics", "AirCon", "Warnings", "Interior", "Belts"),
    *("Lights", "Energy", "RoadTest"),
)
_COLUMNS = (
    *("ReportNo", "Standard", "Station", "VIN", "InspectDate", "Odometer"),
    *_ITEMS,
    *("Total", "Result", "EnteredOn"),
)
_PASSED_FROM = 84
_FAILED_BELOW = 72


def export(world: Reality, clerk: Clerk) -> Iterator[File]:
    """Write one element a report."""
    rows = [_row(clerk, report) for report in world.inspections]
    torn = (("InspectDate", "20241399"), ("VIN", ""))
    table = clerk.worked(Table(_COLUMNS, rows), doubled=8, torn=torn)
    reports = "\n".join(
        element_of("Report", zip(table.columns, row, strict=True)) for row in table.rows
    )
    body = f"<InspectionReports>\n{reports}\n</InspectionReports>"
    yield xml_file("03_inspections/inspection_reports.xml", body, encoding="UTF-8")


def element_of(name: str, fields: Iterator[tuple[str, str | int | Decimal]]) -> str:
    """Return an element whose children are `fields`."""
    return f"<{name}>{''.join(element(field, cell) for field, cell in fields)}</{name}>"


def _row(clerk: Clerk, report: Inspection) -> Row:
    total = Decimal(sum(report.scores)) / len(report.scores)
    vin = keying.vin(clerk.dice, report.vin) if clerk.slips(20) else report.vin
    return (
        report.number,
        source_facts.STANDARD,
        report.station,
        vin,
        _day(clerk, report.day),
        report.odometer_km,
        *report.scores,
        total.quantize(Decimal("0.1")),
        _result(report),
        f"{clerk.keyed(report.day):%Y%m%d}",
    )


def _result(report: Inspection) -> str:
    if sum(report.scores) >= _PASSED_FROM * len(report.scores):
        return "合格"
    return "不合格" if min(report.scores) < _FAILED_BELOW else "整改后合格"


def _day(clerk: Clerk, day: date) -> str:
    return f"{day:%Y/%m/%d}" if clerk.slips(10) else f"{day:%Y%m%d}"
