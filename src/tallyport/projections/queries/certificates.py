"""Certificates for people (凭证查询): who holds and owes what, and one tree from its root.

60 000 000 ─┬─ /1   1 920 000   ali-trading, open             (source 001, page 16)
            └─ /2  58 080 000   split ─┬─ ...
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tallyport.contracts.receivable import trace
from tallyport.contracts.receivable.model import Certificate, Root
from tallyport.kernel.ids import CertificateId
from tallyport.kernel.money import Money
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.books import JournalLine, journal
from tallyport.projections.queries.entries import EntryLine, mentioning
from tallyport.projections.queries.rows import PAGE, PAGE_MAX, Page, Where, equal, of_member, page

ROLES = ("held", "owed", "offered", "guaranteed")
_COLUMN = {"held": "holder", "offered": "offered_to", "guaranteed": "guarantor"}
_DEBTOR = "json_extract(terms, '$.debtor') = ?"
_ENDED = ("split", "settled", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One certificate with all that belongs to it."""

    certificate: Certificate
    root: Root
    line: tuple[Certificate, ...]  # From the certificate to the one that was issued.
    tree: tuple[Certificate, ...]  # The whole issue, each before its children.
    journal: tuple[JournalLine, ...]
    entries: tuple[EntryLine, ...]
    financed: dict[str, Financed]  # By certificate: what was paid for it, by whom.

    @property
    def members(self) -> frozenset[str]:
        """Everybody whom the issue concerns."""
        named = [self.root.debtor]
        for one in self.tree:
            named += [who for who in (one.holder, one.offered_to, one.guarantor) if who]
        return frozenset(named) | {one.applicant for one in self.financed.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Financed:
    """A discount of a certificate."""

    financing_id: str
    applicant: str
    funder: str
    stage: str
    price: Money


def certificates(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    role: str = "",
    stage: str = "",
    after: str = "",
    most: int = PAGE,
) -> Page[Certificate]:
    """Return certificates; of a member those it holds, owes, is offered or guarantees."""
    where = equal("stage", stage)
    if stage == "live":
        marks = ", ".join("?" * len(_ENDED))
        where = Where(sql=f"stage NOT IN ({marks})", values=_ENDED)
    if member is not None:
        where &= _concerning(member, role)
    return page(views, Certificate, where, after=after, most=most)


def _concerning(member: str, role: str) -> Where:
    owed = Where(sql=_DEBTOR, values=(member,))
    if role == "owed":
        return owed
    if role in _COLUMN:
        return of_member(member, _COLUMN[role])
    anyhow = of_member(member, *_COLUMN.values())
    return Where(sql=f"{anyhow.sql} OR {owed.sql}", values=anyhow.values + owed.values)


def detail(views: sqlite3.Connection, certificate_id: str) -> Detail | None:
    """Return a certificate with its tree, or None."""
    book = Mirror(views)
    certificate = book.get(Certificate, certificate_id)
    if certificate is None:
        return None
    root = book.get(Root, certificate.root)
    if root is None:
        return None
    line = trace.line(book, certificate)
    ids = tuple(one.id for one in line)
    financed = _financed(views, root.id)
    about = (*ids, *(one.financing_id for key, one in financed.items() if key in ids))
    return Detail(
        certificate=certificate,
        root=root,
        line=line,
        tree=trace.tree(book, CertificateId(root.id)),
        journal=journal(views, about=about, most=PAGE_MAX).items,
        entries=mentioning(views, *about),
        financed=financed,
    )


def _financed(views: sqlite3.Connection, root_id: str) -> dict[str, Financed]:
    query = (
        "SELECT id, certificate_id, applicant, funder, stage,"
        " principal_minor - discount_minor AS price_minor, principal_currency"
        " FROM now_financing WHERE certificate_id = ? OR certificate_id GLOB ?"
        " ORDER BY (stage IN ('disbursed', 'repaid', 'overdue', 'defaulted')), _key"
    )
    return {
        row["certificate_id"]: Financed(
            financing_id=row["id"],
            applicant=row["applicant"],
            funder=row["funder"],
            stage=row["stage"],
            price=Money(row["price_minor"], row["principal_currency"]),
        )
        for row in views.execute(query, (root_id, f"{root_id}/*"))
    }


def issue_entry(detail: Detail) -> int | None:
    """Return the sequence of the entry that issued the root, or None."""
    for line in detail.entries:
        if "receivable.Issue" in line.forms and line.outcome == "accepted":
            return line.sequence
    return None
