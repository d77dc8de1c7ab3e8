"""Settle certificates (凭证清分): the debtor pays every last holder the face, exactly.

On the due date it happens by itself (`mature`). If the money was not there, the debtor or its bank
settles by command as soon as it is: a missed payment is late, not lost. Whoever passed a
certificate on before is never asked (CN-SCF-11).

RCV-SETTLE-1  exact   every certificate that is paid is paid once, its own face, to its own holder
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.books.post import can_pay
from tallyport.contracts.limit.release import LimitReleased
from tallyport.contracts.members.model import Role, has_role
from tallyport.contracts.pledge.model import Purpose
from tallyport.contracts.receivable import posting
from tallyport.contracts.receivable.model import (
    PAYABLE,
    Certificate,
    Root,
    Stage,
    lessened,
    standing,
)
from tallyport.contracts.receivable.trace import leaves
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import InvariantError, found, invariant, require
from tallyport.kernel.ids import CertificateId, MemberId
from tallyport.kernel.money import Money, total
from tallyport.kernel.record import changed

BATCH_MAX = 400  # Two lines a certificate and two for the debtor fit one posting.


@unique
class Refusal(StrEnum):
    """Why nothing is settled, in the order of the checks."""

    NOT_FOUND = "certificate_root_not_found"
    NOT_PAYER = "actor_must_be_the_debtor_or_a_bank"
    NOT_MISSED = "payment_must_have_been_missed"
    NOTHING_LEFT = "certificates_must_be_outstanding"
    TOO_LITTLE_CASH = "free_cash_must_cover_what_is_outstanding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Command: pay now what was not paid on the day, all of it."""

    root_id: CertificateId


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one last holder gets for one certificate."""

    certificate_id: CertificateId
    holder: MemberId
    face: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesSettled:
    """Event: these certificates of one issue are paid."""

    root_id: CertificateId
    shares: tuple[Share, ...]


def decide(book: Book, command: Settle, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    root = found(book.get(Root, command.root_id), Refusal.NOT_FOUND)
    is_payer = root.debtor == context.actor or has_role(book, context.actor, Role.BANK)
    require(is_payer, Refusal.NOT_PAYER)
    require(root.is_missed, Refusal.NOT_MISSED)
    require(root.leaves > 0, Refusal.NOTHING_LEFT)
    require(is_covered(book, root), Refusal.TOO_LITTLE_CASH)

    # From here on it succeeds.
    return payout(book, root)


def is_covered(book: Book, root: Root) -> bool:
    """Return whether the debtor's free cash pays all holders; itself it pays with nothing."""
    others = (leaf.face for leaf in leaves(book, root.id) if leaf.holder != root.debtor)
    return can_pay(book, root.debtor, total(others, root.face.currency))


def payout(book: Book, root: Root) -> Events:
    """Return the payment of all that lives of an accepted issue, and the release of its limit."""
    paid = leaves(book, root.id)
    batches = [paid[start : start + BATCH_MAX] for start in range(0, len(paid), BATCH_MAX)]
    events: list[object] = []
    for batch in batches:
        shares = tuple(_share(leaf) for leaf in batch)
        events.append(CertificatesSettled(root_id=root.id, shares=shares))
        events.append(posting.settled(root, batch))
    released = LimitReleased(
        limit_id=root.limit_id,
        purpose=Purpose.CERTIFICATE,
        occupation_id=root.occupation_id,
        amount=root.outstanding,
    )
    return (*events, released)


def _share(leaf: Certificate) -> Share:
    return Share(certificate_id=leaf.id, holder=leaf.holder, face=leaf.face)


def evolve(book: Book, event: CertificatesSettled) -> Changes:
    """Return the certificates, settled, and what is left of their issue."""
    root = book.get(Root, event.root_id)
    if root is None:
        raise InvariantError("RCV-SETTLE-1")
    paid = tuple(standing(book, share.certificate_id, *PAYABLE) for share in event.shares)
    invariant(tuple(_share(leaf) for leaf in paid) == event.shares, "RCV-SETTLE-1")
    invariant(all(leaf.root == root.id for leaf in paid), "RCV-SETTLE-1")
    distinct = {leaf.id for leaf in paid}
    invariant(len(distinct) == len(paid), "RCV-SETTLE-1")

    minor = sum(leaf.face.minor for leaf in paid)
    rest = changed(lessened(root, minor, len(paid)), is_matured=True)
    ended = (changed(leaf, stage=Stage.SETTLED, offered_to=None) for leaf in paid)
    return (*ended, rest)
