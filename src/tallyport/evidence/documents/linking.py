"""Papers and the records they belong to (单证归档): by VIN, invoice number or agreement number.

    invoice 24999000000000000017   total 113000.00    the tax export says 113000.00: agrees
    registration                   VIN ..1664         belongs to that vehicle
    invoice                        note XJYO-20240404 belongs to that agreement's vehicles

What nothing names is said to be without a dossier: a doubt, for papers come before exports do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from tallyport.evidence.documents.model import Finding, Paper, Rule, Severity
from tallyport.evidence.documents.numbers import minor

WORDS_MAX = 2_000  # Of the text of a paper that may be a number; a page has fifty.
_WORD = re.compile(r"[A-Z0-9][A-Z0-9-]{4,39}")
_DIGIT = re.compile(r"\d")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A paper and the record it belongs to, with what names it."""

    paper: Paper
    kind: str  # vehicle, invoice or contract; "" when nothing fits.
    key: str
    by: str


def link(papers: list[Paper], tables: Mapping[str, pl.DataFrame]) -> list[Link]:
    """Return where each paper belongs; amounts that differ become findings of the paper."""
    vins = _keys(tables, "vehicle", "vin")
    contracts = _keys(tables, "contract", "contract_no")
    invoices = _amounts(tables)
    return [_linked(paper, vins, contracts, invoices) for paper in papers]


def _keys(tables: Mapping[str, pl.DataFrame], kind: str, field: str) -> frozenset[str]:
    table = tables.get(kind)
    return frozenset() if table is None else frozenset(table[field].drop_nulls().to_list())


def _amounts(tables: Mapping[str, pl.DataFrame]) -> dict[str, int | None]:
    table = tables.get("invoice")
    if table is None:
        return {}
    rows = table.select("invoice_no", pl.col("total_cny").cast(pl.String)).iter_rows()
    return {number: None if total is None else minor(total) for number, total in rows}


def _linked(
    paper: Paper,
    vins: frozenset[str],
    contracts: frozenset[str],
    invoices: Mapping[str, int | None],
) -> Link:
    if paper.is_refused:
        return Link(paper=paper, kind="", key="", by="")
    known = {"invoice": invoices, "vehicle": vins, "contract": contracts}
    for kind, key, by in names(paper):
        if key not in known[kind]:
            continue
        if kind == "invoice":
            paper = _checked(paper, invoices[key])
        return Link(paper=paper, kind=kind, key=key, by=by)
    expected = "a vehicle, invoice or agreement of the exports"
    came = paper.value("number") or paper.value("vin") or "a paper without a number"
    return Link(
        paper=_with(paper, Rule.NO_DOSSIER, Severity.DOUBT, expected, came), kind="", key="", by=""
    )


def names(paper: Paper) -> Iterator[tuple[str, str, str]]:
    """Yield what a paper may belong to: kind, key and what names it, the surest first."""
    if number := paper.value("number"):
        yield "invoice", number, "invoice number"
    if vin := paper.value("vin").upper():
        yield "vehicle", vin, "VIN"
    said = " ".join([paper.value("note"), *(one.name for one in paper.items), paper.text])
    words = dict.fromkeys(word for word in _WORD.findall(said.upper()) if _DIGIT.search(word))
    some = list(words)[:WORDS_MAX]
    for word in some:
        if _VIN.fullmatch(word):
            yield "vehicle", word, "VIN in its text"
    for word in some:
        yield "contract", word, "agreement number"


def _checked(paper: Paper, known: int | None) -> Paper:
    """Return the paper with a finding where its total is not the one that is known."""
    said = minor(paper.value("total"))
    if said is None or known is None or said == known:
        return paper
    expected = f"{known // 100}.{known % 100:02} as the tax export says"
    return _with(paper, Rule.AMOUNT_DIFFERS, Severity.CONTRADICTION, expected, paper.value("total"))


def _with(paper: Paper, rule: Rule, severity: Severity, expected: str, came: str) -> Paper:
    added = Finding(rule=rule, severity=severity, expected=expected, came=came, origin=paper.file)
    return replace(paper, findings=(*paper.findings, added))
