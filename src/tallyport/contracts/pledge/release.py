"""Release a pledge (解除质押): the thing is free again, and the registration becomes history.

PLG-2  once  an active pledge is released, for the debt that it secured; a released one stays so
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.pledge.model import AssetId, Purpose, SecuredId, Stage
from tallyport.contracts.pledge.search import current
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import InvariantError, found, require
from tallyport.kernel.record import changed


@unique
class Refusal(StrEnum):
    """Why a release is refused, in the order of the checks."""

    NOT_PLEDGED = "asset_must_be_pledged"
    NOT_PLEDGEE = "actor_must_be_the_pledgee"
    BY_CONTRACT_ONLY = "pledge_is_released_by_the_contract_that_made_it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Command: the actor gives up its security over `asset`."""

    asset: AssetId


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeReleased:
    """Event: `asset` no longer secures `secured`. Contracts return it for what they pledged."""

    asset: AssetId
    secured: SecuredId


def decide(book: Book, command: Release, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    pledge = found(current(book, command.asset), Refusal.NOT_PLEDGED)
    require(pledge.pledgee == context.actor, Refusal.NOT_PLEDGEE)
    require(pledge.purpose is Purpose.OUTSIDE, Refusal.BY_CONTRACT_ONLY)

    # From here on it succeeds.
    return (PledgeReleased(asset=pledge.asset, secured=pledge.secured),)


def evolve(book: Book, event: PledgeReleased) -> Changes:
    """Return the pledge, released."""
    pledge = current(book, event.asset)
    if pledge is None or pledge.secured != event.secured:
        raise InvariantError("PLG-2")
    return (changed(pledge, stage=Stage.RELEASED),)
