"""Rotate keys (密钥轮换): a member adds a key of its own, or retires one.

A member signs with a key in force: whoever has none comes back only by consent of the others.

MEM-ROTATE-1  never mute   an active member keeps at least one key in force
MEM-ROTATE-2  own          a new key is nobody's yet; only a key in force is retired
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique

from tallyport.contracts.members.admit import id_of, is_key
from tallyport.contracts.members.model import KEYS_MAX, Key, PublicKey, active
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import InvariantError, found, invariant, require
from tallyport.kernel.ids import KeyId, MemberId


@unique
class Refusal(StrEnum):
    """Why a rotation is refused, in the order of the checks."""

    NOT_A_MEMBER = "actor_must_be_an_active_member"
    UNSOUND_KEY = "key_must_have_the_size_of_its_suite"
    KEY_TAKEN = "key_must_be_new"
    TOO_MANY_KEYS = "keys_exceed_maximum"
    NOT_FOUND = "key_not_found"
    NOT_OWN = "key_must_be_the_actors_own_and_in_force"
    LAST_KEY = "a_key_in_force_must_remain"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddKey:
    """Command: this key speaks for the actor too."""

    public_key: PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireKey:
    """Command: this key speaks for nobody any longer."""

    key_id: KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded:
    """Event: a key came into force."""

    member: MemberId
    public_key: PublicKey
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRetired:
    """Event: a key is out of force."""

    key_id: KeyId


def _in_force(book: Book, member: MemberId) -> int:
    return sum(key.member == member and key.is_in_force for key in book.scan(Key))


def decide_add(book: Book, command: AddKey, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    require(active(book, context.actor) is not None, Refusal.NOT_A_MEMBER)
    require(is_key(command.public_key), Refusal.UNSOUND_KEY)
    require(book.get(Key, id_of(command.public_key)) is None, Refusal.KEY_TAKEN)
    require(_in_force(book, context.actor) < KEYS_MAX, Refusal.TOO_MANY_KEYS)

    # From here on it succeeds.
    return (KeyAdded(member=context.actor, public_key=command.public_key, at=context.at),)


def decide_retire(book: Book, command: RetireKey, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    key = found(book.get(Key, command.key_id), Refusal.NOT_FOUND)
    require(key.member == context.actor and key.is_in_force, Refusal.NOT_OWN)
    require(_in_force(book, context.actor) > 1, Refusal.LAST_KEY)

    # From here on it succeeds.
    return (KeyRetired(key_id=key.id),)


def evolve_added(book: Book, event: KeyAdded) -> Changes:
    """Return the new key's row."""
    key = event.public_key
    invariant(book.get(Key, id_of(key)) is None, "MEM-ROTATE-2")
    row = Key(
        id=id_of(key),
        member=event.member,
        suite=key.suite,
        public_hex=key.public_hex,
        is_in_force=True,
        since=event.at,
    )
    return (row,)


def evolve_retired(book: Book, event: KeyRetired) -> Changes:
    """Return the key, out of force."""
    key = book.get(Key, event.key_id)
    if key is None or not key.is_in_force:
        raise InvariantError("MEM-ROTATE-2")
    invariant(_in_force(book, key.member) > 1, "MEM-ROTATE-1")
    return (replace(key, is_in_force=False),)
