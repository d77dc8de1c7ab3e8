"""What a financing costs (计息): discount, interest and penalty, to the cent, on any day.

    discount   D = half_up(F · rate · days / basis)
               1 000 000.00 at 5.5 %, 60 days ACT/360             9 166.67
               1 000 000.00 at 3 %, 3 months 30E/360              7 500.00, paid out 992 500.00
    interest   on outstanding principal, from the last accrual to the day, at most to the due date
    penalty    on outstanding principal, from the day after the due date, in place of the interest

A day counts when it has begun: who repays on the due date is not late and owes no penalty, and what
is paid before the due date cannot be late at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tallyport.contracts.financing.model import Financing
from tallyport.kernel.daycount import DayCount, span
from tallyport.kernel.ratio import BP_WHOLE, half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What it takes to be free on a day, in minor units."""

    interest_minor: int
    penalty_minor: int
    principal_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        return self.interest_minor + self.penalty_minor + self.principal_minor

    def allocate(self, minor: int) -> Debt:
        """Return what a payment of `minor` goes to: interest first, then penalty, then principal.

        `minor` lies between 0 and the total.
        """
        interest = min(minor, self.interest_minor)
        penalty = min(minor - interest, self.penalty_minor)
        return Debt(
            interest_minor=interest,
            penalty_minor=penalty,
            principal_minor=minor - interest - penalty,
        )


def charge(minor: int, rate_bp: int, day_count: DayCount, start: date, end: date) -> int:
    """Return what `minor` units cost from `start` to `end`, half up; nothing if `end` is earlier.

    It is the discount of a face and the interest of a principal alike.
    """
    if end <= start:
        return 0
    time = span(day_count, start, end)
    return half_up(minor * rate_bp * time.days, BP_WHOLE * time.basis)


def debt(financing: Financing, day: date) -> Debt:
    """Return what a running loan owes on `day`, which is not before its last accrual."""
    owed, count, due = financing.outstanding_minor, financing.day_count, financing.due
    since = financing.accrued_to or day
    interest = charge(owed, financing.rate_bp, count, since, min(day, due))
    penalty = charge(owed, financing.penalty_bp, count, max(since, due), day)
    return Debt(
        interest_minor=financing.interest_minor + interest,
        penalty_minor=financing.penalty_minor + penalty,
        principal_minor=owed,
    )
