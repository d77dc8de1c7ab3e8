"""The nouns of membership (成员): institutions, their roles and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import ClassVar

from tallyport.kernel.contract import Book
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Suite

KEYS_MAX = 16  # Of one member, in force at once; more is a leak that nobody watches.
ROLES_MAX = 12  # There are eleven; a list of them stays short enough to read.
VOTERS_MAX = 64  # Consents of one proposal are kept in one row.


@unique
class Role(StrEnum):
    """What a member may do; a member may have several."""

    OPERATOR = "operator"  # 平台运营方
    CORE_ENTERPRISE = "core_enterprise"  # 核心企业
    SUPPLIER = "supplier"  # 供应商
    FUNDER = "funder"  # 资金方
    BANK = "bank"  # 清算行: keeps the money, confirms what came and went
    BUYER = "buyer"  # 境外买方
    CUSTOMS = "customs"  # 海关
    LOGISTICS = "logistics"  # 物流
    WAREHOUSE = "warehouse"  # 海外仓
    GUARANTOR = "guarantor"  # 担保方
    REGULATOR = "regulator"  # 监管方


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key as a member shows it: suite and raw public key in hex."""

    suite: Suite
    public_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is said of a member when it is admitted."""

    id: MemberId
    name: str
    roles: tuple[Role, ...]
    keys: tuple[PublicKey, ...]
    is_voter: bool  # Takes part in n-of-m consent.


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Row: an institution that takes part."""

    TABLE: ClassVar[str] = "member"

    id: MemberId
    name: str
    roles: tuple[Role, ...]
    is_voter: bool
    is_active: bool
    admitted_at: datetime

    @property
    def key(self) -> str:
        """The member's id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Row: a key that speaks for a member while it is in force."""

    TABLE: ClassVar[str] = "key"

    id: KeyId
    member: MemberId
    suite: Suite
    public_hex: str
    is_in_force: bool
    since: datetime

    @property
    def key(self) -> str:
        """The key's id."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Consortium:
    """Row (only one): how many voters must agree."""

    TABLE: ClassVar[str] = "consortium"

    name: str
    consents_min: int
    founded_at: datetime

    @property
    def key(self) -> str:
        """There is one."""
        return "consortium"


def consortium(book: Book) -> Consortium | None:
    """Return the consortium, or None before it is founded."""
    return book.get(Consortium, "consortium")


def active(book: Book, member_id: MemberId) -> Member | None:
    """Return the member if it exists and takes part."""
    member = book.get(Member, member_id)
    return member if member is not None and member.is_active else None


def has_role(book: Book, member_id: MemberId, *roles: Role) -> bool:
    """Return whether the member takes part and has one of `roles`."""
    member = active(book, member_id)
    return member is not None and any(role in member.roles for role in roles)


def voters(book: Book) -> tuple[MemberId, ...]:
    """Return who may consent, in order of their ids."""
    return tuple(m.id for m in book.scan(Member) if m.is_active and m.is_voter)


@unique
class Stage(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    ENACTED = "enacted"
    LAPSED = "lapsed"
