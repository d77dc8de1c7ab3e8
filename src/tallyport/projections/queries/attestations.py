"""Attestations for people (存证): what was said of a thing, in which entry, by whom."""

from __future__ import annotations

import sqlite3

from tallyport.contracts.attestation.model import Attestation
from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.pledge.model import Purpose
from tallyport.kernel.ids import MemberId
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.rows import Page, Where, equal, of_member, page, rows

# Admitted by consent to say what became of other people's goods.
WITNESSES = (Role.OPERATOR, Role.CUSTOMS, Role.LOGISTICS, Role.WAREHOUSE, Role.BANK)
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
    """Return the vehicles whose dossiers concern a member, and not by its own word alone.

    Anybody can attest anything and register what it likes outside; neither opens a dossier. What
    counts is the word of a witness of trades, and a pledge that a financing made.
    """
    query = "SELECT asset FROM now_pledge WHERE purpose = ?2 AND (pledgor = ?1 OR pledgee = ?1)"
    if has_role(Mirror(views), MemberId(member), *WITNESSES):
        query += " UNION SELECT subject FROM now_attestation WHERE attester = ?1"
    found = (row[0].partition(":") for row in views.execute(query, (member, Purpose.FINANCING)))
    return frozenset(name for sort, _, name in found if sort in {"vehicle", "dossier"})
