"""What is wrong with whole files is told, not only kept.

Goal: a file that is missing, broken or a bomb is named, with what was expected and what to do.
Method: findings of each kind, shown on a table that remembers; a good reading shows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from tallyport.app.telling_files import WORDS_SHOWN, broken, told
from tallyport.evidence.sources.profile import Profile
from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import Finding, Rule, Severity


class Page:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.rows: list[Sequence[object]] = []

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Take a table."""
        assert title
        assert all(len(row) == len(columns) for row in rows)
        self.rows += rows


def shown(*findings: Finding) -> list[Sequence[object]]:
    """Return the lines that `findings` of a reading lead to."""
    page = Page()
    reading = Reading(
        profile=Profile(name="p", about="", sources=(), encodings=()),
        as_of=date(2024, 12, 31),
        tables={},
        quarantine=pl.DataFrame(),
        files=(),
        findings=findings,
    )
    broken(page, reading)
    return page.rows


def finding(rule: Rule, severity: Severity, came: str = "x") -> Finding:
    """Return a finding about the source of releases."""
    return Finding(
        rule=rule, severity=severity, source="releases", expected="releases.csv", came=came
    )


def test_a_file_problem_is_told_once_with_what_to_do() -> None:
    """Two sources read one broken file: one line."""
    missing = finding(Rule.FILE_MISSING, Severity.FILE, "no such file")
    assert shown(missing, missing) == [
        (
            "releases",
            "缺少文件 · no file of this source was found",
            "releases.csv; came no such file",
            "add the file, or mark the source optional",
        )
    ]


def test_a_broken_file_does_not_fill_the_page() -> None:
    """What came may be the whole file."""
    (line,) = shown(finding(Rule.COLUMN_MISSING, Severity.FILE, "y" * 100_000))
    assert len(str(line[2])) < 2 * WORDS_SHOWN


def test_notes_are_not_problems() -> None:
    """A file that no source reads is worth knowing, and nothing is shown of a good reading."""
    assert shown(finding(Rule.FILE_UNUSED, Severity.NOTE)) == []
    assert shown() == []


def test_what_was_set_aside_has_a_place() -> None:
    """A line for each reason, with the first place, what was expected there and what came."""
    page = Page()
    quarantine = pl.DataFrame(
        [
            ("stock", "a.csv", 9, "vin", Rule.VALUE_REQUIRED.value, "row", "a value", "nothing"),
            ("stock", "a.csv", 4, "vin", Rule.VALUE_REQUIRED.value, "row", "a value", "nothing"),
            ("stock", "a.csv", 3, "price", Rule.BELOW_ZERO.value, "cell", "0 or more", "-1"),
        ],
        schema=["source", "file", "line", "field", "rule", "severity", "expected", "came"],
        orient="row",
    )
    reading = Reading(
        profile=Profile(name="p", about="", sources=(), encodings=()),
        as_of=date(2024, 12, 31),
        tables={},
        quarantine=quarantine,
        files=(),
        findings=(finding(Rule.FORMULAS, Severity.NOTE, "2 cells"),),
    )
    told(page, reading)
    assert [line[:3] for line in page.rows] == [
        ("releases", ("含公式 · cells hold formulas; the values stored with them were read,"
         " nothing was computed"), "releases.csv; came 2 cells"),
        (2, "a.csv:4", "vin"),
        (1, "a.csv:3", "price"),
    ]  # fmt: skip
