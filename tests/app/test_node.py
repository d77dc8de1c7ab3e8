"""Reactors go on whatever one member does with its keys, and after a kill.

Goal: a wish that cannot be sent for its member does not hold up the wishes of others, nor time.
Method: the small portal's node; a reactor that wants one thing for two members, of whom the first
has another key by now, has none here, or was served before the kill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.portal import SEED, do, small_portal
from support.town import ALI, BEK, FUND
from tallyport.adapters import suites
from tallyport.adapters.ed25519 import Signing
from tallyport.adapters.keystore import KeyStoreError, NoKeyError, trial_key
from tallyport.app.node import Node, Wish
from tallyport.contracts.members.model import PublicKey
from tallyport.contracts.members.rotate import AddKey, KeyAdded, RetireKey
from tallyport.contracts.pledge.model import AssetId, SecuredId
from tallyport.contracts.pledge.register import Register
from tallyport.kernel.canonical import MalformedError
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Suite
from tallyport.ledger.entry import Entry
from tallyport.ledger.machine import Rejected, Rejection

NEW = PublicKey(suite=Suite.ED25519, public_hex=Signing(b"n" * 32).public.hex())


@dataclass(frozen=True, slots=True)
class Pledging:
    """Wants two things pledged whenever a key was added."""

    members: tuple[MemberId, ...]

    def react(self, entry: Entry, book: Book) -> Iterator[Wish]:
        """Yield a wish for each of the members."""
        del book
        if any(isinstance(event, KeyAdded) for event in entry.events):
            for member in self.members:
                yield Wish(member=member, key="pledge", commands=(pledge(member),))


def pledge(member: MemberId) -> Register:
    """Return what `member` is to send; it is refused or not, but judged."""
    return Register(
        asset=AssetId("order:1"),
        pledgor=BEK,
        secured=SecuredId(f"S-{member}"),
        registry_number=None,
    )


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node whose reactor has something for Ali, then for the funder."""
    with small_portal(tmp_path) as portal:
        portal.node._reactors = (Pledging((ALI, FUND)),)
        yield portal.node


def is_pledged(node: Node) -> bool:
    """Return whether the last entry is the funder's wish, and nothing is left to follow."""
    entry = node.engine.entries(node.engine.size - 1)[0]
    return entry.events != () and node.views.reacted == node.engine.size


def retire(node: Node) -> None:
    """Let Ali change its key: the one that the node has speaks no longer."""
    old = KeyId(trial_key(SEED, ALI).key_id)
    do(node, ALI, AddKey(public_key=NEW), RetireKey(key_id=old))


def test_a_member_with_another_key_holds_nobody_up(node: Node) -> None:
    """The wish of the one is given up, that of the other is followed."""
    retire(node)
    node.settle()
    assert is_pledged(node)


def test_a_member_whose_key_is_elsewhere_holds_nobody_up(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that signs at home sends its wishes itself."""
    do(node, BEK, AddKey(public_key=NEW))
    own = node._key_of

    def key_of(member: MemberId) -> suites.Signing:
        if member == ALI:
            raise NoKeyError("no key")
        return own(member)

    monkeypatch.setattr(node, "_key_of", key_of)
    node.settle()
    assert is_pledged(node)


def test_a_wish_that_was_sent_before_a_kill_is_not_sent_again(node: Node) -> None:
    """The same key with another wish is rejected; the first one counts."""
    do(node, BEK, AddKey(public_key=NEW))
    node.submit(ALI, "pledge", pledge(BEK))
    node.settle()
    assert is_pledged(node)


@pytest.mark.parametrize("fault", [KeyStoreError("damaged"), Rejected(Rejection.BAD_SIGNATURE)])
def test_other_faults_are_told(
    node: Node, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """A damaged key file is mended by somebody, and then the wish is followed."""
    do(node, BEK, AddKey(public_key=NEW))
    own = node._key_of

    def key_of(_member: MemberId) -> Signing:
        raise fault

    monkeypatch.setattr(node, "_key_of", key_of)
    with pytest.raises(type(fault)):
        node.settle()
    monkeypatch.setattr(node, "_key_of", own)
    node.settle()
    assert is_pledged(node)


def test_nothing_is_no_envelope(node: Node) -> None:
    """Whoever brings an empty body is told so, and time does not pass for it."""
    size = node.engine.size
    with pytest.raises(MalformedError, match="got nothing"):
        node.record(b"")
    assert node.engine.size == size
