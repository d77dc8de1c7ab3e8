"""Who speaks with a key (签名权): the ledger asks before it judges anything."""

from __future__ import annotations

from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Key, active, consortium
from tallyport.kernel.contract import Book, Events
from tallyport.kernel.ids import KeyId
from tallyport.kernel.keys import Signer


def signer(book: Book, key_id: KeyId, commands: Events) -> Signer | None:
    """Return whose key it is, or None when no active member has such a key in force.

    Before the founding, and only for it, the keys that it names speak for its members.
    """
    key = book.get(Key, key_id)
    if key is not None:
        if not key.is_in_force or active(book, key.member) is None:
            return None
        return Signer(member=key.member, suite=key.suite, public=bytes.fromhex(key.public_hex))
    if consortium(book) is not None or len(commands) != 1 or not isinstance(commands[0], Found):
        return None
    for profile in commands[0].members:
        for shown in profile.keys:
            if _names(shown.public_hex) and id_of(shown) == key_id:
                public = bytes.fromhex(shown.public_hex)
                return Signer(member=profile.id, suite=shown.suite, public=public)
    return None


def _names(text: str) -> bool:
    """Return whether `text` is hex, so that a hostile founding cannot trip the reader."""
    return len(text) % 2 == 0 and set("0123456789abcdef").issuperset(text)
