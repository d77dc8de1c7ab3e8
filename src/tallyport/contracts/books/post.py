"""Post to the books (记账): the event behind every movement of value. There is no command for it.

Other contracts return a `Posted` next to their own event, so value cannot move unseen:

    discount of 30 790 000.00 at 5.5 % for 180 days           supplier        funder
        certificates_held                                  -30 790 000.00  +30 790 000.00
        cash                                               +29 943 275.00  -29 943 275.00
        interest_expense / unearned_interest                  +846 725.00     -846 725.00

BOOKS-1  balanced   the lines of every member sum to zero, so those of the posting do
BOOKS-2  possible   cash, holdings, loans given never fall below zero; debts never rise above it
BOOKS-3  counted    a balance stays within MINOR_MAX
BOOKS-4  kept       cash that is held (books.hold) is still there
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from tallyport.contracts.books.model import (
    NEVER_NEGATIVE,
    NEVER_POSITIVE,
    Account,
    Kind,
    account,
)
from tallyport.kernel.contract import Book, Changes
from tallyport.kernel.guard import invariant
from tallyport.kernel.ids import MemberId
from tallyport.kernel.money import MINOR_MAX, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One account and what is added to it, debit positive."""

    owner: MemberId
    kind: Kind
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Event: value moved. `purpose` says why, in a word; `about` names the thing."""

    purpose: str
    about: str
    currency: str
    lines: tuple[Line, ...]


def exchange(owner: MemberId, gains: Kind, gives: Kind, amount: Money) -> tuple[Line, Line]:
    """Return the two lines by which `owner`'s `gains` rises and its `gives` falls by `amount`."""
    return (
        Line(owner=owner, kind=gains, minor=amount.minor),
        Line(owner=owner, kind=gives, minor=-amount.minor),
    )


def payment(payer: MemberId, payee: MemberId, amount: Money) -> tuple[Line, ...]:
    """Return the four lines by which `payer` pays `payee` for goods (贸易往来)."""
    return (
        *exchange(payer, Kind.TRADE, Kind.CASH, amount),
        *exchange(payee, Kind.CASH, Kind.TRADE, amount),
    )


def free_cash(book: Book, owner: MemberId, currency: str) -> int:
    """Return what `owner` may spend, in minor units: its cash less what is held."""
    cash = account(book, owner, Kind.CASH, currency)
    return cash.balance_minor - cash.held_minor


def can_pay(book: Book, owner: MemberId, amount: Money) -> bool:
    """Return whether `owner`'s free cash covers `amount`."""
    return free_cash(book, owner, amount.currency) >= amount.minor


def _after(book: Book, event: Posted) -> tuple[Account, ...]:
    """Return the accounts after the posting. Lines of one account are added up first."""
    by_account: Counter[tuple[MemberId, Kind]] = Counter()
    for line in event.lines:
        by_account[line.owner, line.kind] += line.minor
    before = (
        (account(book, owner, kind, event.currency), minor)
        for (owner, kind), minor in by_account.items()
    )
    return tuple(replace(row, balance_minor=row.balance_minor + minor) for row, minor in before)


def _is_on_its_side(row: Account) -> bool:
    below, above = row.kind in NEVER_NEGATIVE, row.kind in NEVER_POSITIVE
    return not (below and row.balance_minor < 0) and not (above and row.balance_minor > 0)


def _is_kept(row: Account) -> bool:
    return row.kind is not Kind.CASH or row.balance_minor >= row.held_minor


def is_possible(book: Book, event: Posted) -> bool:
    """Return whether the books can take the posting (BOOKS-2, BOOKS-3): ask before promising it.

    Whether cash is free to be spent is another question: `can_pay`.
    """
    rows = _after(book, event)
    return all(_is_on_its_side(row) and abs(row.balance_minor) <= MINOR_MAX for row in rows)


def evolve(book: Book, event: Posted) -> Changes:
    """Return the accounts after the posting."""
    by_owner: Counter[MemberId] = Counter()
    for line in event.lines:
        by_owner[line.owner] += line.minor
    invariant(all(minor == 0 for minor in by_owner.values()), "BOOKS-1")
    rows = _after(book, event)
    for row in rows:
        invariant(_is_on_its_side(row), "BOOKS-2")
        invariant(abs(row.balance_minor) <= MINOR_MAX, "BOOKS-3")
        invariant(_is_kept(row), "BOOKS-4")
    return rows
