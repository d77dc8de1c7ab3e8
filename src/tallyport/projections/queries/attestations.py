"""Attestations for people (存证): what was said of a thing, in which entry, by whom."""

from __future__ import annotations

import sqlite3

from tallyport.contracts.attestation.model import Attestation
from tallyport.projections.queries.rows import Page, Where, equal, of_member, page, rows

OF_ONE_MAX = 100  # Versions of what is said of one thing; more are in the ledger.


def attestations_of(views: sqlite3.Connection, *subjects: str) -> tuple[Attestation, ...]:
    """Return what was attested of `subjects`, every version, in order of their ids."""
    marks = ", ".join("?" * len(subjects))
    where = Where(sql=f"subject IN ({marks})", values=subjects)
    return rows(views, Attestation, where, OF_ONE_MAX)


def attestations(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    subject: str = "",
    after: str = "",
    most: int,
) -> Page[Attestation]:
    """Return attestations; of a member those it answers for."""
    where = of_member(member, "attester") & equal("subject", subject)
    return page(views, Attestation, where, after=after, most=most)


def vins_of(views: sqlite3.Connection, member: str) -> frozenset[str]:
    """Return the vehicles that a member attested, pledged or has in pledge."""
    query = (
        "SELECT subject FROM now_attestation WHERE attester = ?1"
        " UNION SELECT asset FROM now_pledge WHERE pledgor = ?1 OR pledgee = ?1"
    )
    found = (row[0].partition(":") for row in views.execute(query, (member,)))
    return frozenset(name for sort, _, name in found if sort in {"vehicle", "dossier"})
