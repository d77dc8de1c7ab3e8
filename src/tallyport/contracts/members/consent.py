"""Consent to a proposal (表决): with the last consent that is needed, it is enacted.

The proposer consents too, by this command: putting a question is not answering it.

MEM-CONSENT-1  quorum   a change is enacted with at least `consents_min` voters, each counted once
MEM-CONSENT-2  alive    the consortium keeps at least `consents_min` voters
MEM-CONSENT-3  slow     a third of the validators, or one, changes within a minute, not more
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique

from tallyport.contracts.law import Setting
from tallyport.contracts.members import cosigning, validators, versions
from tallyport.contracts.members.admit import admission_rows
from tallyport.contracts.members.cosigning import SetCosigners
from tallyport.contracts.members.model import Key, Member, Stage, consortium, voters
from tallyport.contracts.members.propose import (
    Admit,
    Change,
    Dismiss,
    NetworkChange,
    Proposal,
    SetQuorum,
    SetRule,
    is_possible,
)
from tallyport.contracts.members.validators import AddValidator, ListValidators, RemoveValidator
from tallyport.contracts.members.versions import ActivateVersion
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import found, invariant, require
from tallyport.kernel.ids import MemberId, ProposalId


@unique
class Refusal(StrEnum):
    """Why a consent is refused, in the order of the checks."""

    NOT_FOUND = "proposal_not_found"
    NOT_OPEN = "proposal_must_be_open"
    NOT_A_VOTER = "actor_must_be_a_voter"
    AGREED_ALREADY = "actor_must_not_have_consented_yet"
    UNSOUND = "change_must_still_be_possible"
    QUORUM_LOST = "voters_left_must_reach_the_quorum"
    TOO_LATE = "version_must_begin_later"
    RESTLESS = "validators_must_change_slowly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Command: the actor agrees."""

    proposal_id: ProposalId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """Event: one voter more agrees."""

    proposal_id: ProposalId
    voter: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEnacted:
    """Event: enough voters agree; the change holds from now on."""

    proposal_id: ProposalId
    at: datetime


def decide(book: Book, command: Consent, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    proposal = found(book.get(Proposal, command.proposal_id), Refusal.NOT_FOUND)
    able = voters(book)
    require(proposal.stage is Stage.OPEN, Refusal.NOT_OPEN)
    require(context.actor in able, Refusal.NOT_A_VOTER)
    require(context.actor not in proposal.consents, Refusal.AGREED_ALREADY)
    require(is_possible(book, proposal.change), Refusal.UNSOUND)
    require(_keeps_quorum(book, proposal.change), Refusal.QUORUM_LOST)
    require(versions.is_ahead(proposal.change, context.at), Refusal.TOO_LATE)
    require(_is_rested(book, proposal.change, context.at), Refusal.RESTLESS)

    # From here on it succeeds.
    given = ConsentGiven(proposal_id=proposal.id, voter=context.actor)
    agreeing = sum(voter in able for voter in (*proposal.consents, context.actor))
    rules = consortium(book)
    if rules is None or agreeing < rules.consents_min:
        return (given,)
    return (given, ChangeEnacted(proposal_id=proposal.id, at=context.at))


def _keeps_quorum(book: Book, change: Change) -> bool:
    """Return whether the voters who remain could still decide anything."""
    rules = consortium(book)
    if rules is None or not isinstance(change, Dismiss):
        return rules is not None
    return sum(voter != change.member_id for voter in voters(book)) >= rules.consents_min


def _is_rested(book: Book, change: Change, at: datetime) -> bool:
    """Return whether the validators may change again, if this changes them."""
    match change:
        case AddValidator() | RemoveValidator():
            return validators.is_rested(book, at)
        case Dismiss(member_id=member_id):
            return not validators.has_one(book, member_id) or validators.is_rested(book, at)
        case _:
            return True


def evolve(book: Book, event: ConsentGiven) -> Changes:
    """Return the proposal with one consent more."""
    proposal = book.get(Proposal, event.proposal_id)
    invariant(proposal is not None and event.voter not in proposal.consents, "MEM-CONSENT-1")
    if proposal is None:
        return ()
    return (replace(proposal, consents=(*proposal.consents, event.voter)),)


def evolve_enacted(book: Book, event: ChangeEnacted) -> Changes:
    """Return the rows that the change writes."""
    proposal, rules = book.get(Proposal, event.proposal_id), consortium(book)
    invariant(proposal is not None and proposal.stage is Stage.OPEN, "MEM-CONSENT-1")
    if proposal is None or rules is None:
        return ()
    agreeing = sum(voter in voters(book) for voter in proposal.consents)
    invariant(agreeing >= rules.consents_min, "MEM-CONSENT-1")
    invariant(_keeps_quorum(book, proposal.change), "MEM-CONSENT-2")
    invariant(_is_rested(book, proposal.change, event.at), "MEM-CONSENT-3")
    return (replace(proposal, stage=Stage.ENACTED), *_rows(book, proposal.change, event.at))


def _rows(book: Book, change: Change, at: datetime) -> Changes:
    match change:
        case Admit(profile=profile):
            return admission_rows(profile, at)
        case Dismiss(member_id=member_id):
            member = book.get(Member, member_id)
            gone = () if member is None else (replace(member, is_active=False),)
            keys = (key for key in book.scan(Key) if key.member == member_id)
            ended = validators.left_by(book, member_id, at)
            return (*gone, *(replace(key, is_in_force=False) for key in keys), *ended)
        case SetQuorum(consents_min=consents_min):
            rules = consortium(book)
            return () if rules is None else (replace(rules, consents_min=consents_min),)
        case SetRule(rule_id=rule_id, parameter=parameter, since=since, value=value):
            return (Setting(rule_id=rule_id, parameter=parameter, since=since, value=value),)
        case _:
            return _network_rows(book, change, at)


def _network_rows(book: Book, change: NetworkChange, at: datetime) -> Changes:
    match change:
        case ListValidators() | AddValidator() | RemoveValidator():
            return validators.rows(book, change, at)
        case SetCosigners():
            return (cosigning.row(change, at),)
        case ActivateVersion():
            return versions.rows(book, change, at)
