"""Write the report (写报告): one HTML file with its pictures and their script, for any browser."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from django.template import Context, Engine
from django.utils.safestring import SafeString, mark_safe

from tallyport.app.appraisal import Appraisal
from tallyport.app.node import Node
from tallyport.app.report import figures
from tallyport.app.report.figures import Figure, Leaf
from tallyport.app.telling import ending, matching, percent, rating, reading
from tallyport.app.telling_files import Shower
from tallyport.ledger.note import Checkpoint, parse_note

_COLOURS = {
    "matched": figures.GREEN,
    "partly": figures.ORANGE,
    "contradicting": figures.RED,
}
Fill = Callable[[Shower], None]
_SECURE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column's or a cell's text, and on which side it stands."""

    name: str
    is_number: bool

    @property
    def text(self) -> str:
        """The same, as a cell."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the page."""

    title: str
    columns: list[Column]
    rows: list[list[Column]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure and what it shows."""

    id: str
    caption: str
    json: SafeString


@dataclass(slots=True, kw_only=True)
class Section:
    """A part of the page."""

    title: str
    text: str = ""
    figures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    code: str = ""


class Collector:
    """Takes the tables that the terminal shows, for a section of the page."""

    def __init__(self) -> None:
        self.tables: list[Table] = []

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Keep a table."""
        sides = [column.startswith(">") for column in columns]
        heads = [Column(c.lstrip(">"), side) for c, side in zip(columns, sides, strict=True)]
        cells = [
            [Column(str(cell), side) for cell, side in zip(row, sides, strict=True)] for row in rows
        ]
        self.tables.append(Table(title=title, columns=heads, rows=cells))


def write_report(path: Path, node: Node, appraisal: Appraisal, receipt: str, key: str) -> None:
    """Write the report about `appraisal` and what `node`'s ledger made of it to `path`."""
    checkpoint = node.engine.checkpoint()
    sections = [*_evidence(appraisal), _credit(appraisal), *_finance(node)]
    sections.append(
        Section(
            title="Proof",
            text="Whoever holds the log's verifier key checks the receipt of the settlement "
            "without us and without the rest of the ledger.",
            code=f"tallyport verify {receipt} --key {key}\n\n{checkpoint}",
        )
    )
    engine = Engine(dirs=[str(files("tallyport.app.report") / "templates")])
    page = engine.get_template("report.html").render(
        Context(
            {
                "title": "From nine exports to a settled certificate",
                "lead": f"{len(appraisal.dossiers)} vehicles, exports of {appraisal.as_of}; "
                "everything on this page can be checked on the ledger.",
                "cards": _cards(appraisal, Checkpoint.parse(parse_note(checkpoint).text)),
                "sections": sections,
                "plotly": mark_safe(_plotly()),  # noqa: S308 - The script of the package itself.
            },
            use_l10n=False,
            use_tz=False,
        )
    )
    path.write_text(page, "utf-8")


def _plotly() -> str:
    """Return the script that draws, from the installed package."""
    script = files("plotly") / "package_data" / "plotly.min.js"
    return script.read_text("utf-8").replace("</script", "<\\/script")


def _picture(number: str, caption: str, figure: Figure) -> Picture:
    """Return a figure as a block of JSON that no browser runs."""
    text = json.dumps(figure, ensure_ascii=False)
    for letter, escape in _SECURE.items():
        text = text.replace(letter, escape)
    block = f'<script type="application/json" id="{number}">{text}</script>'
    return Picture(id=number, caption=caption, json=mark_safe(block))  # noqa: S308 - Escaped above.


def _cards(appraisal: Appraisal, checkpoint: Checkpoint) -> list[dict[str, str]]:
    summary, files_read = appraisal.summary, appraisal.reading.files
    cards = [
        {
            "name": "Rows read",
            "value": f"{sum(file.rows for file in files_read):,}",
            "note": f"{sum(file.quarantined for file in files_read)} in quarantine",
        },
        {
            "name": "Ledger entries",
            "value": f"{checkpoint.size:,}",
            "note": f"head {checkpoint.head.hex()[:16]}…",
        },
    ]
    if summary is not None:
        share = {
            "name": "Dossiers matched",
            "value": percent(summary.matched_bp),
            "note": f"of {summary.dossiers:,} vehicles",
        }
        cards.insert(0, share)
    return cards


def _evidence(appraisal: Appraisal) -> list[Section]:
    read, matched = Section(title="What was read"), Section(title="What belongs together")
    read.tables = _collected(lambda show: reading(show, appraisal))
    matched.tables = _collected(lambda show: matching(show, appraisal))
    if appraisal.summary is not None:
        statuses = {status.value: n for status, n in appraisal.summary.statuses.items()}
        ring = figures.shares(statuses, _COLOURS)
        found = figures.bars(dict(appraisal.summary.findings), figures.ORANGE)
        matched.figures = [
            _picture("f-status", "Dossiers by status", ring),
            _picture("f-findings", "Findings by kind", found),
        ]
    return [read, matched]


def _credit(appraisal: Appraisal) -> Section:
    section = Section(title="Who can be trusted with how much")
    section.tables = _collected(lambda show: rating(show, appraisal))
    grades = Counter(one.grade.value for one in appraisal.ratings)
    ordered = {grade: grades[grade] for grade in sorted(grades)}
    section.figures = [_picture("f-grades", "Firms by grade", figures.columns(ordered))]
    return section


def _finance(node: Node) -> list[Section]:
    with closing(node.views.reader()) as views:
        certificates = views.execute(
            "SELECT c.id, c.parent, c.holder, c.face_minor, c.stage, c.terms,"
            " EXISTS (SELECT 1 FROM now_financing f WHERE f.certificate_id = c.id"
            "   AND f.stage IN ('disbursed', 'repaid')) AS is_sold"
            " FROM now_certificate c ORDER BY c._key"
        ).fetchall()
        balances = views.execute(
            "SELECT owner, kind, balance_minor FROM now_account"
            " WHERE currency = 'CNY' AND balance_minor <> 0 ORDER BY owner, kind"
        ).fetchall()
    leaves = [
        Leaf(
            id=row["id"],
            parent=row["parent"],
            holder=row["holder"],
            face_minor=row["face_minor"],
            stage=row["stage"],
            is_sold=bool(row["is_sold"]),
        )
        for row in certificates
    ]
    debtor = json.loads(certificates[0]["terms"])["debtor"] if certificates else ""
    flow = Section(
        title="The certificate and the financings",
        text="Orange was sold to the factor, green was held and paid at maturity.",
        figures=[
            _picture(
                "f-flow",
                "From the debtor to the last holders, in CNY",
                figures.certificate_flow(leaves, debtor),
            )
        ],
        tables=_collected(lambda show: ending(show, node)),
    )
    book = Section(
        title="The book",
        text="Debit to the right, credit to the left; every member's accounts sum to zero.",
        figures=[
            _picture(
                "f-book",
                "Balances in CNY",
                figures.book([(o, k, m) for o, k, m in balances]),
            )
        ],
    )
    return [flow, book]


def _collected(fill: Fill) -> list[Table]:
    collector = Collector()
    fill(collector)
    return collector.tables
