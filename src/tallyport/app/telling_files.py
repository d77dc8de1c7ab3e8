"""What became of files (文件去向), in tables: what is broken, what was set aside, where and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from tallyport.evidence.sources.reading import Reading
from tallyport.evidence.sources.rules import TEXTS, Finding, Rule, Severity

PROBLEMS_SHOWN = 40  # Of files; more means a wrong profile.
REASONS_SHOWN = 60  # Of rows; the quarantine holds all of them.
WORDS_SHOWN = 80  # Of what a broken file says.


class Shower(Protocol):
    """Whoever shows tables."""

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show a table; a column that begins with `>` holds numbers."""
        ...


def told(show: Shower, reading: Reading) -> None:
    """Show all that is to be said about the files."""
    broken(show, reading)
    noted(show, reading)
    aside(show, reading)


def broken(show: Shower, reading: Reading) -> None:
    """Show the files that are missing or could not be read whole, with what to do about each."""
    rows = [
        (
            ":".join(str(one) for one in (finding.file or finding.source, finding.field) if one),
            f"{TEXTS[finding.rule].zh} · {TEXTS[finding.rule].en}",
            f"{_cut(finding.expected)}; came {_cut(finding.came)}",
            TEXTS[finding.rule].remedy,
        )
        for finding in reading.findings
        if finding.severity is Severity.FILE
    ]
    if rows:
        show.table(
            "Files that are missing or were not read whole · 文件问题",
            ["file", "what is wrong", "expected", "what to do"],
            list(dict.fromkeys(rows))[:PROBLEMS_SHOWN],
        )


def noted(show: Shower, reading: Reading) -> None:
    """Show what is worth knowing of the files, though nothing was left out for it."""
    notes: dict[tuple[str, Rule], list[Finding]] = {}
    for one in reading.findings:
        if one.severity is Severity.NOTE:
            notes.setdefault((one.file or one.source, one.rule), []).append(one)
    rows = [
        (
            file,
            f"{TEXTS[rule].zh} · {TEXTS[rule].en}",
            f"{_cut(some[0].expected)}; came {_cut(', '.join(one.came for one in some))}",
        )
        for (file, rule), some in notes.items()
    ]
    if rows:
        title = "Worth knowing of the files · 提示"
        show.table(title, ["file", "what", "expected"], rows[:PROBLEMS_SHOWN])


def aside(show: Shower, reading: Reading) -> None:
    """Show why rows and cells were set aside: a line for each source and rule, rows first."""
    same = ["severity", "source", "rule"]
    reasons = (
        reading.quarantine.sort("file", "line")
        .group_by(same, maintain_order=True)
        .agg(pl.len().alias("times"), pl.col("file", "line", "expected", "came").first(),
             pl.col("field").drop_nulls().unique(maintain_order=True))
        .sort("severity", "times", "source", descending=[True, True, False])  # Rows, then cells.
    )  # fmt: skip
    if reasons.is_empty():
        return
    title = f"Rows and cells that were set aside · 隔离: {len(reading.quarantine)}"
    if len(reasons) > REASONS_SHOWN:
        title += f", the {REASONS_SHOWN} most frequent reasons of {len(reasons)}"
    show.table(
        title,
        [">times", "first at", "field", "what is wrong", "expected", "came"],
        [
            (
                row["times"],
                f"{row['file']}:{row['line']}",
                _cut(", ".join(row["field"])) or row["severity"],
                f"{TEXTS[Rule(row['rule'])].zh} · {TEXTS[Rule(row['rule'])].en}",
                _cut(row["expected"] or ""),
                _cut(row["came"] or ""),
            )
            for row in reasons.head(REASONS_SHOWN).iter_rows(named=True)
        ],
    )


def _cut(text: str) -> str:
    return text if len(text) <= WORDS_SHOWN else f"{text[:WORDS_SHOWN]}…"
