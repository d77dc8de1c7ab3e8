"""The overview (总览): a few figures that say how things stand, and what charts draw."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tallyport.contracts.books.model import Kind
from tallyport.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How things stand, as of one entry."""

    as_of: int
    at: str | None
    accepted: int
    refused: int
    fired: int
    members: int
    attestations: int
    certificates: int  # Live ones.
    outstanding: tuple[Money, ...]
    limits: tuple[LimitUse, ...]
    moved: tuple[Money, ...]  # Cash that left somebody's hands.
    financed: tuple[Money, ...]
    escrowed: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """Limits at the top of their trees, in one currency."""

    granted: Money
    used: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """What a member holds, as bars are drawn of it."""

    owner: str
    kind: str
    amount: Money


DRAWN = (Kind.CASH, Kind.CERTIFICATES_HELD, Kind.LOANS_GIVEN, Kind.ESCROWED)


def _sums(views: sqlite3.Connection, query: str) -> tuple[Money, ...]:
    return tuple(Money(row[1], row[0]) for row in views.execute(query) if row[1])


def figures(views: sqlite3.Connection) -> Figures:
    """Return the figures over the whole ledger."""
    outcomes = dict(views.execute("SELECT outcome, count(*) FROM entry GROUP BY outcome"))
    last = views.execute("SELECT max(sequence), max(at) FROM entry").fetchone()
    limits = views.execute(
        "SELECT amount_currency, sum(amount_minor), sum(used_minor) FROM now_limit"
        " WHERE parent IS NULL AND stage <> 'cleared' GROUP BY 1 ORDER BY 1"
    )
    return Figures(
        as_of=last[0] or 0,
        at=last[1],
        accepted=outcomes.get("accepted", 0),
        refused=outcomes.get("refused", 0),
        fired=outcomes.get("fired", 0),
        members=_count(views, "SELECT count(*) FROM now_member WHERE is_active"),
        attestations=_count(views, "SELECT count(*) FROM now_attestation"),
        certificates=_count(
            views,
            "SELECT count(*) FROM now_certificate"
            " WHERE stage IN ('issued', 'open', 'offered', 'claimed')",
        ),
        outstanding=_sums(
            views,
            "SELECT face_currency, sum(outstanding_minor) FROM now_certificate_root GROUP BY 1",
        ),
        limits=tuple(LimitUse(granted=Money(r[1], r[0]), used=Money(r[2], r[0])) for r in limits),
        moved=_sums(
            views,
            "SELECT currency, -sum(minor) FROM journal"
            " WHERE kind IN ('cash', 'escrowed') AND minor < 0 AND purpose <> 'escrow_opened'"
            " GROUP BY 1 ORDER BY 1",
        ),
        financed=_sums(
            views,
            "SELECT principal_currency, sum(principal_minor) FROM now_financing"
            " WHERE start IS NOT NULL GROUP BY 1 ORDER BY 1",
        ),
        escrowed=_sums(
            views,
            "SELECT currency, sum(balance_minor) FROM now_account WHERE kind = 'escrowed'"
            " GROUP BY 1 ORDER BY 1",
        ),
    )


def _count(views: sqlite3.Connection, query: str) -> int:
    return int(views.execute(query).fetchone()[0])


def holdings(views: sqlite3.Connection, member: str | None = None) -> tuple[BookLine, ...]:
    """Return what members hold of what is drawn; of one member its own."""
    kinds = ", ".join(f"'{kind.value}'" for kind in DRAWN)
    query = (
        "SELECT owner, kind, currency, balance_minor FROM now_account"  # noqa: S608 - Our words.
        f" WHERE kind IN ({kinds}) AND balance_minor > 0 AND (?1 IS NULL OR owner = ?1)"
        " ORDER BY owner, kind, currency"
    )
    return tuple(
        BookLine(owner=row[0], kind=row[1], amount=Money(row[3], row[2]))
        for row in views.execute(query, (member,))
    )


def largest_root(views: sqlite3.Connection, member: str | None = None) -> str | None:
    """Return the issue with the largest face, among those that a member takes part in."""
    query = (
        "SELECT id FROM now_certificate_root WHERE ?1 IS NULL OR debtor = ?1 OR id IN"
        " (SELECT root FROM now_certificate WHERE holder = ?1) ORDER BY face_minor DESC, id LIMIT 1"
    )
    row = views.execute(query, (member,)).fetchone()
    return None if row is None else str(row[0])
