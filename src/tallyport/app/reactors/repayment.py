"""Pay back what is due when money is there (到账还款): loans, and certificates that were missed.

Money comes from the bank, or from certificates that are settled; a loan that falls overdue takes
what its borrower has. What is owed by then goes to the lender at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallyport.app.node import Wish
from tallyport.contracts.books.deposit import BankReferenceUsed
from tallyport.contracts.books.post import free_cash
from tallyport.contracts.financing.interest import debt
from tallyport.contracts.financing.model import Financing, Kind, Stage
from tallyport.contracts.financing.overdue import FinancingOverdue
from tallyport.contracts.financing.repay import Repay
from tallyport.contracts.receivable.model import Root
from tallyport.contracts.receivable.settle import CertificatesSettled, Settle, is_covered
from tallyport.kernel.calendar import business_date
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import MemberId
from tallyport.kernel.money import Money
from tallyport.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class RepaymentReactor:
    """The borrower signs for its loans, the debtor for its certificates."""

    def react(self, entry: Entry, book: Book) -> Iterator[Wish]:
        """Yield repayments of what is due by the day of the entry."""
        able: dict[tuple[MemberId, str], None] = {}  # In the order of the events.
        for event in entry.events:
            able |= dict.fromkeys(_richer(event, book))
        for owner, currency in able:
            yield from _loans(entry, book, owner, currency)
            yield from _missed(entry, book, owner)


def _richer(event: object, book: Book) -> Iterator[tuple[MemberId, str]]:
    """Yield who may be able to pay now, and in which currency."""
    match event:
        case BankReferenceUsed(owner=owner, amount=amount) if amount.minor > 0:
            yield owner, amount.currency
        case CertificatesSettled(shares=shares):
            yield from ((share.holder, share.face.currency) for share in shares)
        case FinancingOverdue(financing_id=financing_id):
            financing = book.get(Financing, financing_id)
            if financing is not None:
                yield financing.applicant, financing.principal.currency
        case _:
            pass  # Most of what happens brings nobody money.


def _loans(entry: Entry, book: Book, owner: MemberId, currency: str) -> Iterator[Wish]:
    today = business_date(entry.at)
    cash = free_cash(book, owner, currency)
    for financing in book.scan(Financing):
        is_running = financing.stage in (Stage.DISBURSED, Stage.OVERDUE, Stage.DEFAULTED)
        is_own = financing.applicant == owner and financing.principal.currency == currency
        if not (is_own and is_running and financing.kind is Kind.LOAN and financing.due <= today):
            continue
        minor = min(cash, debt(financing, today).total_minor)
        if minor > 0:
            cash -= minor
            yield Wish(
                member=owner,
                key=f"repay:{financing.id}:{entry.sequence}",
                commands=(Repay(financing_id=financing.id, amount=Money(minor, currency)),),
            )


def _missed(entry: Entry, book: Book, owner: MemberId) -> Iterator[Wish]:
    for root in book.scan(Root):
        if root.debtor == owner and root.is_missed and is_covered(book, root):
            yield Wish(
                member=root.debtor,
                key=f"settle:{root.id}:{entry.sequence}",
                commands=(Settle(root_id=root.id),),
            )
