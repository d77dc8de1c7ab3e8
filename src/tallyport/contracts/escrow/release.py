"""Release a tranche (条件放款): the facts are attested, so the payee is paid.

Anybody may ask: what decides is the evidence on the ledger, never the one who asks. The event names
the attestations, so that years later everyone sees why the money moved.

    payer    trade +700 000.00    escrowed -700 000.00
    payee    cash  +700 000.00    trade    -700 000.00

ESC-RELEASE-1  evidence   a tranche is paid when all its conditions are met, and for what meets them
ESC-RELEASE-2  once       a tranche of an open escrow is paid once, and exactly its part
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique

from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, exchange, is_possible
from tallyport.contracts.escrow.model import Escrow, Stage, evidence
from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import InvariantError, found, invariant, require
from tallyport.kernel.ids import AttestationId, EscrowId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why a tranche is not released, in the order of the checks."""

    NOT_FOUND = "escrow_not_found"
    NOT_OPEN = "escrow_must_be_open"
    NO_TRANCHE = "tranche_not_found"
    PAID_ALREADY = "tranche_must_not_have_been_paid"
    PAYEE_GONE = "payee_must_be_an_active_member"
    NOT_ATTESTED = "every_condition_must_be_attested"
    BOOKS_FULL = "balance_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTranche:
    """Command: pay tranche `number` (1, 2, ...), if its conditions are met."""

    escrow_id: EscrowId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TranchePaid:
    """Event: tranche `number` goes to the payee because of `evidence`, one for each condition."""

    escrow_id: EscrowId
    number: int
    amount: Money
    evidence: tuple[AttestationId, ...]


def decide(book: Book, command: ReleaseTranche, _context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    escrow = found(book.get(Escrow, command.escrow_id), Refusal.NOT_FOUND)
    require(escrow.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(1 <= command.number <= len(escrow.tranches), Refusal.NO_TRANCHE)
    require(command.number in escrow.unpaid, Refusal.PAID_ALREADY)
    require(active(book, escrow.payee) is not None, Refusal.PAYEE_GONE)
    proofs = found(evidence(book, escrow, command.number), Refusal.NOT_ATTESTED)
    amount = escrow.part(command.number)
    posted = posting(escrow, amount)
    require(is_possible(book, posted), Refusal.BOOKS_FULL)

    # From here on it succeeds.
    paid = TranchePaid(escrow_id=escrow.id, number=command.number, amount=amount, evidence=proofs)
    return (paid, posted)


def posting(escrow: Escrow, amount: Money) -> Posted:
    """Return the posting by which `amount` leaves the escrow for the payee."""
    lines = (
        *exchange(escrow.payer, Kind.TRADE, Kind.ESCROWED, amount),
        *exchange(escrow.payee, Kind.CASH, Kind.TRADE, amount),
    )
    return Posted(purpose="escrow_released", about=escrow.id, currency=amount.currency, lines=lines)


def evolve(book: Book, event: TranchePaid) -> Changes:
    """Return the escrow with one tranche more paid; with the last one it is closed."""
    escrow = book.get(Escrow, event.escrow_id)
    if escrow is None or escrow.stage is not Stage.OPEN or event.number not in escrow.unpaid:
        raise InvariantError("ESC-RELEASE-2")
    invariant(event.amount == escrow.part(event.number), "ESC-RELEASE-2")
    invariant(event.evidence == evidence(book, escrow, event.number), "ESC-RELEASE-1")
    paid = (*escrow.paid, event.number)
    is_last = len(paid) == len(escrow.tranches)
    after = replace(
        escrow,
        paid=paid,
        paid_minor=escrow.paid_minor + event.amount.minor,
        stage=Stage.CLOSED if is_last else Stage.OPEN,
    )
    return (after,)
