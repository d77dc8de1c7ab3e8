"""The books for people (账簿): balances of members, the journal, and the sum that must be zero."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tallyport.contracts.books.model import Account
from tallyport.kernel.money import Money
from tallyport.projections.queries.rows import PAGE, Page, cut, of_member, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account, debit positive."""

    owner: str
    kind: str
    balance: Money
    held: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line of a posting."""

    id: int
    sequence: int
    purpose: str
    about: str
    owner: str
    kind: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """What all accounts of one currency sum to, and all lines of the journal."""

    currency: str
    accounts_minor: int
    journal_minor: int
    entries_off: int  # Entries whose own lines do not sum to zero.

    @property
    def is_zero(self) -> bool:
        """Whether the books balance."""
        return self.accounts_minor == self.journal_minor == self.entries_off == 0


def balances(views: sqlite3.Connection, member: str | None = None) -> tuple[Balance, ...]:
    """Return the accounts of a member, or of all."""
    return tuple(
        Balance(
            owner=one.owner,
            kind=one.kind.value,
            balance=Money(one.balance_minor, one.currency),
            held=Money(one.held_minor, one.currency),
        )
        for one in rows(views, Account, of_member(member, "owner"))
    )


def journal(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    about: tuple[str, ...] = (),
    before: int | None = None,
    most: int = PAGE,
) -> Page[JournalLine]:
    """Return lines of the journal, the newest first."""
    conditions, values = ["id < ?"], list[str | int]()
    values.append(before if before is not None else (1 << 62))
    if member is not None:
        conditions.append("owner = ?")
        values.append(member)
    if about:
        conditions.append(f"about IN ({', '.join('?' * len(about))})")
        values += about
    query = (
        "SELECT id, sequence, purpose, about, owner, kind, currency, minor FROM journal"  # noqa: S608 - Ours.
        f" WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?"
    )
    found = [
        JournalLine(
            id=row["id"],
            sequence=row["sequence"],
            purpose=row["purpose"],
            about=row["about"],
            owner=row["owner"],
            kind=row["kind"],
            amount=Money(row["minor"], row["currency"]),
        )
        for row in views.execute(query, (*values, most + 1))
    ]
    return cut(found, most, lambda line: str(line.id))


def zeros(views: sqlite3.Connection) -> tuple[Zero, ...]:
    """Return, for every currency, what must be zero."""
    accounts = dict(
        views.execute("SELECT currency, sum(balance_minor) FROM now_account GROUP BY currency")
    )
    lines = {
        row[0]: (row[1], row[2])
        for row in views.execute(
            "SELECT currency, sum(total), sum(total <> 0) FROM ("
            " SELECT currency, sequence, sum(minor) AS total FROM journal GROUP BY 1, 2)"
            " GROUP BY currency"
        )
    }
    return tuple(
        Zero(
            currency=currency,
            accounts_minor=accounts.get(currency, 0),
            journal_minor=lines.get(currency, (0, 0))[0],
            entries_off=lines.get(currency, (0, 0))[1],
        )
        for currency in sorted(accounts.keys() | lines.keys())
    )
