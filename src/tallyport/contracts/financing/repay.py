"""Repay a loan (还款): part or all, on any day; interest first, then penalty, then principal.

    1 000 000.00 at 6 %, ACT/360, paid back after 30 days: interest 5 000.00
    then 400 000.00 arrive          interest 5 000.00, principal 395 000.00
    left                            605 000.00; that much less of the limit is taken

What the principal falls by is free again on the limit at once. With the last of it the pledges end.

FIN-REPAY-1  exact   a repayment is allocated to what is owed on its day, and is not more than that
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum, unique

from tallyport.contracts.books.post import can_pay, is_possible
from tallyport.contracts.financing import posting
from tallyport.contracts.financing.interest import Debt, debt
from tallyport.contracts.financing.model import (
    RUNNING,
    Financing,
    Kind,
    Stage,
    limit_of,
    standing,
)
from tallyport.contracts.limit.release import LimitReleased
from tallyport.contracts.pledge.model import Purpose
from tallyport.contracts.pledge.release import PledgeReleased
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import FinancingId
from tallyport.kernel.money import MINOR_MAX, Money


@unique
class Refusal(StrEnum):
    """Why a repayment is refused, in the order of the checks."""

    NOT_FOUND = "financing_not_found"
    NOT_A_LOAN = "financing_must_be_a_loan"
    NOT_APPLICANT = "actor_must_be_the_applicant"
    NOT_RUNNING = "financing_must_be_paid_out_and_not_repaid"
    WRONG_CURRENCY = "currency_must_be_that_of_the_loan"
    EMPTY_AMOUNT = "amount_must_be_positive"
    TOO_MUCH = "amount_exceeds_what_is_owed"
    TOO_LITTLE_CASH = "free_cash_must_cover_amount"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repay:
    """Command: pay `amount` of what is owed today (`interest.debt`)."""

    financing_id: FinancingId
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingRepaid:
    """Event: on the business date `on` this much of each part was paid."""

    financing_id: FinancingId
    on: date
    interest: Money
    penalty: Money
    principal: Money


def decide(book: Book, command: Repay, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    amount, currency = command.amount, financing.principal.currency
    owed = debt(financing, context.today)
    require(financing.kind is Kind.LOAN, Refusal.NOT_A_LOAN)
    require(financing.applicant == context.actor, Refusal.NOT_APPLICANT)
    require(financing.stage in RUNNING, Refusal.NOT_RUNNING)
    require(amount.currency == currency, Refusal.WRONG_CURRENCY)
    require(amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(amount.minor <= owed.total_minor, Refusal.TOO_MUCH)
    require(can_pay(book, context.actor, amount), Refusal.TOO_LITTLE_CASH)
    paid = owed.allocate(amount.minor)
    posted = posting.repaid(financing, paid)
    require(is_possible(book, posted) and _can_be_kept(owed, paid), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    repaid = FinancingRepaid(
        financing_id=financing.id,
        on=context.today,
        interest=Money(paid.interest_minor, currency),
        penalty=Money(paid.penalty_minor, currency),
        principal=Money(paid.principal_minor, currency),
    )
    return (repaid, posted, *_freed(financing, paid))


def _can_be_kept(owed: Debt, paid: Debt) -> bool:
    """Return whether what is still owed fits a row: interest has no end while nobody pays."""
    interest = owed.interest_minor - paid.interest_minor
    penalty = owed.penalty_minor - paid.penalty_minor
    return max(interest, penalty) <= MINOR_MAX


def _freed(financing: Financing, paid: Debt) -> Events:
    """Return what becomes free: room on the limit, and with the last of it the pledges."""
    events: list[object] = []
    if paid.principal_minor:
        room = LimitReleased(
            limit_id=limit_of(financing),
            purpose=Purpose.FINANCING,
            occupation_id=financing.occupation_id,
            amount=Money(paid.principal_minor, financing.principal.currency),
        )
        events.append(room)
    if paid.principal_minor == financing.outstanding_minor:
        events += released(financing)
    return tuple(events)


def released(financing: Financing) -> tuple[PledgeReleased, ...]:
    """Return the end of the financing's pledges."""
    return tuple(
        PledgeReleased(asset=asset, secured=financing.secured) for asset in financing.assets
    )


def evolve(book: Book, event: FinancingRepaid) -> Changes:
    """Return the loan with less owed; with nothing owed it is repaid."""
    financing = standing(book, event.financing_id, *RUNNING)
    paid = Debt(
        interest_minor=event.interest.minor,
        penalty_minor=event.penalty.minor,
        principal_minor=event.principal.minor,
    )
    owed = debt(financing, event.on)
    invariant(0 < paid.total_minor <= owed.total_minor, "FIN-REPAY-1")
    invariant(paid == owed.allocate(paid.total_minor), "FIN-REPAY-1")
    left = owed.principal_minor - paid.principal_minor
    after = replace(
        financing,
        outstanding_minor=left,
        interest_minor=owed.interest_minor - paid.interest_minor,
        penalty_minor=owed.penalty_minor - paid.penalty_minor,
        accrued_to=event.on,
        stage=financing.stage if left else Stage.REPAID,
    )
    return (after,)
