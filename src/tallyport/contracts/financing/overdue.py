"""Overdue and in default (逾期 · 违约): what time does to a financing that is not paid back.

    due 2024-10-08                  paid on that day: on time
    2024-10-09 00:00 in China       overdue; a penalty runs from here on (`interest`)
    2025-01-07 00:00                more than 90 days overdue: in default, non-performing (CN-FAC-1)

A discount whose certificate was paid is concluded instead: nothing is overdue then. Both are marks:
what is owed stays owed, and can be repaid.

FIN-OVERDUE-1  unpaid   only what runs and is past its date is marked
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from tallyport.contracts.books.post import is_possible
from tallyport.contracts.financing import posting
from tallyport.contracts.financing.conclude import concluded, is_paid
from tallyport.contracts.financing.model import Financing, Kind, Stage, standing
from tallyport.kernel.calendar import start_of
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import invariant
from tallyport.kernel.ids import FinancingId

GRACE_DAYS = 90  # CN-FAC-1: a factor's asset is non-performing when more days overdue.
OVERDUE = "financing.overdue"
DEFAULT = "financing.default"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingOverdue:
    """Event: the due date has passed and not all is paid."""

    financing_id: FinancingId
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingDefaulted:
    """Event: the days of grace have passed too."""

    financing_id: FinancingId
    on: date


def lapse(book: Book, timer: Timer, context: Context) -> Events:
    """Mark a financing as overdue, unless it is paid."""
    financing = book.get(Financing, timer.subject)
    if financing is None or financing.stage is not Stage.DISBURSED:
        return ()
    return _paid(book, financing) or (
        FinancingOverdue(financing_id=financing.id, on=context.today),
    )


def default(book: Book, timer: Timer, context: Context) -> Events:
    """Mark a financing as in default, unless it is paid."""
    financing = book.get(Financing, timer.subject)
    if financing is None or financing.stage is not Stage.OVERDUE:
        return ()
    return _paid(book, financing) or (
        FinancingDefaulted(financing_id=financing.id, on=context.today),
    )


def _paid(book: Book, financing: Financing) -> Events:
    """Return the end of a discount whose certificate was paid, or nothing."""
    if financing.kind is Kind.LOAN or not is_paid(book, financing):
        return ()
    return concluded(financing) if is_possible(book, posting.earned(financing)) else ()


def evolve(book: Book, event: FinancingOverdue) -> Changes:
    """Return the financing, overdue, and the timer that finds it in default."""
    financing = standing(book, event.financing_id, Stage.DISBURSED)
    invariant(financing.due < event.on, "FIN-OVERDUE-1")
    days = timedelta(days=GRACE_DAYS + 1)
    due = start_of(financing.due + days).astimezone(UTC)
    timer = Timer(due=due, name=DEFAULT, subject=financing.id)
    return (replace(financing, stage=Stage.OVERDUE), timer)


def evolve_default(book: Book, event: FinancingDefaulted) -> Changes:
    """Return the financing, in default."""
    financing = standing(book, event.financing_id, Stage.OVERDUE)
    days_late = (event.on - financing.due).days
    invariant(days_late > GRACE_DAYS, "FIN-OVERDUE-1")
    return (replace(financing, stage=Stage.DEFAULTED),)
