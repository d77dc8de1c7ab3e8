"""A node of one's own (自有节点): made the first time a user's folder is attested.

One institution, one voter: good for evidence and for trying things; a consortium founds its own.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from tallyport.adapters.keyring import Keyring
from tallyport.adapters.keystore import KeyStore
from tallyport.app.bootstrap import LOG_KEY, open_node, passphrase
from tallyport.app.home import Home
from tallyport.app.settings import Keys, NodeFile, Settings, SettingsError, Time
from tallyport.contracts.members.found import Found
from tallyport.contracts.members.model import Member, Profile, PublicKey, Role
from tallyport.kernel.ids import MemberId
from tallyport.kernel.keys import Suite

OPERATOR = MemberId("operator")
PASSPHRASE_BYTES = 24
ROLES = (Role.OPERATOR, Role.BANK, Role.FUNDER)


def own_node(
    settings: Settings, home: Path, suite: Suite = Suite.ED25519, uri: str = ""
) -> tuple[Settings, MemberId]:
    """Return settings of the node in `home` and the operator that attests; make the node if new.

    A new operator's key is of `suite`, in the key store or, when `uri` says so, in a module.

    Raises:
        SettingsError: the node has no operator.
    """
    chosen = replace(settings, home=home)
    place = Home(home)
    if not (home / "node.json").exists():
        make(chosen, place, suite, uri)
    operator, is_empty = _operator(chosen)
    if is_empty and NodeFile.read(place).keys is Keys.STORE:
        make(chosen, place, suite, uri)  # It was killed before its founding.
        operator, _ = _operator(chosen)
    if operator is None:
        raise SettingsError(f"{home}: expected a node with an operator; found none on its ledger")
    return chosen, operator


def _operator(settings: Settings) -> tuple[MemberId | None, bool]:
    """Return the node's operator, and whether nothing has happened on its ledger yet."""
    with open_node(settings) as node, node.book() as book:
        members = (m for m in book.scan(Member) if m.is_active and Role.OPERATOR in m.roles)
        return next((m.id for m in members), None), node.engine.size == 0


def make(settings: Settings, home: Home, suite: Suite = Suite.ED25519, uri: str = "") -> None:
    """Make keys, founded by one operator.

    Nobody chose a passphrase: one is made and kept in the home, readable by its owner only.
    """
    if not settings.passphrase and not home.passphrase.exists():
        home.folder.mkdir(parents=True, exist_ok=True)
        draft = home.folder / f".passphrase-{secrets.token_hex(4)}"
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(PASSPHRASE_BYTES), "ascii")
        draft.replace(home.passphrase)  # Killed before: there is none, rather than an empty one.
    store = KeyStore(home.keys, passphrase(settings))
    keys = Keyring(home.keys, store)
    known = keys.names()
    if LOG_KEY not in known:
        store.create(LOG_KEY)
    if OPERATOR not in known:
        keys.make(OPERATOR, suite, uri)
    NodeFile(channel="main", keys=Keys.STORE, time=Time.SYSTEM).write(home)
    signing = keys.get(OPERATOR)
    founding = Found(
        name="own",
        members=(
            Profile(
                id=OPERATOR,
                name="operator",
                roles=ROLES,
                keys=(PublicKey(suite=signing.suite, public_hex=signing.public.hex()),),
                is_voter=True,
            ),
        ),
        consents_min=1,
    )
    with open_node(settings) as node:
        node.submit(OPERATOR, "found", founding)
