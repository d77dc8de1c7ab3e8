"""Members for people (成员): who takes part, with which roles and keys, and what is proposed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tallyport.contracts.members.model import Consortium, Key, Member
from tallyport.contracts.members.propose import Proposal
from tallyport.projections.mirror import Mirror
from tallyport.projections.queries.rows import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The consortium as it stands."""

    consortium: Consortium | None
    members: tuple[Member, ...]
    keys: tuple[Key, ...]
    proposals: tuple[Proposal, ...]


def membership(views: sqlite3.Connection) -> Membership:
    """Return the consortium, its members, keys and proposals."""
    return Membership(
        consortium=Mirror(views).get(Consortium, "consortium"),
        members=rows(views, Member),
        keys=rows(views, Key),
        proposals=rows(views, Proposal),
    )


def names(views: sqlite3.Connection) -> dict[str, str]:
    """Return the name of every member by its id."""
    return {row[0]: row[1] for row in views.execute("SELECT id, name FROM now_member")}
