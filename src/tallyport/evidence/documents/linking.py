"""Papers and the records they belong to (单证归档): by VIN, invoice number or agreement number.

    invoice 24999000000000000017   total 113000.00    the tax export says 113000.00: agrees
    registration                   VIN ..1664         belongs to that vehicle
    invoice                        note XJYO-20240404 belongs to that agreement's vehicles

What nothing names is said to be without a dossier: a doubt, for papers come before exports do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from tallyport.evidence.documents.model import Finding, Paper, Rule, Severity
from tallyport.evidence.documents.numbers import minor


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
    number, vin = paper.value("number"), paper.value("vin").upper()
    if number in invoices:
        said, known = minor(paper.value("total")), invoices[number]
        if said is not None and known is not None and said != known:
            paper = _with(
                paper,
                Rule.AMOUNT_DIFFERS,
                Severity.CONTRADICTION,
                f"{known // 100}.{known % 100:02} as the tax export says",
                paper.value("total"),
            )
        return Link(paper=paper, kind="invoice", key=number, by="invoice number")
    if vin in vins:
        return Link(paper=paper, kind="vehicle", key=vin, by="VIN")
    words = {word.strip("，。,.;；:：()（）").upper() for word in paper.text.split()}
    words |= set(paper.value("note").upper().replace("；", " ").replace(";", " ").split())
    named = sorted(words & contracts)
    if named:
        return Link(paper=paper, kind="contract", key=named[0], by="agreement number")
    expected = "a vehicle, invoice or agreement of the exports"
    came = number or vin or "a paper without a number"
    return Link(
        paper=_with(paper, Rule.NO_DOSSIER, Severity.DOUBT, expected, came), kind="", key="", by=""
    )


def _with(paper: Paper, rule: Rule, severity: Severity, expected: str, came: str) -> Paper:
    added = Finding(rule=rule, severity=severity, expected=expected, came=came, origin=paper.file)
    return replace(paper, findings=(*paper.findings, added))
