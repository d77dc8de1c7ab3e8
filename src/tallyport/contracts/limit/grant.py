"""Grant a limit (授信): a funder's promise, or a part of an earlier one; not yet usable.

A part may be larger than what is left of the whole, or than the whole: every occupation is checked
against all limits above it, so promises may overlap and debts cannot.

LIM-GRANT-1  tree     an id is used once; a part has the grantor and currency of its whole
LIM-GRANT-2  amounts  a limit begins positive and unused
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from tallyport.contracts.limit.expire import EXPIRE
from tallyport.contracts.limit.model import DEPTH_MAX, Limit, Stage, stored
from tallyport.contracts.members.model import Role, active, has_role
from tallyport.kernel.calendar import start_of
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import LimitId, MemberId
from tallyport.kernel.money import Money


@unique
class Refusal(StrEnum):
    """Why a grant is refused, in the order of the checks."""

    ID_TAKEN = "limit_id_must_be_new"
    NOT_A_FUNDER = "actor_must_be_a_funder"
    NO_SUBJECT = "subject_must_be_an_active_member"
    EMPTY_AMOUNT = "amount_must_be_positive"
    WRONG_PERIOD = "valid_until_must_lie_after_today_and_valid_from"
    NO_PARENT = "parent_limit_not_found"
    NOT_GRANTOR = "actor_must_be_the_grantor_of_the_parent"
    PARENT_CLEARED = "parent_limit_must_not_be_cleared"
    WRONG_CURRENCY = "currency_must_be_that_of_the_parent"
    TOO_DEEP = "depth_exceeds_maximum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Command: the actor lets `subject` owe up to `amount`, below the limit `parent` if named."""

    limit_id: LimitId
    parent: LimitId | None
    subject: MemberId
    amount: Money
    valid_from: date
    valid_until: date
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitGranted:
    """Event: a limit exists; it becomes usable when it takes effect."""

    limit: Limit


def decide(book: Book, command: Grant, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    lasts = max(context.today, command.valid_from) < command.valid_until
    require(book.get(Limit, command.limit_id) is None, Refusal.ID_TAKEN)
    require(has_role(book, context.actor, Role.FUNDER), Refusal.NOT_A_FUNDER)
    require(active(book, command.subject) is not None, Refusal.NO_SUBJECT)
    require(command.amount.minor > 0, Refusal.EMPTY_AMOUNT)
    require(lasts, Refusal.WRONG_PERIOD)
    depth = 0
    if command.parent is not None:
        parent = found(book.get(Limit, command.parent), Refusal.NO_PARENT)
        require(parent.grantor == context.actor, Refusal.NOT_GRANTOR)
        require(parent.stage is not Stage.CLEARED, Refusal.PARENT_CLEARED)
        require(parent.amount.currency == command.amount.currency, Refusal.WRONG_CURRENCY)
        require(parent.depth < DEPTH_MAX, Refusal.TOO_DEEP)
        depth = parent.depth + 1

    # From here on it succeeds.
    limit = Limit(
        id=command.limit_id,
        parent=command.parent,
        depth=depth,
        grantor=context.actor,
        subject=command.subject,
        amount=command.amount,
        used_minor=0,
        stage=Stage.GRANTED,
        is_frozen=False,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        product=command.product,
    )
    return (LimitGranted(limit=limit),)


def evolve(book: Book, event: LimitGranted) -> Changes:
    """Return the limit and the timer that ends it."""
    limit = event.limit
    invariant(book.get(Limit, limit.id) is None, "LIM-GRANT-1")
    invariant(limit.amount.minor > 0 and limit.used_minor == 0, "LIM-GRANT-2")
    whole = None if limit.parent is None else stored(book, limit.parent)
    if whole is None:
        invariant(limit.depth == 0, "LIM-GRANT-1")
    else:
        kin = (whole.grantor, whole.amount.currency, whole.depth + 1)
        own = (limit.grantor, limit.amount.currency, limit.depth)
        invariant(own == kin and limit.depth <= DEPTH_MAX, "LIM-GRANT-1")
    due = start_of(limit.valid_until)
    return (limit, Timer(due=due, name=EXPIRE, subject=limit.id))
