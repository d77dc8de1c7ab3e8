"""Pay back what is due when money comes in (到账还款): loans, and certificates that were missed.

The bank reports the borrower's money; what is owed by then goes to the lender at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallyport.app.node import Wish
from tallyport.contracts.books.deposit import BankReferenceUsed
from tallyport.contracts.books.post import free_cash
from tallyport.contracts.financing.interest import debt
from tallyport.contracts.financing.model import Financing, Kind, Stage
from tallyport.contracts.financing.repay import Repay
from tallyport.contracts.receivable.model import Root
from tallyport.contracts.receivable.settle import Settle, is_covered
from tallyport.kernel.calendar import business_date
from tallyport.kernel.contract import Book
from tallyport.kernel.money import Money
from tallyport.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class RepaymentReactor:
    """Watches deposits; the borrower signs for its loans, the debtor for its certificates."""

    def react(self, entry: Entry, book: Book) -> Iterator[Wish]:
        """Yield repayments of what is due by the day of the entry."""
        for event in entry.events:
            if isinstance(event, BankReferenceUsed) and event.amount.minor > 0:
                yield from _loans(entry, book, event)
                yield from _missed(entry, book, event)


def _loans(entry: Entry, book: Book, event: BankReferenceUsed) -> Iterator[Wish]:
    today, currency = business_date(entry.at), event.amount.currency
    cash = free_cash(book, event.owner, currency)
    for financing in book.scan(Financing):
        is_running = financing.stage in (Stage.DISBURSED, Stage.OVERDUE, Stage.DEFAULTED)
        is_own = financing.applicant == event.owner and financing.principal.currency == currency
        if not (is_own and is_running and financing.kind is Kind.LOAN and financing.due <= today):
            continue
        minor = min(cash, debt(financing, today).total_minor)
        if minor > 0:
            cash -= minor
            yield Wish(
                member=event.owner,
                key=f"repay:{financing.id}:{entry.sequence}",
                commands=(Repay(financing_id=financing.id, amount=Money(minor, currency)),),
            )


def _missed(entry: Entry, book: Book, event: BankReferenceUsed) -> Iterator[Wish]:
    for root in book.scan(Root):
        if root.debtor == event.owner and root.is_missed and is_covered(book, root):
            yield Wish(
                member=root.debtor,
                key=f"settle:{root.id}:{entry.sequence}",
                commands=(Settle(root_id=root.id),),
            )
