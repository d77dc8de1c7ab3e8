"""Rotate a member's key (密钥轮换): to a new one of any suite, in the store or in a module.

    1  the new key is kept as tarim-bank/next
    2  members.AddKey, signed with the old key        both speak
    3  tarim-bank becomes tarim-bank/ed25519:..., tarim-bank/next becomes tarim-bank
    4  members.RetireKey, signed with the new key     the old one speaks for nobody
    5  the old secret is deleted

Killed anywhere, the same command goes on where it stopped: each step sees whether it was done.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyport.adapters.keyring import Keyring
from tallyport.adapters.keystore import KeyStore
from tallyport.adapters.suites import Signing
from tallyport.app.bootstrap import open_node, passphrase
from tallyport.app.home import Home
from tallyport.app.settings import Keys, NodeFile, Settings
from tallyport.contracts.members.model import Key, PublicKey
from tallyport.contracts.members.rotate import AddKey, RetireKey
from tallyport.kernel.guard import FaultError
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Suite


class RotationError(FaultError):
    """A key was not rotated. Says how far it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the new key is to be."""

    suite: Suite = Suite.ED25519
    uri: str = ""  # Of a key in a module; empty: one in the store.


def ring(settings: Settings) -> Keyring:
    """Return the keys of the node in the settings' home.

    Raises:
        SettingsError: no passphrase.
        RotationError: a trial's keys come from its seed.
    """
    home = Home(settings.home)
    if (home.folder / "node.json").exists() and NodeFile.read(home).keys is Keys.TRIAL:
        raise RotationError("a trial's keys are derived from its seed; there is nothing to keep")
    return Keyring(home.keys, KeyStore(home.keys, passphrase(settings)))


def rotate(settings: Settings, member: MemberId, wanted: Wanted) -> KeyId:
    """Give `member` a new key and retire the one it had; return the new key's id.

    Raises:
        RotationError: the ledger refused.
        FaultError: a key or the ledger cannot be used.
    """
    keys, following = ring(settings), f"{member}/next"
    if following in keys.names():
        new = keys.get(following)
    elif left := _left(keys, member):  # Killed after step 3.
        _retire(settings, keys, member, left)
        return keys.get(member).key_id
    else:
        keys.get(member)  # It has one, or we stop here.
        new = keys.make(following, wanted.suite, wanted.uri)
    if member in keys.names() and keys.get(member).key_id != new.key_id:
        old = keys.get(member)
        _add(settings, keys, member, new)
        keys.move(member, f"{member}/{old.key_id}")
    keys.move(following, member)
    _retire(settings, keys, member, _left(keys, member))
    return new.key_id


def _left(keys: Keyring, member: MemberId) -> list[str]:
    """Return the names of keys that are to be retired still."""
    return [
        name
        for name in keys.names()
        if name.startswith(f"{member}/") and name != f"{member}/next" and ":" in name
    ]


def _add(settings: Settings, keys: Keyring, member: MemberId, new: Signing) -> None:
    """Have the new key added; what the ledger does not take is let go of again."""
    with open_node(settings) as node:
        with node.book() as book:
            row = book.get(Key, new.key_id)
        if row is not None and row.member == member and row.is_in_force:
            return  # Killed after it was added.
        command = AddKey(public_key=PublicKey(suite=new.suite, public_hex=new.public.hex()))
        entry = (
            None if row else node.submit(member, f"add-{new.key_id}-{node.engine.size}", command)
        )
    if entry is None or entry.reason is not None:
        keys.forget(f"{member}/next")
        why = "it was used before; a key never comes back" if entry is None else entry.reason
        raise RotationError(f"{new.key_id} is not taken ({why}); the old key is in force as it was")


def _retire(settings: Settings, keys: Keyring, member: MemberId, names: list[str]) -> None:
    with open_node(settings) as node:
        for name in names:
            old = KeyId(name.partition("/")[2])
            with node.book() as book:
                row = book.get(Key, old)
            if row is not None and row.is_in_force:
                entry = node.submit(member, f"retire-{old}", RetireKey(key_id=old))
                if entry.reason is not None:
                    raise RotationError(f"{old} stays in force: the ledger says {entry.reason}")
            keys.forget(name)
