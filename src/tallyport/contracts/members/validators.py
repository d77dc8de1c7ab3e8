"""Validators (验证节点): whose nodes decide the order of entries, as the members agree.

While nothing is listed the validators are those of the genesis. `ListValidators` puts them on the
ledger; from then on they change one by one, and a node that was caught signing two blocks of one
height is removed by the report of it, without anybody's consent.

    genesis a b c d ─▶ listed a b c d ─▶ + e ─▶ - b ─▶ (d signed twice) a c e

MEM-VALIDATOR-1  alive   a list never becomes empty: a chain without validators stands for ever
MEM-VALIDATOR-2  own     a key is listed once and belongs to a member that takes part

Whoever trusts a header follows the chain as long as a third of its signers are still there: by
consent the list changes slowly (MEM-CONSENT-3).

Source: CometBFT v0.38, light client, trust level 1/3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, TypeAlias

from tallyport.contracts.members.model import active
from tallyport.kernel.contract import Book, Changes, Context, Events, Timer
from tallyport.kernel.guard import invariant
from tallyport.kernel.ids import MemberId

VALIDATORS_MAX = 64  # They all talk to each other; more is another kind of network.
REST = timedelta(minutes=1)  # Some hundred blocks: the light client of a joiner keeps up.
MISBEHAVED = "members.misbehaved"  # The timer by which the chain reports.
_HEX_DIGITS = 64
_ADDRESS_DIGITS = 40


def address_of(public_hex: str) -> str:
    """Return what the chain calls a validator's key."""
    return hashlib.sha256(bytes.fromhex(public_hex)).hexdigest()[:_ADDRESS_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorKey:
    """A validator's Ed25519 key and the member whose node has it."""

    member: MemberId
    public_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListValidators:
    """Change: the validators, for the first time; those of the genesis that are missing go."""

    validators: tuple[ValidatorKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddValidator:
    """Change: one validator more."""

    validator: ValidatorKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveValidator:
    """Change: one validator less."""

    public_hex: str


ValidatorChange: TypeAlias = ListValidators | AddValidator | RemoveValidator


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """Row: a key that is, or was, a validator's."""

    TABLE: ClassVar[str] = "validator"

    public_hex: str
    member: MemberId
    is_in_force: bool
    is_first: bool  # Of the list that took over from the genesis.
    changed_at: datetime

    @property
    def key(self) -> str:
        """The public key."""
        return self.public_hex

    @property
    def address(self) -> str:
        """Return what the chain calls it."""
        return address_of(self.public_hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """Row: what the chain proved against a validator (双签证据)."""

    TABLE: ClassVar[str] = "misbehaviour"

    address: str
    height: int
    reported_at: datetime

    @property
    def key(self) -> str:
        """Address and height."""
        return f"{self.address}|{self.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorMisbehaved:
    """Event: the chain holds two signatures of one validator for one height."""

    address: str
    height: int
    at: datetime


def in_force(book: Book) -> tuple[Validator, ...]:
    """Return the listed validators, in order of their keys; none: the genesis decides."""
    return tuple(one for one in book.scan(Validator) if one.is_in_force)


def has_misbehaved(book: Book, address: str) -> bool:
    """Return whether the chain has proved something against an address."""
    return next(book.scan(Misbehaviour, f"{address}|"), None) is not None


def is_sound(book: Book, change: ValidatorChange) -> bool:
    """Return whether the list could be changed so."""
    listed = in_force(book)
    match change:
        case ListValidators(validators=validators):
            keys = {one.public_hex for one in validators}
            return (
                next(book.scan(Validator), None) is None
                and 1 <= len(validators) <= VALIDATORS_MAX
                and len(keys) == len(validators)
                and all(_may_join(book, one) for one in validators)
            )
        case AddValidator(validator=validator):
            return 1 <= len(listed) < VALIDATORS_MAX and _may_join(book, validator)
        case RemoveValidator(public_hex=public_hex):
            return len(listed) > 1 and public_hex in {one.public_hex for one in listed}


def _may_join(book: Book, key: ValidatorKey) -> bool:
    """Return whether a key is one, is not listed, did nothing wrong, and has an active owner."""
    text = key.public_hex
    if len(text) != _HEX_DIGITS or not set("0123456789abcdef").issuperset(text):
        return False
    known = book.get(Validator, text)
    if (known is not None and known.is_in_force) or has_misbehaved(book, address_of(text)):
        return False
    return active(book, key.member) is not None


def has_one(book: Book, member_id: MemberId) -> bool:
    """Return whether a member's node is a listed validator."""
    return any(one.member == member_id for one in in_force(book))


def may_leave(book: Book, member_id: MemberId) -> bool:
    """Return whether a validator would remain without those of a member."""
    listed = in_force(book)
    return not listed or any(one.member != member_id for one in listed)


def is_rested(book: Book, at: datetime) -> bool:
    """Return whether the list has changed little enough of late to change again.

    A list that was only just put down repeats the genesis: nothing has changed by it.
    """
    rows = tuple(book.scan(Validator))
    is_fresh = all(one.is_first and one.is_in_force for one in rows)
    recent = sum(one.changed_at > at - REST for one in rows)
    return is_fresh or recent < max(1, len(in_force(book)) // 3)


def rows(book: Book, change: ValidatorChange, at: datetime) -> Changes:
    """Return the rows of a change that was agreed."""
    invariant(is_sound(book, change), "MEM-VALIDATOR-2")
    match change:
        case ListValidators(validators=validators):
            return tuple(_row(one, at, is_first=True) for one in validators)
        case AddValidator(validator=validator):
            return (_row(validator, at, is_first=False),)
        case RemoveValidator(public_hex=public_hex):
            known = book.get(Validator, public_hex)
            left = () if known is None else (_ended(known, at),)
            invariant(len(in_force(book)) > len(left), "MEM-VALIDATOR-1")
            return left


def left_by(book: Book, member_id: MemberId, at: datetime) -> Changes:
    """Return the rows of validators whose member was dismissed."""
    invariant(may_leave(book, member_id), "MEM-VALIDATOR-1")
    return tuple(_ended(one, at) for one in in_force(book) if one.member == member_id)


def _row(key: ValidatorKey, at: datetime, *, is_first: bool) -> Validator:
    return Validator(
        public_hex=key.public_hex,
        member=key.member,
        is_in_force=True,
        is_first=is_first,
        changed_at=at,
    )


def _ended(row: Validator, at: datetime) -> Validator:
    return replace(row, is_in_force=False, changed_at=at)


def subject(address: str, height: int) -> str:
    """Return the subject of a report."""
    return f"{address}|{height}"


def report(book: Book, timer: Timer, context: Context) -> Events:
    """Take note of a report of the chain; one of the same height twice is one."""
    address, _, height = timer.subject.partition("|")
    if book.get(Misbehaviour, timer.subject) is not None or not height.isdigit():
        return ()
    return (ValidatorMisbehaved(address=address, height=int(height), at=context.at),)


def evolve_misbehaved(book: Book, event: ValidatorMisbehaved) -> Changes:
    """Return the proof, and the validator out of force, unless it is the last."""
    row = Misbehaviour(address=event.address, height=event.height, reported_at=event.at)
    listed = in_force(book)
    guilty = tuple(_ended(one, event.at) for one in listed if one.address == event.address)
    return (row, *guilty) if len(listed) > len(guilty) else (row,)
