"""Refund an escrow (退款): what no fact has released goes back to the payer.

That happens at its time, by itself, or earlier when the payee agrees. At its time the tranches
whose conditions are met are paid first: no payee loses because nobody asked.

    payer    cash +300 000.00    escrowed -300 000.00

ESC-REFUND-1  whole   paid and refunded sum to the amount; nothing is left
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, exchange, is_possible
from tallyport.contracts.escrow.model import Escrow, Stage, evidence
from tallyport.contracts.escrow.release import TranchePaid, posting
from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import InvariantError, found, invariant, require
from tallyport.kernel.ids import EscrowId
from tallyport.kernel.money import Money, total


@unique
class Refusal(StrEnum):
    """Why an escrow is not refunded before its time, in the order of the checks."""

    NOT_FOUND = "escrow_not_found"
    NOT_OPEN = "escrow_must_be_open"
    NOT_PAYEE = "actor_must_be_payee"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEscrow:
    """Command: the payee wants no more of it."""

    escrow_id: EscrowId


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowRefunded:
    """Event: `amount`, all that was left, goes back to the payer."""

    escrow_id: EscrowId
    amount: Money


def decide(book: Book, command: RefundEscrow, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    escrow = found(book.get(Escrow, command.escrow_id), Refusal.NOT_FOUND)
    require(escrow.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(context.actor == escrow.payee, Refusal.NOT_PAYEE)

    # From here on it succeeds: all the money of a currency fits one account (BOOKS-DEPOSIT-2).
    return _refund(escrow, escrow.left)


def settle(book: Book, timer: Timer, _context: Context) -> Events:
    """Pay what the facts allow, then give the rest back, unless it ended before."""
    escrow = book.get(Escrow, timer.subject)
    if escrow is None or escrow.stage is not Stage.OPEN:
        return ()
    events = _payments(book, escrow)
    amounts = (event.amount for event in events)
    due = total(amounts, escrow.amount.currency)
    posted = posting(escrow, due)
    if not is_possible(book, posted):
        return _refund(escrow, escrow.left)
    left = escrow.left - due
    paid = (*events, posted) if events else ()
    return (*paid, *_refund(escrow, left)) if left.minor else paid


def _payments(book: Book, escrow: Escrow) -> tuple[TranchePaid, ...]:
    if active(book, escrow.payee) is None:
        return ()
    return tuple(
        TranchePaid(escrow_id=escrow.id, number=number, amount=escrow.part(number), evidence=proofs)
        for number in escrow.unpaid
        if (proofs := evidence(book, escrow, number)) is not None
    )


def _refund(escrow: Escrow, left: Money) -> Events:
    posted = Posted(
        purpose="escrow_refunded",
        about=escrow.id,
        currency=left.currency,
        lines=exchange(escrow.payer, Kind.CASH, Kind.ESCROWED, left),
    )
    return (EscrowRefunded(escrow_id=escrow.id, amount=left), posted)


def evolve(book: Book, event: EscrowRefunded) -> Changes:
    """Return the escrow, ended."""
    escrow = book.get(Escrow, event.escrow_id)
    if escrow is None or escrow.stage is not Stage.OPEN:
        raise InvariantError("ESC-REFUND-1")
    invariant(event.amount == escrow.left and event.amount.minor > 0, "ESC-REFUND-1")
    return (replace(escrow, stage=Stage.REFUNDED, refunded_minor=event.amount.minor),)
