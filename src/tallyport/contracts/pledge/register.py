"""Register a pledge (质押登记): from here on the thing secures one debt, and no other.

The pledgee registers, as at the registry of movable property (中登网), whose number may be noted.
Certificates of this ledger are pledged by the contracts that finance them, never by hand. Motor
vehicles are outside that registry: the traffic police keeps theirs (CN-REG-1).

PLG-1  one pledge  a thing has at most one active pledge, whoever holds it
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.members.model import Role, active, has_role
from tallyport.contracts.pledge.model import (
    AssetId,
    Kind,
    Pledge,
    PledgedAsset,
    Purpose,
    RegistryNumber,
    SecuredId,
    Stage,
    is_asset,
    is_of,
    likeness,
)
from tallyport.contracts.pledge.search import is_free
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import MemberId


@unique
class Refusal(StrEnum):
    """Why a registration is refused, in the order of the checks."""

    NOT_A_PLEDGEE = "actor_must_be_a_funder_bank_or_guarantor"
    BY_CONTRACT_ONLY = "certificates_are_pledged_by_financing_them"
    WRONG_NAME = "asset_must_read_kind_colon_identifier_in_capitals"
    NO_PLEDGOR = "pledgor_must_be_another_active_member"
    NOT_IN_REGISTRY = "registry_does_not_take_vehicles"
    NOT_FREE = "asset_must_not_be_pledged_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Command: `asset` of `pledgor` secures a debt to the actor that is named `secured`."""

    asset: AssetId
    pledgor: MemberId
    secured: SecuredId
    registry_number: RegistryNumber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeRegistered:
    """Event: `asset` of `pledgor` secures `secured`, in favour of `pledgee`."""

    asset: AssetId
    pledgor: MemberId
    pledgee: MemberId
    purpose: Purpose
    secured: SecuredId
    registry_number: RegistryNumber | None


def decide(book: Book, command: Register, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    can_hold = has_role(book, context.actor, Role.FUNDER, Role.BANK, Role.GUARANTOR)
    require(can_hold, Refusal.NOT_A_PLEDGEE)
    require(not is_of(command.asset, Kind.CERTIFICATE), Refusal.BY_CONTRACT_ONLY)
    wish = PledgeRegistered(
        asset=command.asset,
        pledgor=command.pledgor,
        pledgee=context.actor,
        purpose=Purpose.OUTSIDE,
        secured=command.secured,
        registry_number=command.registry_number,
    )
    return (registered(book, wish),)


def registered(book: Book, wish: PledgeRegistered) -> PledgeRegistered:
    """Return `wish`, for a contract that pledges something and has judged who may.

    Raises:
        Refused: with a `Refusal`.
    """
    distinct = wish.pledgor != wish.pledgee
    noted = wish.registry_number is not None
    require(is_asset(wish.asset), Refusal.WRONG_NAME)
    require(distinct and active(book, wish.pledgor) is not None, Refusal.NO_PLEDGOR)
    require(not (noted and is_of(wish.asset, Kind.VEHICLE)), Refusal.NOT_IN_REGISTRY)
    require(is_free(book, wish.asset), Refusal.NOT_FREE)

    # From here on it succeeds.
    return wish


def evolve(book: Book, event: PledgeRegistered) -> Changes:
    """Return the pledge, and its asset with one registration more."""
    invariant(is_free(book, event.asset), "PLG-1")
    known = book.get(PledgedAsset, likeness(event.asset))
    number = 1 if known is None else known.registrations + 1
    pledge = Pledge(
        asset=event.asset,
        number=number,
        pledgor=event.pledgor,
        pledgee=event.pledgee,
        purpose=event.purpose,
        secured=event.secured,
        registry_number=event.registry_number,
        stage=Stage.ACTIVE,
    )
    return (pledge, PledgedAsset(asset=event.asset, registrations=number))
