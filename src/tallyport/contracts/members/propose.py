"""Propose a change of the consortium (提案): members, quorum, rules, validators, versions.

A proposal changes nothing; consents do. It lapses when its time is over.

MEM-PROPOSE-1  fresh  a proposal id is used once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, unique
from typing import ClassVar, TypeAlias

from tallyport.contracts import law
from tallyport.contracts.members import cosigning, validators, versions
from tallyport.contracts.members.admit import is_sound
from tallyport.contracts.members.cosigning import SetCosigners
from tallyport.contracts.members.model import Member, Profile, Stage, active, voters
from tallyport.contracts.members.validators import AddValidator, ListValidators, RemoveValidator
from tallyport.contracts.members.versions import ActivateVersion
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import MemberId, ProposalId

OPEN_FOR = timedelta(days=30)  # Long enough for a board to meet, short enough to be remembered.
LAPSE = "members.lapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Change: a new member."""

    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismiss:
    """Change: a member takes part no longer; its keys stop speaking."""

    member_id: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuorum:
    """Change: how many voters must agree from now on."""

    consents_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """Change: a parameter of a rule (contracts.law) from a day on."""

    rule_id: str
    parameter: str
    since: date
    value: int


NetworkChange: TypeAlias = (
    ListValidators | AddValidator | RemoveValidator | SetCosigners | ActivateVersion
)
Change: TypeAlias = Admit | Dismiss | SetQuorum | SetRule | NetworkChange


@unique
class Refusal(StrEnum):
    """Why a proposal is refused, in the order of the checks."""

    ID_TAKEN = "proposal_id_must_be_new"
    NOT_A_VOTER = "actor_must_be_a_voter"
    UNSOUND = "change_must_be_possible"
    TOO_LATE = "version_must_begin_later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """Command: put `change` to the voters; the proposer consents like any other."""

    proposal_id: ProposalId
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProposed:
    """Event: voters are asked."""

    proposal_id: ProposalId
    change: Change
    proposer: MemberId
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLapsed:
    """Event: nobody can consent any longer."""

    proposal_id: ProposalId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Row: a change and who agrees with it."""

    TABLE: ClassVar[str] = "proposal"

    id: ProposalId
    change: Change
    stage: Stage
    consents: tuple[MemberId, ...]

    @property
    def key(self) -> str:
        """The proposal's id."""
        return self.id


def is_possible(book: Book, change: Change) -> bool:
    """Return whether `change` could be enacted right now."""
    match change:
        case Admit(profile=profile):
            return is_sound(book, (profile,))
        case Dismiss(member_id=member_id):
            return active(book, member_id) is not None and validators.may_leave(book, member_id)
        case SetQuorum(consents_min=consents_min):
            return 1 <= consents_min <= len(voters(book))
        case SetRule(rule_id=rule_id, parameter=parameter, value=value):
            return law.is_known(rule_id, parameter) and value >= 0
        case _:
            return _is_sound(book, change)


def _is_sound(book: Book, change: NetworkChange) -> bool:
    match change:
        case ListValidators() | AddValidator() | RemoveValidator():
            return validators.is_sound(book, change)
        case SetCosigners():
            return cosigning.is_sound(book, change)
        case ActivateVersion():
            return versions.is_sound(book, change)


def decide(book: Book, command: Propose, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    proposer = book.get(Member, context.actor)
    require(book.get(Proposal, command.proposal_id) is None, Refusal.ID_TAKEN)
    require(proposer is not None and proposer.is_voter, Refusal.NOT_A_VOTER)
    require(is_possible(book, command.change), Refusal.UNSOUND)
    require(versions.is_ahead(command.change, context.at), Refusal.TOO_LATE)

    # From here on it succeeds.
    proposed = ChangeProposed(
        proposal_id=command.proposal_id,
        change=command.change,
        proposer=context.actor,
        until=context.at + OPEN_FOR,
    )
    return (proposed,)


def evolve(book: Book, event: ChangeProposed) -> Changes:
    """Return the open proposal, without consents yet, and the timer that closes it."""
    invariant(book.get(Proposal, event.proposal_id) is None, "MEM-PROPOSE-1")
    proposal = Proposal(id=event.proposal_id, change=event.change, stage=Stage.OPEN, consents=())
    return (proposal, Timer(due=event.until, name=LAPSE, subject=event.proposal_id))


def lapse(book: Book, timer: Timer, _context: Context) -> Events:
    """Close a proposal whose time is over, unless it was enacted."""
    proposal = book.get(Proposal, timer.subject)
    if proposal is None or proposal.stage is not Stage.OPEN:
        return ()
    return (ProposalLapsed(proposal_id=proposal.id),)


def evolve_lapse(book: Book, event: ProposalLapsed) -> Changes:
    """Return the proposal, closed."""
    proposal = book.get(Proposal, event.proposal_id)
    invariant(proposal is not None and proposal.stage is Stage.OPEN, "MEM-PROPOSE-1")
    if proposal is None:
        return ()
    return (
        Proposal(
            id=proposal.id,
            change=proposal.change,
            stage=Stage.LAPSED,
            consents=proposal.consents,
        ),
    )
