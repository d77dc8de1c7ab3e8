"""Open an escrow (开立监管账户): the payer gives money out of its hands, not yet to the payee.

The money stays the payer's and stays with its bank; it only cannot be spent on anything else.

    payer    escrowed +1 000 000.00    cash -1 000 000.00

ESC-OPEN-1  fresh   an id is used once
ESC-OPEN-2  whole   the parts of the tranches are positive and sum to the amount
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique

from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, can_pay, exchange, is_possible
from tallyport.contracts.escrow.model import AgreementId, Escrow, Stage, Tranche, parts
from tallyport.contracts.members.model import ROLES_MAX, active
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import EscrowId, MemberId
from tallyport.kernel.money import Money
from tallyport.kernel.ratio import BP_WHOLE

TRANCHES_MAX = 12  # A payment a month for a year; the row is read whole at every release.
CONDITIONS_MAX = 12  # Of one tranche: more than anybody reads before signing.
OPEN_FOR_MAX = timedelta(days=2 * 366)  # Long for a delivery; nobody locks money away for ever.
SETTLE = "escrow.settle"


@unique
class Refusal(StrEnum):
    """Why an escrow is not opened, in the order of the checks."""

    ID_TAKEN = "escrow_id_must_be_new"
    NO_PAYEE = "payee_must_be_another_active_member"
    EMPTY_AMOUNT = "amount_must_be_positive"
    WRONG_COUNT = "tranches_must_be_between_one_and_maximum"
    WRONG_CONDITIONS = "conditions_and_roles_must_be_between_one_and_maximum"
    WRONG_SHARES = "shares_must_be_positive_and_sum_to_the_whole"
    EMPTY_PART = "every_tranche_must_be_worth_a_minor_unit"
    WRONG_UNTIL = "until_must_be_in_the_future_and_within_maximum"
    TOO_LITTLE_CASH = "free_cash_must_cover_amount"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEscrow:
    """Command: set `amount` of the actor's cash aside for `payee` under `agreement`."""

    escrow_id: EscrowId
    payee: MemberId
    agreement: AgreementId
    amount: Money
    tranches: tuple[Tranche, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowOpened:
    """Event: the money waits."""

    escrow_id: EscrowId
    payer: MemberId
    payee: MemberId
    agreement: AgreementId
    amount: Money
    tranches: tuple[Tranche, ...]
    until: datetime


def decide(book: Book, command: OpenEscrow, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    payer, payee, amount = context.actor, command.payee, command.amount
    tranches, lasts = command.tranches, command.until - context.at
    shares = [tranche.share_bp for tranche in tranches]
    posted = Posted(
        purpose="escrow_opened",
        about=command.escrow_id,
        currency=amount.currency,
        lines=exchange(payer, Kind.ESCROWED, Kind.CASH, amount),
    )
    require(book.get(Escrow, command.escrow_id) is None, Refusal.ID_TAKEN)
    require(payee != payer and active(book, payee) is not None, Refusal.NO_PAYEE)
    require(amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(1 <= len(tranches) <= TRANCHES_MAX, Refusal.WRONG_COUNT)
    require(all(_can_be_met(tranche) for tranche in tranches), Refusal.WRONG_CONDITIONS)
    require(min(shares) > 0 and sum(shares) == BP_WHOLE, Refusal.WRONG_SHARES)
    require(min(parts(amount, tranches)) > 0, Refusal.EMPTY_PART)
    require(timedelta(0) < lasts <= OPEN_FOR_MAX, Refusal.WRONG_UNTIL)
    require(can_pay(book, payer, amount), Refusal.TOO_LITTLE_CASH)
    require(is_possible(book, posted), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    opened = EscrowOpened(
        escrow_id=command.escrow_id,
        payer=payer,
        payee=payee,
        agreement=command.agreement,
        amount=amount,
        tranches=tranches,
        until=command.until,
    )
    return (opened, posted)


def _can_be_met(tranche: Tranche) -> bool:
    """Return whether there are conditions, few enough, each with someone who could attest it."""
    conditions = tranche.conditions
    return 1 <= len(conditions) <= CONDITIONS_MAX and all(
        1 <= len(condition.roles) <= ROLES_MAX for condition in conditions
    )


def evolve(book: Book, event: EscrowOpened) -> Changes:
    """Return the escrow and the timer that ends it."""
    shares = parts(event.amount, event.tranches)
    invariant(book.get(Escrow, event.escrow_id) is None, "ESC-OPEN-1")
    invariant(min(shares) > 0 and sum(shares) == event.amount.minor, "ESC-OPEN-2")
    escrow = Escrow(
        id=event.escrow_id,
        payer=event.payer,
        payee=event.payee,
        agreement=event.agreement,
        amount=event.amount,
        tranches=event.tranches,
        until=event.until,
        stage=Stage.OPEN,
        paid=(),
        paid_minor=0,
        refunded_minor=0,
    )
    return (escrow, Timer(due=event.until, name=SETTLE, subject=event.escrow_id))
