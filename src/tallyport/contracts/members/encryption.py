"""What others encrypt to (加密公钥): a member shows a key of its own, which never signs.

Whoever grants a member a dossier wraps the dossier's key to this one. Wrapped keys stay off the
ledger: what is on it stays for good, and could be opened for good, so that nothing could be erased.
Chinese practice has two key pairs a member too: one signs, one decrypts (双证书).

    x25519   RFC 7748        32 bytes
    sm2      GB/T 32918.4    65 bytes: 04, x, y, a point of the curve

MEM-ENCRYPT-1  change   publishing changes the key; the last one counts
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import ClassVar, Final

from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book, Changes, Context, Events
from tallyport.kernel.guard import invariant, require
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite, is_public

_X25519_HEX: Final = 64


@unique
class Scheme(StrEnum):
    """How keys are wrapped to a member."""

    X25519 = "x25519"
    SM2 = "sm2"


@unique
class Refusal(StrEnum):
    """Why a key is not published, in the order of the checks."""

    NOT_A_MEMBER = "actor_must_be_an_active_member"
    UNSOUND_KEY = "encryption_key_must_be_one_of_its_scheme"
    SAME_KEY = "encryption_key_must_be_another_than_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEncryptionKey:
    """Command: wrap keys for the actor to this one from now on."""

    scheme: Scheme
    public_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionKeyPublished:
    """Event: a member shows what to encrypt to."""

    member: MemberId
    scheme: Scheme
    public_hex: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionKey:
    """Row: what keys are wrapped to for a member."""

    TABLE: ClassVar[str] = "encryption_key"

    member: MemberId
    scheme: Scheme
    public_hex: str
    since: datetime

    @property
    def key(self) -> str:
        """The member's id."""
        return self.member


def is_sound(scheme: Scheme, public_hex: str) -> bool:
    """Return whether the key has the size and spelling of its scheme."""
    if not set("0123456789abcdef").issuperset(public_hex) or len(public_hex) % 2:
        return False
    if scheme is Scheme.SM2:
        return is_public(Suite.SM2, bytes.fromhex(public_hex))
    return len(public_hex) == _X25519_HEX and any(bytes.fromhex(public_hex))


def decide(book: Book, command: PublishEncryptionKey, context: Context) -> Events:
    """Judge `command`.

    Raises:
        Refused: with a `Refusal`.
    """
    require(active(book, context.actor) is not None, Refusal.NOT_A_MEMBER)
    require(is_sound(command.scheme, command.public_hex), Refusal.UNSOUND_KEY)
    require(_is_change(book, context.actor, command.public_hex), Refusal.SAME_KEY)

    # From here on it succeeds.
    event = EncryptionKeyPublished(
        member=context.actor,
        scheme=command.scheme,
        public_hex=command.public_hex,
        at=context.at,
    )
    return (event,)


def evolve(book: Book, event: EncryptionKeyPublished) -> Changes:
    """Return the member's row."""
    invariant(_is_change(book, event.member, event.public_hex), "MEM-ENCRYPT-1")
    row = EncryptionKey(
        member=event.member, scheme=event.scheme, public_hex=event.public_hex, since=event.at
    )
    return (row,)


def _is_change(book: Book, member: MemberId, public_hex: str) -> bool:
    known = book.get(EncryptionKey, member)
    return known is None or known.public_hex != public_hex
