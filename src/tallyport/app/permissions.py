"""Who may see and do what (权限): one place, asked by portal and API alike.

A person sits for one member. What the member may do the contracts decide; what the person may do
for it is decided here.

    viewer     reads what concerns its member
    operator   reads, sends commands as its member
    approver   reads, sends commands as its member
    auditor    reads everything, sends nothing

Seats of members that are operator or regulator read everything too. In a trial, whose keys anybody
can make, an operator who sits for an operator may send as any member: the demo is played by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from tallyport.contracts.members.model import Role, active, has_role
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import MemberId


@unique
class PortalRole(StrEnum):
    """What a person does at its seat."""

    VIEWER = "viewer"  # 查看
    OPERATOR = "operator"  # 经办
    APPROVER = "approver"  # 复核
    AUDITOR = "auditor"  # 审计


SENDING = frozenset({PortalRole.OPERATOR, PortalRole.APPROVER})


class Denied(Exception):  # noqa: N818 - An answer, not an error of the program.
    """This seat may not. Says who may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person, the member it sits for, and what it does there."""

    user: str
    member: MemberId
    roles: frozenset[PortalRole]


def reads_all(seat: Seat, book: Book) -> bool:
    """Return whether the seat reads what concerns others too."""
    is_auditor = PortalRole.AUDITOR in seat.roles
    return is_auditor or has_role(book, seat.member, Role.OPERATOR, Role.REGULATOR)


def scope(seat: Seat, book: Book) -> MemberId | None:
    """Return whose business the seat reads; None: everybody's."""
    return None if reads_all(seat, book) else seat.member


def may_send(seat: Seat, member: MemberId, book: Book, *, is_trial: bool) -> bool:
    """Return whether the seat may send commands as `member`."""
    if not seat.roles & SENDING:
        return False
    plays_all = is_trial and has_role(book, seat.member, Role.OPERATOR)
    return member == seat.member or (plays_all and active(book, member) is not None)


def require_sending(seat: Seat, member: MemberId, book: Book, *, is_trial: bool) -> None:
    """Let pass who may send as `member`.

    Raises:
        Denied: the seat may not.
    """
    if not may_send(seat, member, book, is_trial=is_trial):
        raise Denied(
            f"{seat.user} sits for {seat.member} as {', '.join(sorted(seat.roles)) or 'nobody'} and"
            f" may not send as {member}; an operator or approver of {member} may"
        )


def require_reading(seat: Seat, members: frozenset[MemberId], book: Book) -> None:
    """Let pass who may read what concerns `members`.

    Raises:
        Denied: the seat may not.
    """
    if not (reads_all(seat, book) or seat.member in members):
        raise Denied(
            f"{seat.user} sits for {seat.member}; this concerns other members only and is read by"
            " them, by operators, regulators and auditors"
        )
