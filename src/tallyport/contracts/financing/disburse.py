"""Disburse (放款): in one entry the security is taken and the money paid; else nothing happens.

    1. every asset is pledged to the funder: what is pledged already is not financed again
    2. discount: the certificate moves to the funder    loan: the applicant's limit is occupied
    3. cash moves, and both sides' books say why

FIN-DISBURSE-1  price     the discount is what the formula gives, and less than the face
FIN-DISBURSE-2  secured   every asset is pledged for this financing when it is paid out, and the
                          funder holds the certificate, or the limit is taken by the principal
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from enum import StrEnum, unique

from tallyport.contracts.books.post import Posted, can_pay, is_possible
from tallyport.contracts.financing import posting
from tallyport.contracts.financing.interest import charge
from tallyport.contracts.financing.model import (
    Financing,
    Kind,
    Stage,
    certificate_of,
    limit_of,
    standing,
)
from tallyport.contracts.financing.overdue import OVERDUE
from tallyport.contracts.limit.model import Occupation, occupation_key
from tallyport.contracts.limit.occupy import LimitOccupied, occupied
from tallyport.contracts.pledge.model import AssetId, Purpose, RegistryNumber
from tallyport.contracts.pledge.register import PledgeRegistered, registered
from tallyport.contracts.pledge.search import current
from tallyport.contracts.receivable.finance import CertificateFinanced, financed
from tallyport.kernel.calendar import start_of
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import FinancingId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why nothing is paid out, in the order of the checks.

    Before the last one the register of pledges, the limit or the certificate may refuse.
    """

    NOT_FOUND = "financing_not_found"
    NOT_FUNDER = "actor_must_be_the_funder"
    NOT_APPROVED = "financing_must_be_approved"
    DUE_ALREADY = "due_must_lie_after_today"
    NO_PRICE = "discount_must_be_less_than_face"
    TOO_LITTLE_CASH = "free_cash_must_cover_what_is_paid_out"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disburse:
    """Command: pay out; `registry_number` is that of the registry of movable property (中登网)."""

    financing_id: FinancingId
    registry_number: RegistryNumber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingDisbursed:
    """Event: `paid` went to the applicant; of a discount, that is the face less `discount`."""

    financing_id: FinancingId
    start: date
    discount: Money
    paid: Money


def decide(book: Book, command: Disburse, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`, or one of `pledge`, `limit` or `receivable.finance`.
    """
    financing = found(book.get(Financing, command.financing_id), Refusal.NOT_FOUND)
    require(financing.funder == context.actor, Refusal.NOT_FUNDER)
    require(financing.stage is Stage.APPROVED, Refusal.NOT_APPROVED)
    require(context.today < financing.due, Refusal.DUE_ALREADY)
    discount = discount_on(financing, context.today)
    require(discount.minor < financing.principal.minor, Refusal.NO_PRICE)
    paid = financing.principal - discount
    require(can_pay(book, context.actor, paid), Refusal.TOO_LITTLE_CASH)
    pledges = tuple(
        registered(book, _pledge(financing, asset, command.registry_number))
        for asset in financing.assets
    )
    claim = _claim(book, financing, paid, context.today)
    posted = _posting(financing, discount)
    require(is_possible(book, posted), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    disbursed = FinancingDisbursed(
        financing_id=financing.id, start=context.today, discount=discount, paid=paid
    )
    return (*pledges, claim, disbursed, posted)


def discount_on(financing: Financing, day: date) -> Money:
    """Return what the funder keeps back, face at most, if it pays on `day`; of a loan, nothing."""
    minor = 0
    if financing.kind is Kind.DISCOUNT:
        face, rate = financing.principal.minor, financing.rate_bp
        # At most the face, which is refused: over many years it would be more than money can say.
        minor = min(face, charge(face, rate, financing.day_count, day, financing.due))
    return Money(minor, financing.principal.currency)


def _posting(financing: Financing, discount: Money) -> Posted:
    is_loan = financing.kind is Kind.LOAN
    return posting.lent(financing) if is_loan else posting.sold(financing, discount)


def _pledge(
    financing: Financing, asset: AssetId, number: RegistryNumber | None
) -> PledgeRegistered:
    return PledgeRegistered(
        asset=asset,
        pledgor=financing.applicant,
        pledgee=financing.funder,
        purpose=Purpose.FINANCING,
        secured=financing.secured,
        registry_number=number,
    )


def _claim(
    book: Book, financing: Financing, paid: Money, today: date
) -> CertificateFinanced | LimitOccupied:
    """Return the event by which the funder gets its claim.

    Raises:
        Refused: the certificate cannot move, or the limit has no room.
    """
    if financing.kind is Kind.LOAN:
        occupation = LimitOccupied(
            limit_id=limit_of(financing),
            purpose=Purpose.FINANCING,
            occupation_id=financing.occupation_id,
            amount=paid,
        )
        return occupied(book, occupation, today)
    sale = CertificateFinanced(
        certificate_id=certificate_of(book, financing).id,
        financing_id=financing.id,
        seller=financing.applicant,
        funder=financing.funder,
        price=paid,
    )
    return financed(book, sale, today)


def evolve(book: Book, event: FinancingDisbursed) -> Changes:
    """Return the financing, running, and the timer that finds it overdue."""
    financing = standing(book, event.financing_id, Stage.APPROVED)
    discount = discount_on(financing, event.start)
    is_priced = 0 <= discount.minor < financing.principal.minor and event.discount == discount
    invariant(is_priced and event.paid == financing.principal - discount, "FIN-DISBURSE-1")
    invariant(_is_secured(book, financing), "FIN-DISBURSE-2")
    running = replace(
        financing,
        stage=Stage.DISBURSED,
        start=event.start,
        discount_minor=discount.minor,
        outstanding_minor=financing.principal.minor,
        accrued_to=event.start,
    )
    due = start_of(financing.due + timedelta(days=1)).astimezone(UTC)
    return (running, Timer(due=due, name=OVERDUE, subject=financing.id))


def _is_secured(book: Book, financing: Financing) -> bool:
    pledges = (current(book, asset) for asset in financing.assets)
    if not all(pledge and pledge.secured == financing.secured for pledge in pledges):
        return False
    if financing.kind is Kind.DISCOUNT:
        return certificate_of(book, financing).holder == financing.funder
    key = occupation_key(limit_of(financing), Purpose.FINANCING, financing.occupation_id)
    occupation = book.get(Occupation, key)
    return occupation is not None and occupation.open_minor == financing.principal.minor
