"""Finance a certificate (凭证融资): it passes to a funder, now, at a price, without recourse.

There is no command: the contract of financing calls `financed` when it pays out, and returns the
event next to its own. This event moves the holder and nothing else. All postings of the sale are
financing's, in one `Posted`, the certificate's own line among them:

    30 790 000.00 for 29 943 275.00         seller               funder
    certificates_held               -30 790 000.00       +30 790 000.00
    cash                            +29 943 275.00       -29 943 275.00
    interest_expense / unearned        +846 725.00          -846 725.00

RCV-FINANCE-1  one holder  an open certificate passes whole, from its holder to another
RCV-FINANCE-2  price       positive, and never above the face
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.pledge.model import Purpose, SecuredId
from tallyport.contracts.pledge.search import current
from tallyport.contracts.receivable.model import Certificate, Stage, acting
from tallyport.kernel.contract import Book, Changes
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import CertificateId, FinancingId, MemberId
from tallyport.kernel.money import Money
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a certificate is not financed, in the order of the checks."""

    NOT_FOUND = "certificate_not_found"
    NOT_OPEN = "certificate_must_be_open"
    DUE = "certificate_must_not_be_due"
    NOT_HOLDER = "seller_must_be_holder"
    BY_DEBTOR = "seller_must_not_be_the_debtor"
    NOT_A_FUNDER = "buyer_must_be_a_funder_and_neither_holder_nor_debtor"
    WRONG_CURRENCY = "price_currency_must_be_that_of_certificate"
    WRONG_PRICE = "price_must_be_positive_and_not_above_face"
    PLEDGED = "certificate_must_not_be_pledged_to_another"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFinanced:
    """Event: `seller` gave the certificate to `funder` for `price`, under a financing."""

    certificate_id: CertificateId
    financing_id: FinancingId
    seller: MemberId
    funder: MemberId
    price: Money


def financed(book: Book, wish: CertificateFinanced, today: date) -> CertificateFinanced:
    """Return `wish`, for the contract of financing, which has judged who may.

    A pledge of the certificate stands in the way, unless it is this financing's own.

    Raises:
        Refused: with a `Refusal`.
    """
    certificate = found(book.get(Certificate, wish.certificate_id), Refusal.NOT_FOUND)
    require(certificate.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(today < certificate.terms.due, Refusal.DUE)
    require(certificate.holder == wish.seller, Refusal.NOT_HOLDER)
    require(wish.seller != certificate.terms.debtor, Refusal.BY_DEBTOR)
    is_outsider = wish.funder not in {wish.seller, certificate.terms.debtor}
    require(is_outsider and has_role(book, wish.funder, Role.FUNDER), Refusal.NOT_A_FUNDER)
    require(wish.price.currency == certificate.face.currency, Refusal.WRONG_CURRENCY)
    require(0 < wish.price.minor <= certificate.face.minor, Refusal.WRONG_PRICE)
    require(_is_clear(book, certificate, wish.financing_id), Refusal.PLEDGED)

    # From here on it succeeds.
    return wish


def _is_clear(book: Book, certificate: Certificate, financing_id: FinancingId) -> bool:
    pledge = current(book, certificate.asset)
    return pledge is None or (
        pledge.purpose is Purpose.FINANCING and pledge.secured == SecuredId(financing_id)
    )


def evolve(book: Book, event: CertificateFinanced) -> Changes:
    """Return the certificate, in the funder's hand."""
    certificate = acting(book, event.certificate_id, Stage.OPEN)
    face, price = certificate.face, event.price
    invariant(certificate.holder == event.seller != event.funder, "RCV-FINANCE-1")
    invariant(0 < price.minor <= face.minor and price.currency == face.currency, "RCV-FINANCE-2")
    return (changed(certificate, holder=event.funder, moves=certificate.moves + 1),)
