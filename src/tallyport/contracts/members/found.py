"""Found the consortium (创世): the first entry, signed by a key that it names itself.

MEM-FOUND-1  once     there is one founding, and it is the first thing that happens
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from tallyport.contracts.members.admit import admission_rows, is_sound
from tallyport.contracts.members.model import VOTERS_MAX, Consortium, Profile, consortium
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import invariant, require


@unique
class Refusal(StrEnum):
    """Why a founding is refused, in the order of the checks."""

    ALREADY_FOUNDED = "consortium_must_not_exist_yet"
    NOT_A_FOUNDER = "actor_must_be_a_founder"
    UNSOUND_PROFILE = "profiles_must_be_sound_and_distinct"
    TOO_MANY_VOTERS = "voters_exceed_maximum"
    IMPOSSIBLE_QUORUM = "consents_must_be_between_one_and_the_number_of_voters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Command: these members begin; changes need `consents_min` of the voters among them."""

    name: str
    members: tuple[Profile, ...]
    consents_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumFounded:
    """Event: the consortium exists."""

    name: str
    members: tuple[Profile, ...]
    consents_min: int
    at: datetime


def decide(book: Book, command: Found, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    profiles = command.members
    voters = sum(profile.is_voter for profile in profiles)
    require(consortium(book) is None, Refusal.ALREADY_FOUNDED)
    require(context.actor in {profile.id for profile in profiles}, Refusal.NOT_A_FOUNDER)
    require(is_sound(book, profiles), Refusal.UNSOUND_PROFILE)
    require(voters <= VOTERS_MAX, Refusal.TOO_MANY_VOTERS)
    require(1 <= command.consents_min <= voters, Refusal.IMPOSSIBLE_QUORUM)

    # From here on it succeeds.
    founded = ConsortiumFounded(
        name=command.name, members=profiles, consents_min=command.consents_min, at=context.at
    )
    return (founded,)


def evolve(book: Book, event: ConsortiumFounded) -> Changes:
    """Return the consortium, its members and their keys."""
    invariant(consortium(book) is None, "MEM-FOUND-1")
    row = Consortium(name=event.name, consents_min=event.consents_min, founded_at=event.at)
    return (row, *(row for p in event.members for row in admission_rows(p, event.at)))
