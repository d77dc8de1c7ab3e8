"""What others encrypt to: a member shows it, changes it, and nobody shows it for another.

Goal: the last key counts and is one of its scheme. Method: the contract in a town, every refusal,
a forged event.
"""

from __future__ import annotations

import pytest

from support.judging import Attempt, Step, play, stops, verdict
from support.town import ALI, BANK, Town
from tallyport.contracts.members import encryption
from tallyport.contracts.members.encryption import (
    EncryptionKey,
    EncryptionKeyPublished,
    PublishEncryptionKey,
    Refusal,
    Scheme,
)
from tallyport.kernel.ids import MemberId

BASE_POINT = (
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
FIRST = PublishEncryptionKey(scheme=Scheme.X25519, public_hex="ab" * 32)
SECOND = PublishEncryptionKey(scheme=Scheme.SM2, public_hex=BASE_POINT)
DONE: tuple[Step, ...] = ((ALI, FIRST),)


def test_the_last_one_counts() -> None:
    """From one scheme to the other; each member has its own."""
    town = Town()
    play(town, *DONE)
    assert town.row(EncryptionKey, ALI).scheme is Scheme.X25519
    play(town, (ALI, SECOND), (BANK, SECOND))
    row = town.row(EncryptionKey, ALI)
    assert (row.scheme, row.public_hex, row.since) == (Scheme.SM2, BASE_POINT, town.at)


UNSOUND = [
    (Scheme.X25519, ""),
    (Scheme.X25519, "ab" * 31),
    (Scheme.X25519, "AB" * 32),
    (Scheme.X25519, "abc"),
    (Scheme.X25519, "00" * 32),
    (Scheme.X25519, BASE_POINT),
    (Scheme.SM2, "ab" * 32),
    (Scheme.SM2, "04" * 65),
]
ATTEMPTS: list[Attempt] = [
    (Refusal.NOT_A_MEMBER, (), MemberId("nobody"), FIRST),
    *(
        (Refusal.UNSOUND_KEY, (), ALI, PublishEncryptionKey(scheme=scheme, public_hex=text))
        for scheme, text in UNSOUND
    ),
    (Refusal.SAME_KEY, DONE, ALI, FIRST),
]


@pytest.mark.parametrize(("reason", "steps", "actor", "command"), ATTEMPTS)
def test_it_refuses(
    reason: Refusal, steps: tuple[Step, ...], actor: MemberId, command: PublishEncryptionKey
) -> None:
    """One line of ATTEMPTS."""
    town = Town()
    play(town, *steps)
    assert verdict(town, encryption.decide, actor, command) is reason


def test_every_refusal_is_tried_in_order() -> None:
    """ATTEMPTS follows the enum, so the enum's order is the order that clients are told."""
    assert list(dict.fromkeys(reason for reason, *_ in ATTEMPTS)) == list(Refusal)


def test_a_forged_change_that_is_none_stops_the_replay() -> None:
    """MEM-ENCRYPT-1."""
    town = Town()
    play(town, *DONE)
    event = EncryptionKeyPublished(
        member=ALI, scheme=Scheme.X25519, public_hex=FIRST.public_hex, at=town.at
    )
    stops(town, "MEM-ENCRYPT-1", event)
