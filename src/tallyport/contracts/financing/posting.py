"""What a financing does to the books (融资记账).

discount of 30 790 000.00 at 5.5 % for 180 days        applicant          funder
disbursed   certificates_held                       -30 790 000.00   +30 790 000.00
            cash                                    +29 943 275.00   -29 943 275.00
            interest_expense / unearned_interest       +846 725.00      -846 725.00
concluded   unearned_interest / interest_income                      +846 725.00 -846 725.00

loan        disbursed   cash, loans_owed / loans_given, cash
            repaid      cash against interest, penalty and principal, on both sides
"""

from __future__ import annotations

from tallyport.contracts.books.model import Kind as Account
from tallyport.contracts.books.post import Line, Posted, exchange
from tallyport.contracts.financing.interest import Debt
from tallyport.contracts.financing.model import Financing
from tallyport.kernel.money import Money


def sold(financing: Financing, discount: Money) -> Posted:
    """Return the posting of a discount: certificate against cash, the difference is interest."""
    seller, funder, face = financing.applicant, financing.funder, financing.principal
    price = face - discount
    return Posted(
        purpose="certificate_discounted",
        about=financing.id,
        currency=face.currency,
        lines=(
            *exchange(seller, Account.CASH, Account.CERTIFICATES_HELD, price),
            *exchange(seller, Account.INTEREST_EXPENSE, Account.CERTIFICATES_HELD, discount),
            *exchange(funder, Account.CERTIFICATES_HELD, Account.CASH, price),
            *exchange(funder, Account.CERTIFICATES_HELD, Account.UNEARNED_INTEREST, discount),
        ),
    )


def lent(financing: Financing) -> Posted:
    """Return the posting of a loan."""
    principal = financing.principal
    return Posted(
        purpose="loan_disbursed",
        about=financing.id,
        currency=principal.currency,
        lines=(
            *exchange(financing.applicant, Account.CASH, Account.LOANS_OWED, principal),
            *exchange(financing.funder, Account.LOANS_GIVEN, Account.CASH, principal),
        ),
    )


def repaid(financing: Financing, paid: Debt) -> Posted:
    """Return the posting of a repayment, whose parts `paid` says."""
    parts = (
        (paid.interest_minor, Account.INTEREST_EXPENSE, Account.INTEREST_INCOME),
        (paid.penalty_minor, Account.PENALTY_EXPENSE, Account.PENALTY_INCOME),
        (paid.principal_minor, Account.LOANS_OWED, Account.LOANS_GIVEN),
    )
    lines: list[Line] = []
    for minor, theirs, ours in parts:
        if minor:
            part = Money(minor, financing.principal.currency)
            lines += exchange(financing.applicant, theirs, Account.CASH, part)
            lines += exchange(financing.funder, Account.CASH, ours, part)
    return Posted(
        purpose="loan_repaid",
        about=financing.id,
        currency=financing.principal.currency,
        lines=tuple(lines),
    )


def earned(financing: Financing) -> Posted:
    """Return the posting by which the funder has earned the discount."""
    discount = Money(financing.discount_minor, financing.principal.currency)
    return Posted(
        purpose="discount_earned",
        about=financing.id,
        currency=discount.currency,
        lines=exchange(
            financing.funder, Account.UNEARNED_INTEREST, Account.INTEREST_INCOME, discount
        ),
    )
