"""Members as a table (成员视图): who takes part, in which roles, with which keys."""

from __future__ import annotations

from typing import get_type_hints

from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.consent import ChangeEnacted
from tallyport.contracts.members.found import ConsortiumFounded
from tallyport.contracts.members.model import Profile, PublicKey
from tallyport.contracts.members.propose import Admit, ChangeProposed, Dismiss, Propose
from tallyport.contracts.members.rotate import KeyAdded, KeyRetired
from tallyport.kernel.canonical import decode, encode
from tallyport.kernel.form import codec
from tallyport.ledger.entry import Entry
from tallyport.projections.projection import Projection

_change = codec(get_type_hints(Propose)["change"])


class MembersView(Projection):
    """Members, keys and proposals."""

    tables = ("member", "member_key", "proposal")
    schema = """
        CREATE TABLE IF NOT EXISTS member (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL,
            is_voter INTEGER NOT NULL, is_active INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS member_key (
            key_id TEXT PRIMARY KEY, member TEXT NOT NULL, is_in_force INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE IF NOT EXISTS proposal (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, change TEXT NOT NULL,
            is_enacted INTEGER NOT NULL
        ) STRICT;
    """

    def fold_event(self, event: object, entry: Entry) -> None:
        """Follow admissions, dismissals and keys."""
        match event:
            case ConsortiumFounded(members=members):
                for profile in members:
                    self._admit(profile)
            case ChangeProposed():
                self._propose(event)
            case ChangeEnacted(proposal_id=proposal_id):
                self._enact(proposal_id)
            case KeyAdded(member=member, public_key=key):
                self._key(key, member)
            case KeyRetired(key_id=key_id):
                self.database.execute(
                    "UPDATE member_key SET is_in_force = 0 WHERE key_id = ?", (key_id,)
                )
            case _:
                pass  # The ledger also speaks of things that are no members.

    def _admit(self, profile: Profile) -> None:
        roles = " ".join(role.value for role in profile.roles)
        row = (profile.id, profile.name, roles, profile.is_voter)
        self.database.execute("INSERT INTO member VALUES (?, ?, ?, ?, 1)", row)
        for key in profile.keys:
            self._key(key, profile.id)

    def _key(self, key: PublicKey, member: str) -> None:
        row = (id_of(key), member)
        self.database.execute("INSERT INTO member_key VALUES (?, ?, 1)", row)

    def _propose(self, event: ChangeProposed) -> None:
        name = type(event.change).__name__
        text = encode(_change.encode(event.change)).decode()
        row = (event.proposal_id, name, text)
        self.database.execute("INSERT INTO proposal VALUES (?, ?, ?, 0)", row)

    def _enact(self, proposal_id: str) -> None:
        (text,) = self.database.execute(
            "SELECT change FROM proposal WHERE id = ?", (proposal_id,)
        ).fetchone()
        match _change.decode(decode(text.encode())):
            case Admit(profile=profile):
                self._admit(profile)
            case Dismiss(member_id=member_id):
                set_out = "UPDATE member SET is_active = 0 WHERE id = ?"
                self.database.execute(set_out, (member_id,))
                silence = "UPDATE member_key SET is_in_force = 0 WHERE member = ?"
                self.database.execute(silence, (member_id,))
            case _:
                pass  # Quorum and rules are no members.
        enact = "UPDATE proposal SET is_enacted = 1 WHERE id = ?"
        self.database.execute(enact, (proposal_id,))
