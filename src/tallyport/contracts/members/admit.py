"""What admitting a member (准入) means; decided by founding or by consent, never alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tallyport.contracts.members.model import (
    KEYS_MAX,
    ROLES_MAX,
    Key,
    Member,
    Profile,
    PublicKey,
)
from tallyport.kernel.contract import Book, Row
from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import is_public, key_id


def id_of(key: PublicKey) -> KeyId:
    """Return the id of a public key."""
    return key_id(key.suite, bytes.fromhex(key.public_hex))


def is_key(key: PublicKey) -> bool:
    """Return whether `key` has the size and spelling of its suite."""
    is_hex = set("0123456789abcdef").issuperset(key.public_hex) and len(key.public_hex) % 2 == 0
    return is_hex and is_public(key.suite, bytes.fromhex(key.public_hex))


def is_sound(book: Book, profiles: Sequence[Profile]) -> bool:
    """Return whether `profiles` can be admitted: new ids and keys, within limits, all distinct."""
    if not all(
        1 <= len(p.keys) <= KEYS_MAX
        and 1 <= len(p.roles) <= ROLES_MAX
        and len(set(p.roles)) == len(p.roles)
        and all(is_key(key) for key in p.keys)
        and book.get(Member, p.id) is None
        for p in profiles
    ):
        return False
    ids = [profile.id for profile in profiles]
    keys = [id_of(key) for profile in profiles for key in profile.keys]
    known = any(book.get(Key, key) is not None for key in keys)
    return len(set(ids)) == len(ids) and len(set(keys)) == len(keys) and not known


def key_row(key: PublicKey, profile: Profile, at: datetime) -> Key:
    """Return the row of one key of a new member."""
    return Key(
        id=id_of(key),
        member=profile.id,
        suite=key.suite,
        public_hex=key.public_hex,
        is_in_force=True,
        since=at,
    )


def admission_rows(profile: Profile, at: datetime) -> tuple[Row, ...]:
    """Return the member and its keys as they are written."""
    member = Member(
        id=profile.id,
        name=profile.name,
        roles=profile.roles,
        is_voter=profile.is_voter,
        is_active=True,
        admitted_at=at,
    )
    return (member, *(key_row(key, profile, at) for key in profile.keys))
