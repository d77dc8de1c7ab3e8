"""Post to the books (记账): the event behind every movement of value. There is no command for it.

Other contracts return a `Posted` next to their own event, so value cannot move unseen:

    discount of 30 790 000.00 at 5.5 % for 180 days           supplier        funder
        certificates_held                                  -30 790 000.00  +30 790 000.00
        cash                                               +29 943 275.00  -29 943 275.00
        interest_expense / unearned_interest                  +846 725.00     -846 725.00

BOOKS-1  balanced   the lines of every member sum to zero, so those of the posting do
BOOKS-2  possible   cash, holdings, loans given never fall below zero; debts never rise above it
BOOKS-3  counted    a balance stays within MINOR_MAX
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tallyport.contracts.books.model import (
    NEVER_NEGATIVE,
    NEVER_POSITIVE,
    Account,
    Kind,
    balance,
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


def can_pay(book: Book, owner: MemberId, amount: Money) -> bool:
    """Return whether `owner`'s free cash covers `amount`."""
    return balance(book, owner, Kind.CASH, amount.currency) >= amount.minor


def evolve(book: Book, event: Posted) -> Changes:
    """Return the accounts after the posting. Lines of one account are added up first."""
    by_owner: Counter[MemberId] = Counter()
    by_account: Counter[tuple[MemberId, Kind]] = Counter()
    for line in event.lines:
        by_owner[line.owner] += line.minor
        by_account[line.owner, line.kind] += line.minor
    invariant(all(minor == 0 for minor in by_owner.values()), "BOOKS-1")

    rows = []
    for (owner, kind), minor in by_account.items():
        after = balance(book, owner, kind, event.currency) + minor
        invariant(after >= 0 or kind not in NEVER_NEGATIVE, "BOOKS-2")
        invariant(after <= 0 or kind not in NEVER_POSITIVE, "BOOKS-2")
        invariant(abs(after) <= MINOR_MAX, "BOOKS-3")
        rows.append(Account(owner=owner, kind=kind, currency=event.currency, balance_minor=after))
    return tuple(rows)
