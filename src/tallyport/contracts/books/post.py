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

from dataclasses import dataclass

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
from tallyport.kernel.record import changed


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


def _moves(book: Book, event: Posted) -> list[tuple[Account, int]]:
    """Return the accounts before the posting and what is added to each, its lines together."""
    added = dict[tuple[MemberId, Kind], int]()
    for line in event.lines:
        place = line.owner, line.kind
        added[place] = added.get(place, 0) + line.minor
    currency = event.currency
    return [(account(book, owner, kind, currency), minor) for (owner, kind), minor in added.items()]


def _is_on_its_side(kind: Kind, balance_minor: int) -> bool:
    if balance_minor < 0:
        return kind not in NEVER_NEGATIVE
    return balance_minor == 0 or kind not in NEVER_POSITIVE


def _is_counted(balance_minor: int) -> bool:
    return -MINOR_MAX <= balance_minor <= MINOR_MAX


def is_possible(book: Book, event: Posted) -> bool:
    """Return whether the books can take the posting (BOOKS-2, BOOKS-3): ask before promising it.

    Whether cash is free to be spent is another question: `can_pay`.
    """
    after = [(row.kind, row.balance_minor + minor) for row, minor in _moves(book, event)]
    return all(_is_on_its_side(kind, minor) and _is_counted(minor) for kind, minor in after)


def evolve(book: Book, event: Posted) -> Changes:
    """Return the accounts after the posting."""
    by_owner = dict[MemberId, int]()
    for line in event.lines:
        by_owner[line.owner] = by_owner.get(line.owner, 0) + line.minor
    invariant(not any(by_owner.values()), "BOOKS-1")
    rows = list[Account]()
    for row, minor in _moves(book, event):
        after = row.balance_minor + minor
        invariant(_is_on_its_side(row.kind, after), "BOOKS-2")
        invariant(_is_counted(after), "BOOKS-3")
        invariant(row.kind is not Kind.CASH or after >= row.held_minor, "BOOKS-4")
        rows.append(changed(row, balance_minor=after))
    return tuple(rows)
