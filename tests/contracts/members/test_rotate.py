"""A member changes its own keys, nobody else's, and is never without one.

Goal: new keys speak, retired ones do not, the last one stays. Method: a member's life with its
keys; every refusal; forged events.
"""

from __future__ import annotations

import pytest

from support.judging import Attempt, Step, play, stops, verdict
from support.town import ALI, BANK, Town, public_key
from tallyport.contracts.members import rotate
from tallyport.contracts.members.admit import id_of
from tallyport.contracts.members.authority import signer
from tallyport.contracts.members.model import KEYS_MAX, Key, PublicKey
from tallyport.contracts.members.rotate import AddKey, KeyAdded, KeyRetired, Refusal, RetireKey
from tallyport.kernel.ids import KeyId, MemberId
from tallyport.kernel.keys import Suite


def key(number: int) -> PublicKey:
    """Return one of many keys."""
    return PublicKey(suite=Suite.ED25519, public_hex=f"{number:064x}")


SM2_POINT = (  # The base point of the curve; any point is a public key.
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
OFF_THE_CURVE = SM2_POINT[:-1] + "1"
FIRST, SECOND = public_key(ALI), key(2)
SM2 = PublicKey(suite=Suite.SM2, public_hex=SM2_POINT)
ADDED: tuple[Step, ...] = ((ALI, AddKey(public_key=SECOND)),)
MANY: tuple[Step, ...] = tuple((ALI, AddKey(public_key=key(n))) for n in range(2, KEYS_MAX + 1))


def retire(one: PublicKey) -> RetireKey:
    """Return the command that ends a key."""
    return RetireKey(key_id=id_of(one))


def test_a_key_follows_another() -> None:
    """Added, both speak; retired, one is silent and its row stays."""
    town = Town()
    play(town, *ADDED, (ALI, AddKey(public_key=SM2)))
    for one in (FIRST, SECOND, SM2):
        known = signer(town.state, id_of(one), ())
        assert known is not None
        assert (known.member, known.suite) == (ALI, one.suite)
    play(town, (ALI, retire(FIRST)))
    assert signer(town.state, id_of(FIRST), ()) is None
    assert not town.row(Key, id_of(FIRST)).is_in_force


ADDING: list[Attempt] = [
    (Refusal.NOT_A_MEMBER, (), MemberId("nobody"), AddKey(public_key=SECOND)),
    (
        Refusal.UNSOUND_KEY,
        (),
        ALI,
        AddKey(public_key=PublicKey(suite=Suite.SM2, public_hex="0" * 64)),
    ),
    (
        Refusal.UNSOUND_KEY,
        (),
        ALI,
        AddKey(public_key=PublicKey(suite=Suite.SM2, public_hex=OFF_THE_CURVE)),
    ),
    (Refusal.KEY_TAKEN, (), ALI, AddKey(public_key=public_key(BANK))),
    (Refusal.KEY_TAKEN, (*ADDED, (ALI, retire(SECOND))), ALI, AddKey(public_key=SECOND)),
    (Refusal.TOO_MANY_KEYS, MANY, ALI, AddKey(public_key=SM2)),
]
RETIRING: list[Attempt] = [
    (Refusal.NOT_FOUND, (), ALI, RetireKey(key_id=KeyId("ed25519:404"))),
    (Refusal.NOT_OWN, (), ALI, retire(public_key(BANK))),
    (Refusal.NOT_OWN, (*ADDED, (ALI, retire(SECOND))), ALI, retire(SECOND)),
    (Refusal.LAST_KEY, (), ALI, retire(FIRST)),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), [*ADDING, *RETIRING])
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: AddKey | RetireKey
) -> None:
    """One line of ADDING or RETIRING."""
    town = Town()
    play(town, *steps)
    decide = rotate.decide_add if isinstance(command, AddKey) else rotate.decide_retire
    assert verdict(town, decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """The tables follow the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in [*ADDING, *RETIRING])) == list(Refusal)


def test_a_member_is_never_mute() -> None:
    """MEM-ROTATE-1: a forged retirement of the last key stops the replay."""
    town = Town()
    stops(town, "MEM-ROTATE-1", KeyRetired(key_id=id_of(FIRST)))
    play(town, *ADDED)
    stops(town, "MEM-ROTATE-1", KeyRetired(key_id=id_of(SECOND)), KeyRetired(key_id=id_of(FIRST)))


def test_a_key_is_nobody_elses() -> None:
    """MEM-ROTATE-2: a forged event cannot move a member's key, nor retire what is not in force."""
    town = Town()
    moved = KeyAdded(member=BANK, public_key=FIRST, at=town.at)
    stops(town, "MEM-ROTATE-2", moved)
    stops(town, "MEM-ROTATE-2", KeyRetired(key_id=KeyId("ed25519:404")))
