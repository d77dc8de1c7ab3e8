"""Financings, escrows and pledges for people (融资 · 监管账户 · 质押)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tallyport.contracts.attestation.model import latest
from tallyport.contracts.escrow.model import Condition, Escrow
from tallyport.contracts.financing.model import Financing
from tallyport.contracts.pledge.model import AssetId, Pledge, likeness
from tallyport.kernel.money import Money
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.rows import PAGE, Page, contains, equal, of_member, page


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionState:
    """A condition, and the attestation that meets it."""

    condition: Condition
    met_by: str | None  # The attester.
    attestation: str | None
    sequence: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrancheState:
    """A tranche, its part, and how far its conditions are met."""

    number: int
    share_bp: int
    part: Money
    is_paid: bool
    conditions: tuple[ConditionState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowState:
    """An escrow and its tranches."""

    escrow: Escrow
    paid: Money
    left: Money
    tranches: tuple[TrancheState, ...]


def financings(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    stage: str = "",
    after: str = "",
    most: int = PAGE,
) -> Page[Financing]:
    """Return financings; of a member those it asked for or funds."""
    where = of_member(member, "applicant", "funder") & equal("stage", stage)
    return page(views, Financing, where, after=after, most=most)


def escrows(
    views: sqlite3.Connection, *, member: str | None = None, after: str = "", most: int = PAGE
) -> Page[Escrow]:
    """Return escrows; of a member those it pays into or is paid from."""
    return page(views, Escrow, of_member(member, "payer", "payee"), after=after, most=most)


def escrow_state(views: sqlite3.Connection, escrow_id: str) -> EscrowState | None:
    """Return an escrow with each condition met or not, as the contract would judge it."""
    book = Mirror(views)
    escrow = book.get(Escrow, escrow_id)
    if escrow is None:
        return None
    tranches = tuple(
        TrancheState(
            number=number,
            share_bp=tranche.share_bp,
            part=escrow.part(number),
            is_paid=number in escrow.paid,
            conditions=tuple(_condition(book, escrow, one) for one in tranche.conditions),
        )
        for number, tranche in enumerate(escrow.tranches, start=1)
    )
    paid = Money(escrow.paid_minor, escrow.amount.currency)
    return EscrowState(escrow=escrow, paid=paid, left=escrow.left, tranches=tranches)


def _condition(book: Mirror, escrow: Escrow, condition: Condition) -> ConditionState:
    found = latest(book, condition.subject, condition.kind, condition.roles, besides=escrow.payee)
    if found is None:
        return ConditionState(condition=condition, met_by=None, attestation=None, sequence=None)
    return ConditionState(
        condition=condition,
        met_by=found.attester,
        attestation=found.id,
        sequence=found.sequence,
    )


def pledges(
    views: sqlite3.Connection,
    *,
    member: str | None = None,
    asset: str = "",
    after: str = "",
    most: int = PAGE,
) -> Page[Pledge]:
    """Return registrations of assets whose name holds `asset`, the oldest of each first.

    However either is spelled: `po-1` finds `order:PO1`.
    """
    kind, mark, identifier = asset.rpartition(":")
    alike = likeness(AssetId(f"{kind}:{identifier.upper()}")).removeprefix("" if mark else ":")
    where = of_member(member, "pledgor", "pledgee") & (
        contains("asset", asset) | contains("_key", alike if identifier else asset)
    )
    return page(views, Pledge, where, after=after, most=most)
