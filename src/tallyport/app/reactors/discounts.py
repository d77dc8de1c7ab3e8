"""Close a discount when its certificate is paid (贴现结清): the funder has earned its interest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallyport.app.node import Wish
from tallyport.contracts.financing.conclude import Conclude
from tallyport.contracts.financing.model import Financing
from tallyport.contracts.pledge.model import Kind, asset_id
from tallyport.contracts.pledge.search import current
from tallyport.contracts.receivable.settle import CertificatesSettled
from tallyport.kernel.contract import Book
from tallyport.ledger.entry import Entry


@dataclass(frozen=True, slots=True)
class DiscountReactor:
    """Watches settlements; the funder signs."""

    def react(self, entry: Entry, book: Book) -> Iterator[Wish]:
        """Yield the conclusion of every discount whose certificate was paid."""
        for event in entry.events:
            if not isinstance(event, CertificatesSettled):
                continue
            for share in event.shares:
                pledge = current(book, asset_id(Kind.CERTIFICATE, share.certificate_id))
                financing = None if pledge is None else book.get(Financing, pledge.secured)
                if financing is not None:
                    yield Wish(
                        member=financing.funder,
                        key=f"conclude:{financing.id}",
                        commands=(Conclude(financing_id=financing.id),),
                    )
